"""The stack's config file, `Pulumi.<stack>.yaml`: reading it, finding it, editing it in place."""

from cutover.stackfile.view import ServiceView, StackView, read_view
from cutover.strategies.fronts import SERVICES, FrontView

__all__ = ["SERVICES", "FrontView", "ServiceView", "StackView", "read_view"]
