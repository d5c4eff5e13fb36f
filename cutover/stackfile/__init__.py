"""The stack's config file, `Pulumi.<stack>.yaml`: reading it, finding it, editing it in place."""

from cutover.stackfile.fronts import SERVICES, FrontView
from cutover.stackfile.view import ServiceView, StackView, read_view

__all__ = ["SERVICES", "FrontView", "ServiceView", "StackView", "read_view"]
