"""The status of a stack in the cluster, beside what its config says. `live(view)` is the whole of it."""

from cutover.observe.connection import Api, Refused
from cutover.observe.kubeconfig import access_of
from cutover.observe.live import live, look
from cutover.observe.records import ColorStatus, Difference, PodStatus, Role, ServiceStatus

__all__ = [
    "Api",
    "ColorStatus",
    "Difference",
    "PodStatus",
    "Refused",
    "Role",
    "ServiceStatus",
    "access_of",
    "live",
    "look",
]
