"""The plan of one service as a record."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cutover.operations.plan.pod_shares import PodSharesPlan
from cutover.operations.plan.shares import SharesPlan


@dataclass(frozen=True)
class ServicePlan:
    """The plan of one service.

    `live` is what takes the traffic now, `would_be` what would take it, `beside` what would be ready without traffic.
    `switch` is the move of its Service, `shares` that of a route, `canary` that of pods by their label; `traffic` tells
    of them all. `later` says when the color that was left is scaled down, `metadata` what pods get by their role.
    """

    name: str
    strategy: str
    live: str | None
    would_be: str
    beside: str | None
    traffic: str
    switch: str | None
    shares: SharesPlan | None
    canary: PodSharesPlan | None
    gates: tuple[str, ...]
    jobs: tuple[str, ...]
    later: str | None
    metadata: str | None
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The plan as `--json` prints it."""
        return {
            "name": self.name,
            "strategy": self.strategy,
            "live": self.live,
            "wouldBe": self.would_be,
            "beside": self.beside,
            "traffic": self.traffic,
            "switch": self.switch,
            "shares": self.shares.to_json() if self.shares else None,
            "canary": self.canary.to_json() if self.canary else None,
            "gates": list(self.gates),
            "jobs": list(self.jobs),
            "later": self.later,
            "metadata": self.metadata,
            "warnings": list(self.warnings),
        }

    def lines(self) -> Iterator[str]:
        """The plan for people."""
        yield f"{self.name} ({self.strategy})"
        yield f"  live      {self.live or 'nothing'}"
        yield f"  would be  {self.would_be}"
        if self.beside:
            yield f"  beside    {self.beside}"
        yield f"  traffic   {self.traffic}"
        for word, texts in (("gates", self.gates), ("jobs", self.jobs)):
            yield from (f"  {word if place == 0 else '':<8}  {text}" for place, text in enumerate(texts))
        for word, text in (("metadata", self.metadata), ("later", self.later)):
            if text:
                yield f"  {word:<8}  {text}"
