"""The finding of a check, as a plain record."""

from dataclasses import dataclass
from typing import Any

from contract.text import printable


@dataclass(frozen=True)
class Finding:
    """One check. `good` is None where it could not be made, because another one has to be good first."""

    name: str
    good: bool | None
    said: str
    fix: str = ""

    def to_json(self) -> dict[str, Any]:
        """The finding as plain data."""
        result = {True: "ok", False: "failed", None: "skipped"}[self.good]
        return {"check": self.name, "result": result, "message": self.said, "fix": self.fix}

    def __str__(self) -> str:
        symbol = {True: "✔", False: "✖", None: "•"}[self.good]
        head, *rest = printable(self.said).splitlines() or [""]
        lines = [f"{symbol} {self.name}: {head}", *(f"    {line}" for line in rest)]
        return "\n".join([*lines, f"    fix: {self.fix}"] if self.fix and self.good is not True else lines)


def good(name: str, said: str) -> Finding:
    """All is well."""
    return Finding(name, True, said)


def bad(name: str, said: str, fix: str) -> Finding:
    """Something is missing."""
    return Finding(name, False, said, fix)


def skipped(name: str, said: str) -> Finding:
    """The finding of a check that could not look."""
    return Finding(name, None, said)
