"""A canary's weight as an edit of the stack's file: one key, one `up`."""

import time
from collections.abc import Sequence

from contract.pod_shares import said
from cutover.errors import DriverError, UsageError
from cutover.operations.canary.members import refuse_unfit, sharing
from cutover.operations.choice import services
from cutover.operations.command.run import Run
from cutover.operations.up.change import change
from cutover.output.result import Result
from cutover.stackfile import ServiceView, StackView
from cutover.stackfile.edit import ABSENT
from cutover.strategies.releases import describe

GATEWAY_SECONDS = 3.0
"""How long an end waits for what a gateway says of a route that was changed a moment ago."""


def refuse_beside(view: StackView, names: Sequence[str]) -> None:
    """A rollback moves between colors that stand still. Raises UsageError where the file gives one a share."""
    for service in view.services.values():
        if service.exposed and (not names or {service.name, service.unit} & {*names}):
            copies = f"copies of {service.mirror} % of the route,"
            share = f"{service.weight} % of the route," if service.weight else copies
            has = f"a canary, {service.canary_pods} of its pods," if service.canary_pods else share
            raise UsageError(
                f"{service.name}: {service.idle} has {has} and would be gone back to",
                f"`cutover promote {service.unit} --weight 0` takes the canary back",
            )


def refuse_at_once(chosen: Sequence[ServiceView]) -> None:
    """`--now` moves live Services alone. Raises UsageError for a service whose users come by a route."""
    if by_route := [service.name for service in chosen if "route" in service.settings]:
        names = " ".join(by_route)
        raise UsageError(
            f"{names}: users come by a route, which --now does not move; they would stay on the release that is to go",
            f"`cutover rollback {names}`: its `up` moves route and Service, and asks for readiness alone",
        )


def settled(run: Run, service: ServiceView) -> str | None:
    """The proof that the route, or the endpoints, have what the file says; None where a run that did not end left it
    otherwise, or somebody else has written it since. Raises UsageError, ClusterUnreachable.
    """
    seen = run.live()[service.name]
    if seen.live_color is None or (service.route and seen.route is None):
        raise UsageError(f"{service.name} is not deployed yet", "`cutover up` deploys it, with the shares of the file")
    if seen.route:
        return f"{service.name}: {seen.route} in route {seen.route.name} already" if seen.route.settled else None
    if seen.canary is None and not service.weight:
        return f"{service.name}: no pod of {service.idle} gets new connections already"
    return f"{service.name}: {seen.canary} already" if seen.canary and seen.canary.settled else None


def set_weight(run: Run, names: Sequence[str], weight: int, beside: Sequence[str] = ()) -> Result:
    """Give the idle color so many percent of the route, or of new connections; 0 takes the canary out. Of a group all
    members get it. `beside` are options that were given with it. Raises UsageError.
    """
    if beside:
        raise UsageError(
            f"--weight stands with {', '.join(beside)}, which are of a cutover", "give it alone, for one service"
        )
    chosen = services(run.view, names)
    for problem in refuse_unfit("--weight", chosen):
        raise UsageError(*problem)
    shared = sharing(chosen)
    service = shared[-1]
    before, color = service.weight, service.idle
    if weight == before and not service.mirror and all(done := [settled(run, one) for one in shared]):
        return Result("promote", run.stack, 0, False, tuple(filter(None, done)))
    for one in chosen:
        if weight and not one.colors.get(color):
            raise UsageError(
                f"{one.name}: {color} has no release to give {weight} % to", f"`cutover release {one.name}` first"
            )
    steps = [step_of(one, weight) for one in shared]
    what = "; ".join(steps)
    run.confirm(what)
    run.note(service=service.unit, color=color, before=before, weight=weight)
    give(run, service, weight, what)
    return Result("promote", run.stack, 0, True, tuple(steps), details=run.details)


def step_of(service: ServiceView, weight: int) -> str:
    """A step in words."""
    if service.mirror and not weight:
        step = f"no longer gets copies of {service.mirror} % of its route"
    else:
        step = f"from {service.weight} to {weight} %" if weight != service.weight else f"at {weight} %, carried on,"
        step = f"{step} of its route" if service.route else f"to {said(service.pods_of(weight), service.replicas)}"
    return f"{service.name}: {service.idle} {describe(service.colors.get(service.idle))} {step}"


def give(run: Run, service: ServiceView, weight: int, message: str) -> None:
    """Give the idle color so many percent; 0 takes the canary out of the file. What fails later in this command leaves
    the file so. Raises what `change` does.
    """
    path = service.canary_path
    given = {(*path, "weight"): weight, (*path, "mirror"): ABSENT} if service.mirror else {(*path, "weight"): weight}
    change(run, given if weight else {path: ABSENT}, {}, message)
    run.file.keep()


def shares_now(run: Run, name: str) -> str:
    """The shares of a service in the cluster now, for the end of a command, whatever that is."""
    end = time.monotonic() + GATEWAY_SECONDS
    try:
        while (seen := run.live()[name]).route and seen.route.unknown and time.monotonic() < end:
            time.sleep(GATEWAY_SECONDS / 6)
    except DriverError as error:
        return f"{name}: what it has in the cluster now is not known: {error.what.splitlines()[0]}"
    shares = f"; route {seen.route.name}: {seen.route}" if seen.route else f"; {seen.canary}" if seen.canary else ""
    return f"{name}: {seen.live_color or 'nothing'} is live{shares}"
