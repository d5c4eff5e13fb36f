"""The table of docs/states.md for one blue/green service: in which state a walk is, and the exit codes that a verb has
from there.
"""

from typing import Literal

from tests.lifecycle.judge import REVISION
from tests.lifecycle.services import BROKEN
from tests.lifecycle.walk import Walk

# Of the color that does not serve: nothing on it; a release that never served; one that would be refused; the one that
# served before; one that served, and was left by a rollback or sent back.
Beside = Literal["nothing", "preview", "bad preview", "standby", "left"]

CODES: dict[str, dict[Beside, frozenset[int]]] = {
    "up": dict.fromkeys(("nothing", "preview", "bad preview", "standby", "left"), frozenset({0})),
    "promote": {
        "nothing": frozenset({0}),
        "preview": frozenset({0}),
        "bad preview": frozenset({3}),
        "standby": frozenset({0}),
        "left": frozenset({3}),
    },
    "promote --again": {
        "nothing": frozenset({0}),
        "preview": frozenset({0}),
        "bad preview": frozenset({3}),
        "standby": frozenset({0}),
        "left": frozenset({0}),
    },
    # Where nothing stands by, the history has a release that served before, or has none.
    "rollback": {
        "nothing": frozenset({0, 2}),
        "preview": frozenset({0, 2}),
        "bad preview": frozenset({0, 2}),
        "standby": frozenset({0}),
        "left": frozenset({0}),
    },
    "rollback --now": {
        "nothing": frozenset({3}),
        "preview": frozenset({3}),
        "bad preview": frozenset({3}),
        "standby": frozenset({0}),
        "left": frozenset({0}),
    },
    "abort": dict.fromkeys(("nothing", "preview", "bad preview", "standby", "left"), frozenset({0})),
    "release": dict.fromkeys(("nothing", "preview", "bad preview", "standby", "left"), frozenset({0})),
}
# After a hand or a run that was broken off a verb may do it, or say why not; never 4, as nobody holds the stack.
ANY = frozenset({0, 1, 2, 3, 5, 6})


def beside(walk: Walk) -> Beside:
    """What stands on the color that does not serve."""
    release, there = walk.shop.get(walk.idle), walk.workload(walk.idle)
    if not release or not there:
        return "nothing"
    at = (walk.idle, there["metadata"]["labels"][REVISION])
    if at not in walk.took:
        return "bad preview" if release["image"].endswith(BROKEN) else "preview"
    serving = walk.workload(walk.active)
    newer = serving is not None and _made(there) > _made(serving)
    return "left" if newer or at in walk.noted else "standby"


def codes(walk: Walk, verb: str) -> frozenset[int]:
    """The exit codes that the verb may have now."""
    return CODES[verb][beside(walk)] if walk.certain else ANY


def _made(workload: dict[str, dict[str, str]]) -> str:
    return workload["metadata"]["creationTimestamp"]
