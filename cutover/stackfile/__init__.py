"""The stack's config file, `Pulumi.<stack>.yaml`: reading it, finding it, editing it in place."""

from cutover.stackfile.view import COLORS, ServiceView, StackView, other, read_view

__all__ = ["COLORS", "ServiceView", "StackView", "other", "read_view"]
