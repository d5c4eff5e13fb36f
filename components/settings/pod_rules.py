"""Cross-field rules of pods: times that must fit into each other, ports and probes that must fit together."""

from collections.abc import Collection, Iterator

from components.settings.base import GIVEN, Fault, Rule, Values
from components.settings.probe import HttpProbe
from contract.annotations import PREFIX
from contract.text import quoted

SERVICE_PORT = "http"  # of our own Services
UNPROBED_READY_SECONDS = 10  # where nothing asks a pod, only time says that it did not fail at once


def ready_seconds(written: int, given: Collection[str], *, probed: bool) -> int:
    """How long a pod must stay ready: what is written down, or the default, which is higher without a probe."""
    return written if probed or "min_ready_seconds" in given else UNPROBED_READY_SECONDS


def pause_seconds(written: int, port: int | None, given: Collection[str]) -> int:
    """How long a pod goes on before it is told to stop: what is written down, or nothing where nobody sends to it."""
    return written if port is not None or "drain_seconds" in given else 0


def _grace_exceeds_drain(values: Values) -> Iterator[Fault]:
    """`termination_grace_seconds` must exceed `drain_seconds`, unless both are 0."""
    drain = pause_seconds(values["drain_seconds"], values.get("port"), values[GIVEN])
    grace = values["termination_grace_seconds"]
    lower = (
        f"lower drain_seconds below {grace}" if grace else "set drain_seconds: 0, and every release cuts requests off"
    )
    if grace <= drain and (drain or grace):
        yield Fault(
            ("termination_grace_seconds",),
            f"termination_grace_seconds is {grace} s, not more than drain_seconds of {drain} s",
            "the grace period starts with the drain, so pods are killed in the middle of requests",
            f"raise termination_grace_seconds above {drain}, or {lower}",
        )


def _deadline_exceeds_start(values: Values) -> Iterator[Fault]:
    """`progress_deadline_seconds` must exceed `min_ready_seconds`."""
    deadline = values["progress_deadline_seconds"]
    probed = values.get("readiness") != "none" and (values.get("port") or "readiness" in values[GIVEN])
    ready = ready_seconds(values["min_ready_seconds"], values[GIVEN], probed=bool(probed))
    if deadline <= ready:
        yield Fault(
            ("progress_deadline_seconds",),
            f"progress_deadline_seconds is {deadline} s, not more than min_ready_seconds of {ready} s",
            "every rollout would fail before its first pod can count as available",
            f"raise progress_deadline_seconds above {ready}, or lower min_ready_seconds below {deadline}",
        )


def _deadline_exceeds_startup_probe(values: Values) -> Iterator[Fault]:
    """`progress_deadline_seconds` must exceed the time that `startup` lets a pod take."""
    probe: HttpProbe | None = values["startup"]
    deadline = values["progress_deadline_seconds"]
    if probe is None:
        return
    budget = probe.initial_delay_seconds + probe.period_seconds * probe.failure_threshold
    if deadline <= budget:
        yield Fault(
            ("progress_deadline_seconds",),
            f"progress_deadline_seconds is {deadline} s, but the startup probe lets a pod take {budget} s",
            "a pod that starts within its own limit would already have failed the rollout",
            f"raise progress_deadline_seconds above {budget}, or lower startup.failure_threshold",
        )


def _restart_probes_succeed_once(values: Values) -> Iterator[Fault]:
    """`success_threshold` above 1 is for `readiness` only."""
    for name in ("liveness", "startup"):
        probe: HttpProbe | None = values.get(name)
        if probe is not None and probe.success_threshold != 1:
            yield Fault(
                (name, "success_threshold"),
                f"success_threshold is {probe.success_threshold}; a {name} probe takes 1 only",
                "the API server refuses the pod",
                f"leave {name}.success_threshold out; only readiness can ask for more than one success",
            )


def _paths_once(values: Values) -> Iterator[Fault]:
    """No path of `writable_paths` twice."""
    paths = values["writable_paths"]
    for place, path in enumerate(paths):
        if path in paths[:place]:
            yield Fault(
                ("writable_paths", place),
                f"{quoted(path)} is listed twice",
                "the API server refuses two mounts at one path, so no pod of the release starts",
                "remove one of the two",
            )


def _labels_not_ours(values: Values) -> Iterator[Fault]:
    """The `pod_labels` are none of those that the program gives itself."""
    for key in sorted(values["pod_labels"]):
        if key.startswith(("app.kubernetes.io/", "cutover.dev/")):
            yield Fault(
                ("pod_labels", key),
                f"{key} is a label that this program gives to its pods",
                "selectors ask for it: with another value pods would be found by nobody, or by somebody else",
                f"remove {key}; what asks for it has to ask for what the pods carry",
            )


def _workload_not_ours(values: Values) -> Iterator[Fault]:
    """The `workload_labels` and `workload_annotations` are none of those that the program, or Kubernetes, gives."""
    ours = {
        "labels": ("app.kubernetes.io/", PREFIX),
        "annotations": (PREFIX, "pulumi.com/", "deployment.kubernetes.io/"),
    }
    for part, prefixes in ours.items():
        for key in sorted(values[f"workload_{part}"]):
            if key.startswith(prefixes):
                yield Fault(
                    (f"workload_{part}", key),
                    f"{key} is one of the {part} that the program, the engine or Kubernetes gives to workloads",
                    "the gates go by it: the workload would be taken for another one",
                    f"remove {key}; choose a key of your own",
                )


def _ports_apart(values: Values) -> Iterator[Fault]:
    """`ports` are beside `port`: other names, other numbers, and not the number of `service_port`."""
    main, name, service = values["port"], values["port_name"], values["service_port"]
    if main is None:  # a worker's have another fault
        return
    seen: dict[int, str] = {main: "port"}
    for key, number in values["ports"].items():
        taken = "port_name" if key == name else "the name that the Services give to port" if key == SERVICE_PORT else ""
        if taken or number in seen or number == service:
            what = f"the name {key} is {taken}" if taken else f"{number} is {seen.get(number, 'service_port')} already"
            yield Fault(
                ("ports", key),
                what,
                "the API server refuses two ports of one name or number",
                f"choose another {'name' if taken else 'number'}, or remove {key}: port is always there",
            )
        seen[number] = f"{key} in ports"


def _named_ports_exist(values: Values) -> Iterator[Fault]:
    """A probe names a port of `port_name` or `ports`."""
    known = (values["port_name"], *values["ports"])
    for name in ("readiness", "liveness", "startup"):
        port = getattr(values[name], "port", None)
        if isinstance(port, str) and port not in known and values["port"] is not None:
            yield Fault(
                (name, "port"),
                f"{quoted(port)} is the name of no port here",
                "the kubelet finds no such port: no pod would ever get ready",
                f"write one of {', '.join(known)}, or a number",
            )


POD_RULES: tuple[Rule, ...] = (
    Rule(("drain_seconds", "termination_grace_seconds"), _grace_exceeds_drain),
    Rule(("progress_deadline_seconds", "min_ready_seconds"), _deadline_exceeds_start),
    Rule(("progress_deadline_seconds", "startup"), _deadline_exceeds_startup_probe),
    Rule((), _restart_probes_succeed_once),
    Rule(("port", "port_name", "service_port", "ports"), _ports_apart),
    Rule(("port", "port_name", "ports", "readiness", "liveness", "startup"), _named_ports_exist),
    Rule(("writable_paths",), _paths_once),
    Rule(("pod_labels",), _labels_not_ours),
    Rule(("workload_labels", "workload_annotations"), _workload_not_ours),
)
