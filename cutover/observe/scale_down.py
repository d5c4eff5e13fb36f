"""The color that was left and keeps its size for a while (`scale_down_after`), as the cluster tells. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from contract.durations import seconds_in
from contract.words import counted

if TYPE_CHECKING:
    from cutover.observe.facts import LiveService, Workload
    from cutover.observe.records import ColorStatus
    from cutover.strategies.service import ServiceView


@dataclass(frozen=True)
class ScaleDown:
    """The pods of a color that is left: `wanted` until `at`, `standby` from the next run of the stack after that on."""

    stack: str
    color: str
    wanted: int
    standby: int
    at: datetime

    @property
    def due(self) -> bool:
        """Whether its time has come."""
        return datetime.now(UTC) >= self.at

    def __str__(self) -> str:
        sizes = f"from {self.wanted} to {counted(self.standby, 'pod')}"
        if self.due:
            tidy = f"`cutover tidy --stack {self.stack}`"
            return f"{self.color} is to be scaled down {sizes} since {self.at:%H:%M} UTC: {tidy}"
        return f"{self.color} will be scaled down {sizes} after {self.at:%Y-%m-%d %H:%M} UTC"

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "color": self.color,
            "from": self.wanted,
            "to": self.standby,
            "after": self.at.isoformat(),
            "due": self.due,
        }


def kept_for(service: "ServiceView") -> str:
    """The setting as the file has it; empty where there is none that says a time."""
    given = service.settings.get("scale_down_after")
    return given if isinstance(given, str) and seconds_in(given) else ""


def scale_down_of(
    stack: str,
    service: "ServiceView",
    live: "LiveService | None",
    color: "ColorStatus | None",
    workload: "Workload | None",
) -> ScaleDown | None:
    """Of the color that does not serve; None where it has its standby, has a share, or never took the traffic."""
    if not (live and color and workload) or color.role != "standby" or service.exposed:
        return None
    seconds, standby = seconds_in(kept_for(service)), service.standby_replicas
    at = workload.detached_at if live.by_label else live.since
    if not seconds or at is None or color.wanted <= standby:
        return None
    return ScaleDown(stack, color.color, color.wanted, standby, at + timedelta(seconds=seconds))
