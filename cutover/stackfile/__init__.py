"""The stack's config file, `Pulumi.<stack>.yaml`: reading it, finding it, editing it in place."""

from cutover.stackfile.view import COLORS, SERVICES, ServiceView, StackView, other, read_view

__all__ = ["COLORS", "SERVICES", "ServiceView", "StackView", "other", "read_view"]
