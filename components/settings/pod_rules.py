"""Cross-field rules of pods: times that must fit into each other, rights that contradict each other, surge."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from components.rules.quantity import parse_quantity
from components.settings.base import Fault, Rule, Values
from contract.text import quoted

if TYPE_CHECKING:
    from components.settings.pod import Compute, HttpProbe


def _request_within_limit(values: Values) -> Iterator[Fault]:
    """A request may not exceed its limit."""
    requests: Compute = values["requests"]
    limits: Compute = values["limits"]
    for kind, request, limit in (("cpu", requests.cpu, limits.cpu), ("memory", requests.memory, limits.memory)):
        if request is not None and limit is not None and parse_quantity(request) > parse_quantity(limit):
            yield Fault(
                ("requests", kind),
                f"requests {request} of {kind}, more than the limit of {limit}",
                "the API server refuses the pod, so the release never starts",
                f"lower requests.{kind} or raise limits.{kind}",
            )


def _root_and_non_root(values: Values) -> Iterator[Fault]:
    """`run_as_user: 0` needs `run_as_non_root: false`."""
    if values["run_as_non_root"] and values["run_as_user"] == 0:
        yield Fault(
            ("run_as_user",),
            "run_as_user is 0 (root) while run_as_non_root is true",
            "the kubelet refuses to start such a container, so no pod of the release gets ready",
            "choose another user id, or, if the image must run as root, set run_as_non_root: false",
        )


def _admin_without_escalation(values: Values) -> Iterator[Fault]:
    """`SYS_ADMIN` needs `allow_privilege_escalation: true`."""
    if "SYS_ADMIN" in values["add_capabilities"] and not values["allow_privilege_escalation"]:
        yield Fault(
            ("add_capabilities",),
            "adds SYS_ADMIN while allow_privilege_escalation is false",
            "the API server refuses the pod: SYS_ADMIN is an escalation",
            "leave SYS_ADMIN out, or set allow_privilege_escalation: true",
        )


def _grace_exceeds_drain(values: Values) -> Iterator[Fault]:
    """`termination_grace_seconds` must exceed `drain_seconds`."""
    drain, grace = values["drain_seconds"], values["termination_grace_seconds"]
    if grace <= drain:
        yield Fault(
            ("termination_grace_seconds",),
            f"termination_grace_seconds is {grace} s, not more than drain_seconds of {drain} s",
            "the grace period starts with the drain, so pods are killed in the middle of requests",
            f"raise termination_grace_seconds above {drain}, or lower drain_seconds below {grace}",
        )


def _deadline_exceeds_start(values: Values) -> Iterator[Fault]:
    """`progress_deadline_seconds` must exceed `min_ready_seconds`."""
    deadline, ready = values["progress_deadline_seconds"], values["min_ready_seconds"]
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


REQUEST_WITHIN_LIMIT = Rule(("requests", "limits"), _request_within_limit)
ROOT_AND_NON_ROOT = Rule(("run_as_user", "run_as_non_root"), _root_and_non_root)
ADMIN_WITHOUT_ESCALATION = Rule(("add_capabilities", "allow_privilege_escalation"), _admin_without_escalation)
POD_RULES: tuple[Rule, ...] = (
    Rule(("drain_seconds", "termination_grace_seconds"), _grace_exceeds_drain),
    Rule(("progress_deadline_seconds", "min_ready_seconds"), _deadline_exceeds_start),
    Rule(("progress_deadline_seconds", "startup"), _deadline_exceeds_startup_probe),
    Rule((), _restart_probes_succeed_once),
    Rule(("writable_paths",), _paths_once),
    Rule(("pod_labels",), _labels_not_ours),
)
