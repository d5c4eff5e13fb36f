"""Stable codes of what ends a run: `gate.smoke_failed`. For machines; the words beside them may change.

The program prints the code as the last line of an error. The driver reads it from there: from it comes the exit code,
and `--json` has it as `code`. A code never changes its meaning; a new kind of end gets a new code.
"""

import re
from typing import Literal

from contract.checks import CHECKS

End = Literal["missing", "refused", "failed", "late", "usage", "unreachable"]
"""What a run that ends with the code is: somebody deleted an object that the engine's state has (an `up` that refreshes
makes it again), a check refused before the switch, it failed, its time ran out, the config is wrong, or the cluster did
not answer."""

CLAIM = "traffic stays where it was"
"""What an error says of the traffic. Who prints it must know that it is so."""
STAYS = f"Refused before the switch: {CLAIM}."

_CHECKS: dict[str, End] = {kind.code: "refused" for kind in CHECKS if not kind.after_switch}

ENDS: dict[str, End] = {
    **_CHECKS,
    "config.invalid": "usage",
    "gate.refused": "refused",
    "gate.not_ready": "refused",
    "gate.never_ready": "refused",
    "gate.mixed_images": "refused",
    "gate.route_unfit": "refused",
    "gate.live_release_edit": "refused",
    "gate.release_gone": "missing",
    "gate.rollback_forbidden": "refused",
    "object.not_ours": "failed",
    "object.gone": "missing",
    "object.refused": "failed",
    "strategy.changed": "failed",
    "address.changed": "failed",
    "port.changed": "failed",
    "set.changed": "failed",
    "namespace.changed": "failed",
    "namespace.missing": "failed",
    "switch.unverified": "failed",
    "share.unverified": "failed",
    "switch.not_followed": "failed",
    "switch.moved": "failed",
    "route.unseen": "failed",
    "rollout.unfinished": "failed",
    "rollout.stuck": "failed",
    "rollout.late": "late",
    "after_job.failed": "failed",
    "cluster.unreachable": "unreachable",
    "cluster.refused": "unreachable",
}
"""Every code of the program -> what such an end is."""

NO_USE_WAITING = frozenset({"gate.never_ready", "rollout.stuck", "rollout.late"})
"""The cluster has said why pods will not be ready, or their time is over. Who still waits for them may stop."""

_LINE = re.compile(r"^\s*code: ([a-z_]+\.[a-z_]+)$", re.MULTILINE)
_GRAVITY: tuple[End, ...] = ("missing", "refused", "failed", "late", "usage", "unreachable")


def line(code: str) -> str:
    """The line that an error ends with."""
    return f"code: {code}"


def code_in(text: str) -> str:
    """The code of a text with one error or several; empty without one. Of several the one that says most of traffic.

    Foreign text cannot forge one: in an error of ours it is never a line of its own.
    """
    found = [code for code in _LINE.findall(text) if code in ENDS]
    return min(found, key=lambda code: _GRAVITY.index(ENDS[code]), default="")
