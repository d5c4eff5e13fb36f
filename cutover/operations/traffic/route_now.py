"""A canary's share taken away past the engine: for when the file or the engine is in the way, and users meet a bad one.

The weights are moved as the program moves them: where the route is as it was read, and each entry too. What the file
says is another thing then, and has to be said.
"""

from typing import TYPE_CHECKING
from urllib.parse import quote

from contract.ownership import FIELD_MANAGER
from contract.releases import COLORS, color_service_name
from contract.weights import OWN_RULE, UnfitRoute, patch, shares_of
from cutover.errors import DriverError, GateRefused
from cutover.observe import look
from cutover.observe.connection import Refused
from cutover.observe.routes import route_name
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
    name = route_name(service) or ""
    path = f"/apis/gateway.networking.k8s.io/v1/namespaces/{view.namespace}/httproutes/{quote(name, safe='')}"
    wanted = shares_of({color: color_service_name(service.name, color) for color in COLORS}, service.active, 0)
    rule = service.route.get("rule") if service.route.get("http_route") else OWN_RULE
    for _ in range(TRIES):
        try:
            operations = patch(api.json("GET", path), wanted, rule)
        except UnfitRoute as unfit:
            raise DriverError(f"{service.name}: the HTTPRoute {name} does not fit: {unfit.what}", unfit.fix) from None
        if not operations:
            return False
        try:
            api.json(
                "PATCH",
                path,
                params={"fieldManager": FIELD_MANAGER},
                body=operations,
                content_type="application/json-patch+json",
            )
        except Refused as refused:
            if refused.status not in _CHANGED:
                raise
        else:
            return True
    raise DriverError(f"{service.name}: the HTTPRoute {name} changed {TRIES} times while its weights were to be set")
