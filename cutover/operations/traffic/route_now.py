"""A canary's share taken away past the engine: for when the file or the engine is in the way, and users meet a bad one.

The weights are moved as the program moves them: where the route is as it was read, and each entry too. What the file
says is another thing then, and has to be said.
"""

from typing import TYPE_CHECKING

from contract.releases import COLORS, color_service_name
from contract.route_entries import UnfitRoute
from contract.route_kinds import route_ref, weighed_rule
from contract.weights import patch, shares_of
from cutover.errors import DriverError, GateRefused
from cutover.observe import look
from cutover.observe.connection import Refused
from cutover.stackfile import ServiceView, StackView

if TYPE_CHECKING:
    from cutover.observe.connection import Api

TRIES = 3
_CHANGED = (409, 422)  # what a `test` of the patch is answered with that does not hold any more


def take_back(api: "Api", view: StackView, service: ServiceView) -> bool:
    """Give the active color the whole route of a service; whether that changed it. Raises GateRefused where the active
    color does not serve, DriverError where the route has no place for it or somebody else writes it all the time.
    """
    assert service.route is not None and service.active in COLORS  # noqa: S101, PT018 - who calls has seen a weight in it
    serving = look(api, view)[service.name].colors.get(service.active)
    if serving is None or not serving.ready:
        raise GateRefused(f"{service.name}: no pod of {service.active} is ready to take the users back")
    ref, rule = route_ref(service.route, service.name), weighed_rule(service.route)
    path = ref.path(view.namespace)
    wanted = shares_of({color: color_service_name(service.name, color) for color in COLORS}, service.active, 0)
    for _ in range(TRIES):
        try:
            operations = patch(api.json("GET", path), wanted, rule)
        except UnfitRoute as unfit:
            raise DriverError(f"{service.name}: the {ref} does not fit: {unfit.what}", unfit.fix) from None
        if not operations:
            return False
        try:
            api.amend(path, operations)
        except Refused as refused:
            if refused.status not in _CHANGED:
                raise
        else:
            return True
    raise DriverError(f"{service.name}: the {ref} changed {TRIES} times while its weights were to be set")
