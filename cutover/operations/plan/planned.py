"""A preview's steps as a plan in words: per service, and in order."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from contract.checks import CHECKS
from contract.text import one_line
from contract.words import NOT_ASKED, counted
from cutover.engine.records import Step
from cutover.observe.roles import after_switch
from cutover.observe.scale_down import kept_for
from cutover.operations.plan.pod_shares import PodSharesPlan, pod_shares_plan
from cutover.operations.plan.record import ServicePlan
from cutover.operations.plan.shares import SharesPlan, shares_plan
from cutover.output.steps import canary_of, shares_of, switch_of
from cutover.stackfile import ServiceView
from cutover.strategies.releases import describe

if TYPE_CHECKING:
    from cutover.observe import ServiceStatus

LONGEST = 200  # characters of a program's words
_ROLLED = ("Deployment", "StatefulSet")
_VERBS = {
    "create": "create",
    "create-replacement": "create",
    "update": "change",
    "delete": "delete",
    "delete-replaced": "delete",
    "import": "import",
}


def service_plan(service: ServiceView, seen: "ServiceStatus | None", steps: Iterable[Step]) -> ServicePlan:
    """The plan of one service. `seen` is None where the cluster is not known."""
    mine = [step for step in steps if step.service == service.name]
    switch = next((text for step in mine if (text := switch_of(step))), None)
    there = seen.live if seen else None
    warnings = []
    if seen and seen.live_color and seen.live_color != service.active and not switch:
        warnings.append(
            f"{service.name}: {seen.live_color} takes the traffic, the file says {service.active}; `up` switches back"
        )
    if switch:
        traffic = f"switches {switch}, after the gates"
    elif there is None and seen is not None:
        traffic = "begins"
    elif service.follows and any(step.kind in _ROLLED and step.changes for step in mine):
        traffic = service.follows
    else:
        traffic = "stays where it is"
    goes = traffic != "stays where it is"
    by_route, by_pods = shares_plan(service, seen), pod_shares_plan(service, seen)
    shares = by_route or by_pods
    shared = bool(shares and shares.grows and not switch and there)  # the idle color is to meet users
    if shares and (there or seen is None):
        traffic = _shared(shares, traffic if switch else "")
    asked = switch or shared or service.follows
    if shared:  # before its first share; what comes after a cutover does not come
        jobs = _jobs(seen, service.idle, ("first share", ""), goes=True)
    else:
        jobs = _jobs(seen, service.serving_slot(service.active), service.job_moments, goes=goes)
    live = f"{service.active} " if service.active else ""
    would, beside, waiting = service.served, service.beside_served, service.pods_wanted(service.idle)
    return ServicePlan(
        name=service.name,
        strategy=service.strategy,
        live=_live(service, seen),
        would_be=f"{live}{describe(would)}, {_pods(service.replicas, service.scaled)}",
        beside=f"{service.idle} {describe(beside)}, {_pods(waiting, service.scaled_beside)}" if beside else None,
        traffic=traffic,
        switch=switch,
        shares=by_route,
        canary=by_pods,
        gates=tuple(_gates(seen, mine)) if seen and asked and mine_changes(mine) else (),
        jobs=tuple(jobs),
        later=_later(service, seen, switch),
        metadata=(after_switch(service) or None) if switch else None,
        warnings=tuple(warnings),
    )


def _pods(number: int, scaled: bool) -> str:
    return f"{counted(number, 'pod')} or more" if scaled else counted(number, "pod")


def _later(service: ServiceView, seen: "ServiceStatus | None", switch: str | None) -> str | None:
    """When the color that was left, or that the plan would leave, is scaled down."""
    kept = kept_for(service)
    if switch and kept and service.switches:
        return (
            f"{service.idle} will be scaled down to {counted(service.standby_replicas, 'pod')} {kept} after the switch"
        )
    return str(seen.scale_down) if seen and seen.scale_down and kept else None


def mine_changes(steps: Iterable[Step]) -> bool:
    """Whether any of the steps changes an object."""
    return any(step.changes for step in steps)


def order_of(steps: Iterable[Step]) -> list[str]:
    """The changes in the order in which they would be made, each once, in words."""
    found = []
    for step in steps:
        if step.moment != "begins" or not step.changes or step.op not in _VERBS:
            continue
        if switch := switch_of(step):
            found.append(f"switch Service {step.name}: {switch}")
        elif shared := shares_of(step):
            found.append(f"set the shares of route {shared}")
        elif canary := canary_of(step):
            found.append(f"set the canary of {step.service}: {canary}")
        else:
            found.append(f"{_VERBS[step.op]} {step.kind} {step.name}{_scaled(step)}")
    return found


def _gates(seen: "ServiceStatus", mine: Iterable[Step]) -> list[str]:
    """The gates in words. Of a release that served, the program knows whether it is as it was then, and says so."""
    said = next((step.text for step in mine if step.moment == "says" and NOT_ASKED in step.text), "")
    why = f"not asked:{one_line(said, LONGEST).partition(f'{NOT_ASKED}:')[2]}" if said else ""
    skipped = {kind.key for kind in CHECKS if kind.skipped_where_served and why}
    return [f"{gate.says}; {why}" if gate.key in skipped else gate.says for gate in seen.gates]


def _shared(shares: SharesPlan | PodSharesPlan, switch: str) -> str:
    """The traffic of a service with shares: what becomes of them, beside a `switch`."""
    if switch:
        return f"{switch}; {shares}"
    if shares.stays:
        return f"stays where it is: {shares}"
    return f"{shares}, after the gates" if shares.grows else str(shares)


def _jobs(seen: "ServiceStatus | None", slot: str, ends: tuple[str, str], *, goes: bool) -> list[str]:
    """What becomes of the Jobs around a release; `goes` tells that it begins to serve. `ends` are what one comes
    before, and the other after; without a name of the latter it does not come.
    """
    color = seen.colors.get(slot) if seen else None
    before, after = ends
    found = []
    for job in color.jobs if color else ():
        first = job.setting == "before_cutover"
        when = f"before the {before}" if first else f"once the {after} is complete"
        if not (first or after):
            continue
        if job.state == "done":
            found += [f"{job.setting}: done for this release"] if goes else []
        elif goes or not first:
            found.append(f"{job.setting}: would run {when}")
    return found


def _scaled(step: Step) -> str:
    old, new = ((inputs or {}).get("spec") or {} for inputs in (step.old, step.new))
    before, after = old.get("replicas"), new.get("replicas")
    if step.kind not in (*_ROLLED, "ReplicaSet") or before == after:
        return ""
    if before is None:
        return f" with {counted(after, 'pod')}" if isinstance(after, int | float) else ""
    return f", {counted(before, 'pod')}" if after is None else f": {before:g} -> {counted(after, 'pod')}"


def _live(service: ServiceView, seen: "ServiceStatus | None") -> str | None:
    if seen is None:
        return "not known"
    if seen.live is None:
        return None
    color = f"{seen.live.color} " if service.switches else ""
    return f"{color}{seen.live.release}, {seen.live.ready} of {seen.live.wanted} pods ready"
