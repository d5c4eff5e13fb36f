"""The status of a stack as lines of a tree, each with a style for terminals. Symbols and words carry the meaning."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from contract.images import digest_in
from cutover.observe.records import ColorStatus, JobStatus, KeptStatus, PodStatus, ServiceStatus
from cutover.observe.shares import PodShares, RouteStatus

_SYMBOLS = {"healthy": "✔", "paused": "॥", "progressing": "◌", "degraded": "✖"}
_JOBS = {"done": "✔", "running": "◌", "failed": "✖", "waiting": "•"}
_STYLES = {
    "healthy": "green",
    "paused": "green",
    "progressing": "yellow",
    "degraded": "red",
}


@dataclass(frozen=True)
class Line:
    """One line, and the rich style that a terminal may give it."""

    text: str
    style: str = ""


def tree(
    stack: str, namespace: str, services: Mapping[str, ServiceStatus], run: str = "", *, provenance: bool = False
) -> list[Line]:
    """The whole stack, and the run that holds it; with `provenance` also where each release came from."""
    if not services:
        said = "no services in its config (cutover:services); a program's own are not looked at"
        return [Line(f"{stack}  {said}", "bold")]
    lines = [Line(f"{stack}  namespace {namespace}", "bold")]
    if run:
        lines.append(Line(f"a run is under way: {run}", "yellow"))
    for service in services.values():
        lines += _service(service, provenance=provenance)
    return lines


def age(seconds: float) -> str:
    """A duration as kubectl writes it: `45s`, `12m`, `3h`, `9d`."""
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * length:
            return f"{int(seconds // length)}{unit}"
    return f"{int(seconds)}s"


def _service(service: ServiceStatus, *, provenance: bool) -> Iterator[Line]:
    wanted = f", config wants {service.active_color}" if service.live_color != service.active_color else ""
    live = f"live {service.live_color or 'nothing'}{wanted}" if service.active_color else service.strategy
    group = f"  group {service.group}" if service.group else ""
    state = service.state
    yield Line(f"{service.name}  {_SYMBOLS[state]} {state}  {live}{group}", f"bold {_STYLES[state]}".strip())
    if state == "degraded":
        yield Line(f"│  {service.reason}", _STYLES[state])
    branches = [_color(color, provenance=provenance) for color in service.colors.values()]
    branches += [[_kept(one)] for one in service.kept if not one.missing]
    if service.route:
        branches.append([_route(service.route)])
    if service.canary:
        branches.append([_canary(service.canary)])
    if service.scale_down:
        branches.append([Line(str(service.scale_down), "yellow" if service.scale_down.due else "dim")])
    branches += [[Line(str(one), "dim" if one.settled else "yellow")] for one in service.roles]
    if service.no_rollback_past:
        branches.append([Line(f"no rollback past {service.no_rollback_past}", "yellow")])
    branches.append([Line(f"gates: {'; '.join(map(str, service.gates))}", "dim")])
    for difference in service.differences:
        what = f"⚠ {difference.what}: config {difference.desired}, cluster {difference.actual}"
        branches.append([Line(what, "yellow"), Line(f"fix: {difference.settle}", "yellow")])
    for number, branch in enumerate(branches, start=1):
        last = number == len(branches)
        first, *rest = branch
        yield Line(f"{'└─' if last else '├─'} {first.text}", first.style)
        yield from (Line(f"{'   ' if last else '│  '}{line.text}", line.style) for line in rest)


def _color(color: ColorStatus, *, provenance: bool) -> list[Line]:
    if color.role == "absent" and not color.pods:
        return [Line(f"{color.color:<7} {color.release}  • not there")]
    good = color.ready >= color.wanted
    symbol = "✔" if good and color.wanted else "•" if good else "✖"
    head = f"{color.color:<7} {color.release}  {color.role}  {symbol} {color.ready}/{color.wanted} pods ready"
    if color.serving:
        head += f", {', '.join(color.serving)} serves"
    pods = [
        Line(f"{'└─' if number == len(color.pods) else '├─'} {_pod(pod)}", "" if pod.ready else "yellow")
        for number, pod in enumerate(color.pods, start=1)
    ]
    origin = [Line(text, "dim") for text in _origin(color)] if provenance else []
    return [Line(head, "" if good else "red"), *origin, *map(_job, color.jobs), *pods]


def _kept(kept: KeptStatus) -> Line:
    good = kept.ready >= kept.wanted
    symbol = "✔" if good and kept.wanted else "•" if good else "✖"
    text = f"{'kept':<7} {kept.release}  standby  {symbol} {kept.ready}/{kept.wanted} pods ready"
    return Line(text, "" if good else "yellow")


def _route(route: RouteStatus) -> Line:
    symbol, style = ("✖", "red") if route.broken else ("✔", "") if route.settled else ("◌", "yellow")
    return Line(f"route   {route.name}  {symbol} {route}", style)


def _canary(canary: PodShares) -> Line:
    symbol, style = ("✔", "") if canary.settled else ("◌", "yellow")
    return Line(f"canary  {symbol} {canary}", style)


def _job(job: JobStatus) -> Line:
    ended = f"  {job.ended:%Y-%m-%d %H:%M:%S}Z" if job.ended else ""
    because = f": {job.reason}" if job.reason else ""
    style = {"failed": "red", "running": "yellow"}.get(job.state, "")
    return Line(f"{job.setting} Job {_JOBS[job.state]} {job.state}{because}{ended}", style)


def _origin(color: ColorStatus) -> Iterator[str]:
    ids = [digest_in(found) or f"{found} (digest of its config: from no registry)" for found in color.image_ids]
    known, by = color.origin, color.origin.get("deployedBy")
    said = {
        "image": color.image,
        "runs" if color.pods else "ran": ", ".join(i for i in ids if i != digest_in(color.image)),
        "commit": known.get("commit"),
        "repository": known.get("repository"),
        "deployed": ", ".join(filter(None, (by and f"by {by}", known.get("deployedAt"), known.get("run")))),
        "update": color.update,
        "stack": known.get("stack"),
        "config": known.get("configDigest") and f"digest {known['configDigest']}",
    }
    return (f"{label:<11} {value}" for label, value in said.items() if value)


def _pod(pod: PodStatus) -> str:
    state = "✔ ready" if pod.ready else f"✖ {pod.reason}"
    restarts = f"  restarts {pod.restarts}" if pod.restarts else ""
    return f"{pod.name}  {state}{restarts}  {age(pod.age_seconds)}"
