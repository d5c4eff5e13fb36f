"""The checks of a release, in their order: the key of each in the settings, its words, the code that it refuses with.

One entry per check. The program asks the checks in this order (components/checks), and describes each with the words
that the driver tells of it before it runs.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

READY, MOVED = "ready", "moved"
"""The keys of the two checks that every switch has: pods before it, endpoints after it."""


@dataclass(frozen=True)
class Gate:
    """A check as the settings of one service ask for it: its key, and its words."""

    key: str
    says: str

    def __str__(self) -> str:
        return self.says


@dataclass(frozen=True)
class CheckKind:
    """A check that the settings of a service may ask for.

    `key` is its key there, and the name of its module in `components/checks`, unless a Job makes it. `describe` makes
    its words from its own settings, which may lack what has a default. `code` is the code of its refusal.
    """

    key: str
    describe: Callable[[Mapping[str, Any]], str]
    code: str
    made_by: Literal["gate", "job"] = "gate"
    after_switch: bool = False

    @property
    def skipped_where_served(self) -> bool:
        """Whether it is not asked of a release that served before (docs/adr/0016)."""
        return self.made_by == "gate" and not self.after_switch


def _smoke(settings: Mapping[str, Any]) -> str:
    body = settings.get("expect_body")
    wanted = f"HTTP {settings.get('expect_status', 200)}" + (f" with {body!r}" if body else "")
    return f"smoke GET {settings.get('path')}: {wanted}"


def _command(key: str, settings: Mapping[str, Any]) -> str:
    program = next(iter(settings.get("command") or ()), "")
    return f"{key} command {program}, within {settings.get('timeout_seconds', 60):g} s"


CHECKS: tuple[CheckKind, ...] = (
    CheckKind("smoke_job", lambda of: f"smoke job {of.get('image')}", "gate.job_failed", made_by="job"),
    CheckKind("smoke", _smoke, "gate.smoke_failed"),
    CheckKind("verify", lambda of: _command("verify", of), "gate.verify_failed"),
    CheckKind(
        "before_cutover",
        lambda of: f"before_cutover Job, once per release, within {of.get('timeout_seconds', 600):g} s",
        "gate.job_failed",
        made_by="job",
    ),
    CheckKind(
        "verify_after",
        lambda of: f"{_command('verify_after', of)}, before the drain",
        "switch.not_followed",
        after_switch=True,
    ),
)
BY_KEY = {kind.key: kind for kind in CHECKS}


def describe(key: str, settings: Mapping[str, Any]) -> str:
    """The words of a check with these settings of its own."""
    return BY_KEY[key].describe(settings)


def gates(settings: Mapping[str, Any], pods: str) -> Iterator[Gate]:
    """The checks that the settings of a service ask for, in their order. `pods` says how many must be ready."""
    yield Gate(READY, f"{pods} ready within {settings.get('gate_timeout_seconds', 120):g} s")
    given = [kind for kind in CHECKS if settings.get(kind.key) and isinstance(settings[kind.key], Mapping)]
    yield from (Gate(one.key, one.describe(settings[one.key])) for one in given if not one.after_switch)
    yield Gate(MOVED, "endpoints verified after the switch")
    yield from (Gate(one.key, one.describe(settings[one.key])) for one in given if one.after_switch)
