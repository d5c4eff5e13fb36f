"""The verdict on a step: what it took and showed, and whether that is what it should have shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.story import Step
from prober import Result

BEGIN, RETURNED, END = "begin", "returned", "end"


@dataclass(kw_only=True)
class Played:
    """One step as it was played. `problems` is empty where it went as it should."""

    step: Step
    number: int
    seconds: float = 0.0
    refused: str = ""
    problems: list[str] = field(default_factory=list)
    answers: dict[str, dict[str, int]] = field(default_factory=dict)  # Service -> version -> answers
    requests: int = 0
    failed: int = 0
    failures: list[str] = field(default_factory=list)

    def mark(self, moment: str) -> str:
        """The name under which a moment of this step is in the account of the traffic."""
        return f"{self.number} {moment}"

    def judge(self, results: Mapping[str, Result], before: Mapping[str, str] | None) -> None:
        """Count the answers between this step's marks and check them. `before` is what was served before it."""
        for service, result in results.items():
            whole = result.between(self.mark(BEGIN), self.mark(END))
            after = result.between(self.mark(RETURNED), self.mark(END))
            self.count(service, whole)
            wanted = self.step.serving[service]
            self._check(service, set(whole.versions), {wanted, (before or self.step.serving)[service]}, "during it")
            self._check(service, set(after.versions), {wanted}, "once it was over", after)
            if not after.answers:
                self.problems.append(f"{service} gave no answer once it was over")
        if self.failed:
            self.problems.append(f"{self.failed} requests failed ({'; '.join(self.failures)})")

    def count(self, name: str, stretch: Result) -> None:
        """Add what one kind of traffic saw in this step."""
        self.answers[name] = stretch.versions
        self.requests += stretch.requests
        self.failed += stretch.failed
        self.failures += [f"{name}: {text}" for text in _failures(stretch)]

    def _check(self, service: str, seen: set[str], allowed: set[str], when: str, stretch: Result | None = None) -> None:
        if wrong := seen - allowed:
            kinds = {answer.kind for answer in stretch.answers if answer.version in wrong} if stretch else set()
            asked = f" (to {', '.join(sorted(kinds))})" if kinds else ""
            self.problems.append(
                f"{service} answered as {', '.join(sorted(wrong))} {when}{asked}, "
                f"not only as {', '.join(sorted(allowed))}"
            )

    def to_json(self) -> dict[str, Any]:
        """For `.sandbox/demo.json`."""
        return {
            "name": self.step.title,
            "ok": not self.problems,
            "seconds": round(self.seconds, 1),
            "requests": self.requests,
            "failed": self.failed,
            "answers": self.answers,
            "refused": self.refused,
            "problems": self.problems,
        }


def _failures(stretch: Result) -> list[str]:
    return [
        f"{group['count']} {group['kind']} {group['class']} ({group['example']})"
        for group in stretch.summary()["failures"]
    ]


def reason(output: str) -> str:
    """The refusal in an engine's output: from the line that says what was found to the one that says how to mend it.

    Empty where there is none. The engine may put marks before the lines and repeat the whole.
    """
    lines = [re.sub(r"^\s*(error:\s*)?", "", line.rstrip()) for line in output.splitlines()]
    for place, line in enumerate(lines):
        if line.startswith("code: gate.") and place > 3:
            what = re.sub(r'^.*before hook "[^"]*" failed:\s*', "", lines[place - 4])
            return "\n".join([what, *lines[place - 3 : place]])
    return ""


def changes(output: str) -> list[str]:
    """The engine's own sums of what it did, such as `~ 1 updated`; with a preview before it, the last sums count."""
    sums = output.rpartition("Resources:")[2].partition("Duration:")[0]
    return [line.strip() for line in sums.splitlines() if line.strip()]


def updated_one(output: str) -> bool:
    """Whether one resource was updated, and nothing else was done."""
    return [line for line in changes(output) if line[0] in "+-~"] == ["~ 1 updated"]
