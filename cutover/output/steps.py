"""The engine's steps in words, and how long each may take."""

from collections.abc import Mapping
from typing import Any

from contract.annotations import CANARY, SERVES, SHARES
from contract.labels import COLOR, COMPONENT, INSTANCE, MANAGED_BY, REVISION
from cutover.engine.records import SERVICE, Step
from cutover.stackfile import StackView

_ADOPTED = "what was adopted"
_DOING = {"create": "creating", "update": "updating", "delete": "deleting", "import": "importing"}
_DONE = {"create": "created", "update": "updated", "delete": "deleted", "import": "imported"}
_TRANSLATED = {"create-replacement": "create", "delete-replaced": "delete"}
# The provider's words, which the step's next line or its end says.
_NO_NEWS = ("Skipping await logic", "initialization complete", "does not have minimum availability.")
_MOVED = ("", "live", "front")  # roles of Services that a cutover moves; a color's own follows its release
WORKLOADS = ("Deployment", "ReplicaSet", "StatefulSet")


def line_of(step: Step) -> str | None:
    """A step as one line of progress; None where it is nobody's news."""
    if step.moment in ("says", "warns"):
        if step.text.endswith(_NO_NEWS):
            return None
        first, *rest = step.text.splitlines()
        head = f"{step.name}: {first}" if step.name and not first.startswith(step.name) else first
        # What a provider or a program says has a column of its own: no line of it can pass for one of ours.
        return "\n".join([head, *(line if line.startswith("    ") else f"    {line}" for line in rest)])
    op = _TRANSLATED.get(step.op, step.op)
    if not step.changes or op not in _DOING:
        return None
    if switch := switch_of(step):
        return {
            "begins": f"{step.name}: gates, then the switch {switch}",
            "done": f"{step.name}: switched {switch}",
        }.get(step.moment, f"{step.name}: not switched")
    if shares := shares_of(step):
        return {
            "begins": f"{step.service}: gates, then the shares {shares}",
            "done": f"{step.service}: the shares {shares} are set",
        }.get(step.moment, f"{step.service}: the shares {shares} are not carried through")
    if canary := canary_of(step):
        return {
            "begins": f"{step.service}: gates, then the canary: {canary}",
            "done": f"{step.service}: the canary is set: {canary}",
        }.get(step.moment, f"{step.service}: the canary is not carried through: {canary}")
    words = {"begins": _DOING[op], "done": _DONE[op], "failed": f"{_DOING[op]} failed:"}
    return f"{words[step.moment]} {step.kind} {step.name}"


def switch_of(step: Step) -> str | None:
    """`blue 1-0-0-b1 -> green 1-1-0-b1` where a step moves a live Service; None for every other."""
    if step.type != SERVICE or step.op != "update" or _role(step.new) not in _MOVED:
        return None
    if adopted := _from_adopted(step):
        return adopted
    before, after = _instance(step.old), _instance(step.new)
    if before != after:  # a front
        return f"{before or 'nothing'} -> {after or 'nothing'}"
    old, new = _serves(step.old), _serves(step.new)
    if COLOR not in new or REVISION not in new or old == new:
        return None
    return f"{old.get(COLOR, 'nothing')} {old.get(REVISION, '')} -> {new[COLOR]} {new[REVISION]}".replace("  ", " ")


def shares_of(step: Step) -> str | None:
    """`public: shop-blue 90, shop-green 10` where a step sets the shares of a route that exists; None for others."""
    return _noted(step, SHARES)


def canary_of(step: Step) -> str | None:
    """`green 1 of 4 pods, 25 % of new connections` where a step sets a canary by pod labels; None for others."""
    return _noted(step, CANARY)


def _noted(step: Step, key: str) -> str | None:
    if step.kind != "ConfigMap" or "delete" in step.op:
        return None
    notes = ((step.new or {}).get("metadata") or {}).get("annotations")
    return str(notes[key]) if isinstance(notes, dict) and key in notes else None


def limit_seconds(step: Step, view: StackView) -> float | None:
    """How long a step may take by the config; None where nothing limits it or it is no step that waits."""
    service = view.services.get(step.service)
    if service is None or step.moment != "begins" or "delete" in step.op or step.op == "import":
        return None
    deadline = float(service.settings.get("progress_deadline_seconds", 300))
    if step.kind == "StatefulSet":  # each pod after the one before it has stopped
        return (deadline + float(service.settings.get("termination_grace_seconds", 30))) * max(service.replicas, 1)
    if step.kind in (*WORKLOADS, "Job"):
        return deadline
    return float(service.settings.get("gate_timeout_seconds", 120)) if switch_of(step) else None


def _role(inputs: Mapping[str, Any] | None) -> str:
    """The role of a Service by its label; empty for one that was adopted, which has no label of ours."""
    labels = ((inputs or {}).get("metadata") or {}).get("labels")
    return str(labels.get(COMPONENT, "")) if isinstance(labels, dict) else ""


def _instance(inputs: Mapping[str, Any] | None) -> str | None:
    return _selector(inputs).get(INSTANCE)


def _from_adopted(step: Step) -> str | None:
    """The switch of a Service between what was there before, whose selector has no label of ours, and a release."""
    sides = [_served(inputs) for inputs in (step.old, step.new)]
    if sides.count(_ADOPTED) != 1 or not (_selector(step.old) and _selector(step.new)):
        return None
    return " -> ".join(sides)


def _served(inputs: Mapping[str, Any] | None) -> str:
    """What a Service sends to, in words; without a label of ours it is what was adopted, or a front."""
    serves = _serves(inputs)
    if REVISION in serves:
        return f"{serves.get(COLOR, '')} {serves[REVISION]}".strip()
    return "a release of its own" if MANAGED_BY in _selector(inputs) else _ADOPTED


def _selector(inputs: Mapping[str, Any] | None) -> Mapping[str, Any]:
    selector = ((inputs or {}).get("spec") or {}).get("selector")
    return selector if isinstance(selector, dict) else {}


def _serves(inputs: Mapping[str, Any] | None) -> dict[str, str]:
    """The color and the revision that a Service sends to, where its selector or its note of them says so."""
    notes, selector = (
        found if isinstance(found, dict) else {}
        for found in (
            ((inputs or {}).get("metadata") or {}).get("annotations"),
            ((inputs or {}).get("spec") or {}).get("selector"),
        )
    )
    color, _, revision = str(notes.get(SERVES, "")).partition("/")
    return (
        {COLOR: color, REVISION: revision} if revision else {k: selector[k] for k in (COLOR, REVISION) if k in selector}
    )
