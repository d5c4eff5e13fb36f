"""The stack's config file, `Pulumi.<stack>.yaml`: reading it, finding it, editing it in place."""

from cutover.stackfile.view import StackView, read_view
from cutover.strategies.fronts import SERVICES, FrontView
from cutover.strategies.service import ServiceView

__all__ = ["SERVICES", "FrontView", "ServiceView", "StackView", "read_view"]
