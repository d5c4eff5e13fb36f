"""Restarting the pods of services: new ones are ready before old ones stop, and nothing that the config says changes.

`kubectl rollout restart` does so for a Deployment under its own surge settings, by a note in the pod template; ours is
one that the program knows as no difference. A ReplicaSet has no rollout: it gets one pod more for the while, and its
pods are evicted one after the other, so that disruption budgets count. A StatefulSet's are too, without one more.
"""

from collections.abc import Sequence

from contract.words import counted
from cutover.errors import GateRefused, UsageError
from cutover.observe import Api, ServiceStatus, access_of, look
from cutover.operations.choice import any_of
from cutover.operations.command.run import Run
from cutover.operations.restart.renew import Renewal, Workload
from cutover.operations.traffic.roles import give_roles
from cutover.output.result import Result
from cutover.stackfile import ServiceView, StackView

_OTHERS = {"replica-set": ("replicasets",), "stateful-set": ("statefulsets",)}


def restart(run: Run, names: Sequence[str]) -> Result:
    """Restart all pods of the services, those of an idle color first. Raises GateRefused where something of a service
    is not as the config says, or is not ours to restart; TimedOut; ClusterUnreachable.
    """
    chosen = _chosen(run.view, names)
    with Api(access_of(run.view)) as api:
        status = run.remember(look(api, run.view))
        for service in chosen:
            _check(service, status[service.name])
        plans = {service.name: _workloads(run, api, service, status[service.name]) for service in chosen}
        counts = {name: sum(one.replicas for one in plan) for name, plan in plans.items()}
        stopped: dict[str, list[str]] = {name: [] for name in plans}
        run.note(restarted=stopped)
        run.confirm(
            "restart " + ", ".join(f"{name}, {counted(count, 'pod')} in turn" for name, count in counts.items())
        )
        for service in chosen:
            for workload in plans[service.name]:
                run.check_stopping()
                Renewal(run, api, service, workload, stopped[service.name]).run()
                if late := give_roles(api, run.view.namespace, service, status[service.name]):
                    run.report.say(
                        f"{service.name}: {late} pods lack the metadata of their role; the next `up` gives it"
                    )
        seen = look(api, run.view)
    lines = [_said(service.name, counts[service.name], seen[service.name]) for service in chosen]
    return Result("restart", run.stack, 0, run.changed, tuple(lines), details=run.details)


def _chosen(view: StackView, names: Sequence[str]) -> list[ServiceView]:
    """The services that are named, of any kind; members of a group need not restart together. Raises UsageError."""
    if not names and len(view.services) != 1:
        known = ", ".join(view.services) or "none"
        raise UsageError(f"no service is named; {view.name} has: {known}", "name one, or several")
    return [any_of(view, name) for name in dict.fromkeys(names or view.services)]


def _check(service: ServiceView, seen: ServiceStatus) -> None:
    if not seen.healthy or seen.lost:
        found = "; ".join([*seen.drift, *filter(None, [seen.lost, seen.reason])]) or "it is not deployed"
        raise GateRefused(
            f"{service.name}: {found}: nothing was restarted, as no more may be missing",
            "`cutover up` settles what differs; `cutover status` shows when all is well",
        )
    if service.by_label and service.weight:
        raise GateRefused(
            f"{service.name}: a share of its users is on pods that were picked one by one, and new pods would not have "
            "it; nothing was restarted",
            f"end the canary first: `cutover promote {service.name} --weight 0`",
        )


def _workloads(run: Run, api: Api, service: ServiceView, seen: ServiceStatus) -> list[Workload]:
    """What has pods of the service, what serves last. Raises GateRefused for what was adopted."""
    found = []
    for kind in ("deployments", *_OTHERS.get(str(service.settings.get("workload")), ())):
        path = f"/apis/apps/v1/namespaces/{run.view.namespace}/{kind}"
        found += [Workload(f"{path}/{item['metadata']['name']}", kind, item) for item in api.items(path)]
    made: list[tuple[bool, Workload]] = []
    for color in seen.colors.values():
        if not color.wanted:
            continue
        mine = [one for one in found if one.is_of(service.name, service.color_of(color.color))]
        mine = [one for one in mine if one.revision == color.revision]
        if not mine:
            raise GateRefused(
                f"{service.called(color.color)} was adopted, and its Deployment is left as it is; nothing was "
                "restarted",
                f"have its owner restart it, or `cutover release {service.name}` with the same version and a "
                "higher build",
            )
        if any(one.kind == "statefulsets" and one.replicas == 1 for one in mine) and "port" in service.settings:
            raise GateRefused(
                f"{service.name} is one pod of a StatefulSet, and nobody would answer while it restarts; nothing was "
                "restarted",
                f"set `replicas: 2` for {service.name} and `cutover up`, or release it anew when that can be borne",
            )
        made += [(color.role == "live", one) for one in mine]
    return [one for _, one in sorted(made, key=lambda pair: pair[0])]


def _said(name: str, count: int, seen: ServiceStatus) -> str:
    ready = ", ".join(f"{one.color} {one.ready} of {one.wanted}" for one in seen.colors.values() if one.wanted)
    return f"{name}: {counted(count, 'pod')} restarted in turn; ready now: {ready}"
