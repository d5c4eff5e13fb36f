"""The stack's config file, `Pulumi.<stack>.yaml`: reading it, finding it, editing it in place."""

from cutover.stackfile.fronts import SERVICES, FrontView
from cutover.stackfile.view import COLORS, ServiceView, StackView, other, read_view

__all__ = ["COLORS", "SERVICES", "FrontView", "ServiceView", "StackView", "other", "read_view"]
