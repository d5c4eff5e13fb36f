"""A Deployment or StatefulSet of others, with the Services over it, as the settings of a rolling service.

What decides about traffic gets its typed key: the port, readiness, the pause before the stop, the grace period. All
else of the pod template becomes `pod`, the fragment that makes the original of what the program makes by itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.manifests.content import NOTHING
from components.manifests.pod import pod_template
from components.manifests.probe import PROBES, typed_probe
from components.podspec.diff import fragment_of
from components.rules.errors import ConfigError
from components.rules.problem import Problem
from components.settings.parse import from_fields
from components.settings.pod_rules import SERVICE_PORT, UNPROBED_READY_SECONDS
from components.strategies.rolling.settings import RollingSettings
from components.takeover.beside import beside_settings
from components.takeover.deadline import deadline
from components.takeover.followers import following
from components.takeover.names import new_names, renamed
from components.takeover.own import described
from components.takeover.served import Served, served_of
from components.takeover.sets import of_set
from components.takeover.templates import is_ours, without_null
from components.takeover.typed import with_keys
from components.takeover.whole import check_whole
from components.takeover.workloads import Workload, name_of
from contract.strategies import ROLLING

Json = dict[str, Any]
DEFAULT_GRACE_SECONDS, DEFAULT_DRAIN_SECONDS = 30, 5


@dataclass(frozen=True)
class Taken:
    """The settings of one workload; `container` is the place of the application's own, which the Service `main` sends
    to: the one that its clients ask for, None for a worker. `name` is that of the service. Where nothing tells which
    container answers at the Service's port, `clear` is false and it is the one that `kubectl` takes.
    """

    name: str
    settings: Json
    container: int
    main: str | None
    clear: bool = True


def taken(
    one: Workload, *, release: Callable[[int], tuple[str, str]], build: int = 1, container: str | None = None
) -> Taken:
    """The workload as a rolling service. `release` takes the place of the application's container and says its image
    and version; `container` is the name of that container, which is asked for where no port tells. Raises
    ConfigError where the settings cannot hold it.
    """
    check_whole(one)
    spec = without_null(one.item["spec"])
    wanted = without_null(one.template)
    served = served_of(wanted, one.addressed, container)
    clients = [each for each in one.shared if not each["spec"].get("publishNotReadyAddresses")]  # others are of members
    if clients and not served.service and not one.stateful:
        raise ConfigError(map(_of_others_too, clients))
    wanted = following(wanted, served.service or one.name)
    app = wanted["spec"]["containers"][served.container]
    settings: Json = {"strategy": ROLLING, "replicas": spec.get("replicas", 1), **served.settings}
    settings |= of_set(one) if one.stateful else _of_deployment(spec)
    settings |= deadline(settings, wanted["spec"])
    settings |= _of_stop(wanted["spec"], app)
    if one.services and not served.service:
        settings.setdefault("drain_seconds", DEFAULT_DRAIN_SECONDS)  # somebody calls it, by one of `services`
    readiness = app.get("readinessProbe")
    known = {settings.get("port_name", SERVICE_PORT): served.settings["port"]} if served.settings else {}
    names = {one["name"]: one["containerPort"] for one in app.get("ports") or [] if "name" in one}
    settings["readiness"] = typed_probe(readiness, known, names) if readiness else "none"
    settings |= {f"workload_{part}": entries for part, entries in described(one.item).items()}
    settings |= {"topology_spread": False}
    image, version = release(served.container)
    settings["release"] = {"version": version, "build": build, "image": image}
    parsed = from_fields(RollingSettings, settings, one.name)

    def left(settings: Json) -> Json:
        made = _made(settings)
        fragment = fragment_of(made, _wanted(wanted, served, made))
        from_fields(RollingSettings, settings | {"pod": fragment}, one.name)
        return fragment

    first = {"spec": {**wanted["spec"], "containers": [app]}}
    settings = with_keys(settings, first, left, names)
    if fragment := left(settings):
        settings["pod"] = fragment
    old_names = new_names(wanted["spec"]["containers"], served.container)
    settings = beside_settings(one, served.service, settings, parsed, old_names)
    settings["release"] = settings.pop("release")  # last, as people write it
    return Taken(served.service or one.name, settings, served.container, served.service, served.clear)


def _of_others_too(service: Json) -> Problem:
    """A cutover would take such a Service away from the other workloads."""
    selector = ", ".join(f"{key}={value}" for key, value in service["spec"]["selector"].items())
    return Problem(
        f"Service {name_of(service)}: spec.selector",
        f"{selector} finds the pods of other workloads of these manifests too",
        "the Service would move to the pods of one, and the others would get no traffic any more",
        "give each workload a Service of its own, or make them versions of one service (docs/side-by-side.md)",
    )


def _of_deployment(spec: Json) -> Json:
    strategy = spec.get("strategy") or {}
    if strategy.get("type") == "Recreate":
        strategy = {"update": "recreate"}
    rolling = strategy.get("rollingUpdate") or {}
    deadline = spec.get("progressDeadlineSeconds")
    short = isinstance(deadline, int) and deadline <= UNPROBED_READY_SECONDS  # without a probe that is ready so late
    found = {
        "update": strategy.get("update"),
        "min_ready_seconds": spec.get("minReadySeconds", 0 if short else None),
        "progress_deadline_seconds": spec.get("progressDeadlineSeconds"),
        "revision_history_limit": spec.get("revisionHistoryLimit"),
        "max_surge": rolling.get("maxSurge"),
        "max_unavailable": rolling.get("maxUnavailable"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _of_stop(pod: Json, app: Json) -> Json:
    """How a pod stops: the pause that the container makes itself, or ours, as long as the grace period has room."""
    grace = pod.get("terminationGracePeriodSeconds", DEFAULT_GRACE_SECONDS)
    made: Json = {} if grace == DEFAULT_GRACE_SECONDS else {"termination_grace_seconds": grace}
    stop = (app.get("lifecycle") or {}).get("preStop")
    if stop and set(stop) == {"sleep"}:
        return made | {"drain_seconds": stop["sleep"]["seconds"]}
    if stop:
        return made | {"drain_seconds": 0}
    if grace <= DEFAULT_DRAIN_SECONDS:
        return made | {"drain_seconds": max(grace - 2, 0)}
    return made


def _made(settings: Json) -> Json:
    """What the program makes of the settings without a fragment."""
    parsed = from_fields(RollingSettings, settings, "service")
    return pod_template(parsed, parsed.release, labels={}, spread={}, content=NOTHING)


def _wanted(original: Json, served: Served, made: Json) -> Json:
    """The original, with what the program decides put in as it has `made` it: names, the image, the probe, the pause,
    the grace period.
    """
    ours: Json = made["spec"]["containers"][0]
    original = renamed(original, served.container)
    containers = [dict(one) for one in original["spec"]["containers"]]
    app = containers[served.container]
    app["image"] = ours["image"]
    app.pop("readinessProbe", None)
    app |= {probe: ours[probe] for probe in PROBES.values() if probe in ours}
    if "lifecycle" in ours:
        app["lifecycle"] = {**(app.get("lifecycle") or {}), **ours["lifecycle"]}
    if ports := _ports(app.get("ports") or [], ours.get("ports") or []):
        app["ports"] = ports
    pod = {**original["spec"], "containers": containers}
    pod["terminationGracePeriodSeconds"] = made["spec"]["terminationGracePeriodSeconds"]
    metadata = original.get("metadata") or {}
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if not is_ours(key)}
    kept: Json = {"labels": labels}
    if metadata.get("annotations"):
        kept["annotations"] = metadata["annotations"]
    return {"metadata": kept, "spec": pod}


def _ports(given: Sequence[Json], ours: Sequence[Json]) -> list[Json]:
    """The container's ports in their order, the one that the Services ask for as the program names it."""
    left = list(ours)
    made = []
    for one in given:
        same = next((each for each in left if _number(each) == _number(one)), None)
        if same:
            left.remove(same)
        made.append({**one, **(same or {})})
    return [*left, *made]


def _number(port: Mapping[str, Any]) -> tuple[int, str]:
    return port["containerPort"], port.get("protocol", "TCP")
