"""`route`: users who come by a route that exists are sent to the two colors in place of the live Service, and back.

The route serves meanwhile, so it is written once, as it was read, and only where both ends send to the very same pods.
The file has the key before the route names the colors, and until it does not any more: with a route that names a color
and a file that knows nothing of it, a cutover would leave its users behind.
"""

from collections.abc import Mapping
from typing import Any

from contract.releases import COLORS, color_service_name, other
from contract.route_entries import UnfitRoute
from contract.route_kinds import ROUTE_KINDS, RouteRef, kind_that_exists, route_ref, weighed_rule
from cutover.doctor.program import check_config, needed_python
from cutover.errors import ClusterUnreachable, DriverError, GateRefused, UsageError
from cutover.observe import Api, access_of, look
from cutover.observe.connection import Refused
from cutover.observe.endpoints import read_endpoints
from cutover.operations.choice import one_of
from cutover.operations.command.run import Run
from cutover.operations.route.edits import Edit, Ends, to_colors, to_live
from cutover.operations.up.change import commit
from cutover.operations.up.commit import check_repository
from cutover.output.result import Result
from cutover.stackfile import ServiceView, StackView
from cutover.stackfile.edit import ABSENT
from cutover.stackfile.lock import held

TRIES = 3
_CHANGED = (409, 422)  # what a `test` of the patch is answered with that does not hold any more


def route(run: Run, name: str | None, asked: Mapping[str, Any], *, back: bool) -> Result:
    """Have the route send to the colors, or `back` to the live Service. `asked` is what the command line says of it;
    the file's, where it says nothing. Raises UsageError, GateRefused, DriverError, ClusterUnreachable.
    """
    service = _chosen(run.view, name)
    wanted = _wanted(service, asked)
    if back and service.exposed:
        raise UsageError(
            f"{service.name}: {service.idle} has a share of the route, which the live Service does not have",
            f"`cutover promote {service.name} --weight 0` takes it back",
        )
    ref, ends = route_ref(wanted, service.name), _ends(service)
    with Api(access_of(run.view)) as api:
        _check(run, api, service, ends)
        edit = _edit(api, run.view, ref, ends, wanted, back=back)
        _check_ports(api, run.view, ends, edit)
        file = {(*service.home, "route"): ABSENT if back else dict(wanted)}
        if back and "canary" in service.settings:
            file[*service.home, "canary"] = ABSENT
        writes = back or dict(service.route or {}) != dict(wanted)
        if not (edit.operations or writes):
            said = f"{service.name}: {ref} sends to {ends.active} and {ends.idle} already"
            return Result("route", run.stack, 0, False, (said,))
        what = _said(service, ref, ends, edit, run.file.path.name, back=back)
        run.note(service=service.name, route=str(ref), rules=list(edit.rules), operations=list(edit.operations))
        run.confirm(what)
        with held(run.file.path):
            if run.options.commit:
                check_repository(run.file.path)
            run.check_stopping()
            if back:
                with run.sheltered():
                    _write(api, run.view, ref, ends, wanted, back=True)
                    run.changed = True
                    run.file.set(file)
            else:
                _take(run, api, ref, ends, wanted, file if writes else {})
            commit(run, what)
    return Result("route", run.stack, 0, True, (what, "next: cutover up"), details=run.details)


def _take(run: Run, api: Api, ref: RouteRef, ends: Ends, wanted: Mapping[str, Any], file: Mapping[Any, Any]) -> None:
    """The file first, and as it was where the program refuses it or the route was not written. Where nothing tells
    whether it was, the file keeps the key: an `up` then refuses, or goes on.
    """
    python = needed_python(run.view.project)
    with run.sheltered():
        run.file.set(file)
        try:
            checked = check_config(python, run.view)
            if checked.good is False:
                raise UsageError(f"{run.file.path.name} is as it was\n{checked.said}", "mend what is said, then again")
            _write(api, run.view, ref, ends, wanted, back=False)
        except DriverError as error:
            if not isinstance(error, ClusterUnreachable) or isinstance(error, Refused):
                run.file.restore()
            raise
        run.changed = True


def _chosen(view: StackView, name: str | None) -> ServiceView:
    """The service that is named, or the only one that has a route which exists. Raises UsageError."""
    if name is not None:
        return one_of(view, name)
    found = [one for one in view.switching.values() if one.route and kind_that_exists(one.route)]
    if len(found) != 1:
        known = ", ".join(view.switching) or "none"
        raise UsageError(f"no service is named; blue/green ones of {view.name}: {known}", "name one")
    return found[0]


def _wanted(service: ServiceView, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the file is to say of the route. Raises UsageError."""
    there = dict(service.route or {})
    keys = [kind.key for kind in ROUTE_KINDS if asked.get(kind.key)]
    given = {key: value for key, value in asked.items() if value is not None}
    if there and kind_that_exists(there) is None:
        raise UsageError(
            f"{service.name} has a route of its own, which goes with the stack", "it sends to both colors as it is made"
        )
    if len(keys) > 1 or not (keys or there):
        raise UsageError(
            f"{' and '.join(keys) + ' are given' if keys else 'no route is given'}, and {service.name} has one",
            "name it: --http-route, --grpc-route or --virtual-service",
        )
    if there and any(there.get(key) != value for key, value in given.items()):
        raise UsageError(
            f"{service.name} has {route_ref(there, service.name)} as its route in the file, and another is asked for",
            "leave the options out, or give that one back first (--back)",
        )
    return there or given


def _ends(service: ServiceView) -> Ends:
    own = {color: color_service_name(service.name, color) for color in COLORS}
    active = next(color for color in COLORS if color == service.active)
    return Ends(service.name, own[active], own[other(active)])


def _check(run: Run, api: Api, service: ServiceView, ends: Ends) -> None:
    """Both ends send to the same pods, which are ready, and both colors have their Service. Raises GateRefused."""
    seen = run.remember(look(api, run.view))[service.name]
    if seen.live_color != service.active:
        raise GateRefused(
            f"{service.name}: {run.file.path.name} has {service.active} active, and {seen.live_color or 'nothing'} is "
            "live; the route was not touched",
            "`cutover up` first",
        )
    same = read_endpoints(api, run.view.namespace, (ends.live, ends.active))
    if isinstance(same[ends.live], str) or not same[ends.live] or same[ends.live] != same[ends.active]:
        told = "; ".join(f"{one}: {_pods(found)}" for one, found in same.items())
        raise GateRefused(
            f"{service.name}: the live Service and that of {service.active} do not send to the same pods ({told}); the "
            "route was not touched",
            "`cutover status` shows what is not ready; then again",
        )


def _pods(found: Any) -> str:
    return found if isinstance(found, str) else ", ".join(sorted(found)) or "none"


def _check_ports(api: Api, view: StackView, ends: Ends, edit: Edit) -> None:
    """Every Service of the new end is there, and has the ports of the entries. Raises GateRefused."""
    for name in (ends.live, ends.active, ends.idle) if edit.operations else ():
        try:
            spec = api.json("GET", f"/api/v1/namespaces/{view.namespace}/services/{name}")["spec"]
        except Refused as refused:
            if refused.status != 404:
                raise
            raise GateRefused(
                f"{ends.live}: there is no Service {name}, which the route is to name; the route was not touched",
                f"`cutover release {ends.live}` puts a release on the other color, and its Service with it",
            ) from None
        if missing := sorted(edit.ports - {one["port"] for one in spec.get("ports") or []}):
            raise GateRefused(
                f"{ends.live}: the route sends to port {missing[0]}, which the Service {name} has not: it is as it was",
                f"have the route send to a port that {name} has (`service_port`, `ports`)",
            )


def _edit(api: Api, view: StackView, ref: RouteRef, ends: Ends, wanted: Mapping[str, Any], *, back: bool) -> Edit:
    try:
        found = api.json("GET", ref.path(view.namespace))
        return (to_live if back else to_colors)(found, ends, weighed_rule(wanted))
    except Refused as refused:
        if refused.status != 404:
            raise
        raise UsageError(f"there is no {ref} in {view.namespace}", "name one that exists") from None
    except UnfitRoute as unfit:
        raise GateRefused(f"{ends.live}: the {ref} does not fit: {unfit.what}; it was not touched", unfit.fix) from None


def _write(api: Api, view: StackView, ref: RouteRef, ends: Ends, wanted: Mapping[str, Any], *, back: bool) -> None:
    """Write the route as it is now. Raises DriverError where it cannot be."""
    said = ""
    for _ in range(TRIES):
        edit = _edit(api, view, ref, ends, wanted, back=back)
        if not edit.operations:
            return
        try:
            api.amend(ref.path(view.namespace), edit.operations)
        except Refused as refused:
            if refused.status not in _CHANGED:
                raise
            said = refused.what
        else:
            return
    raise DriverError(
        f"{ends.live}: the {ref} was not changed, in {TRIES} tries: {said}",
        f"look who writes it (`kubectl get {ref.kind.singular} {ref.name} -n {view.namespace} -o yaml "
        "--show-managed-fields`), then again",
    )


def _said(service: ServiceView, ref: RouteRef, ends: Ends, edit: Edit, file: str, *, back: bool) -> str:
    rules = ", ".join(f"rule {one}" for one in edit.rules)
    if back:
        moved = f"{rules} of {ref} sends to {ends.live} in place of {ends.active}" if rules else f"{ref} stays as it is"
        return f"{service.name}: {moved}, and {file} has no route"
    moved = f"{rules} of {ref} sends to {ends.active} 100, {ends.idle} 0 in place of {ends.live}"
    return f"{service.name}: {moved if rules else f'{ref} stays as it is'}, and {file} has the route"
