"""Blue/green as the driver knows it: two colors side by side, and one live Service that is switched between them."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

from contract.checks import Gate, gates
from contract.labels import COLOR, INSTANCE, LIVE, REVISION
from contract.pod_shares import carrying
from contract.releases import COLORS, other
from contract.strategies import BLUE_GREEN
from cutover.strategies.fronts import FrontMember
from cutover.strategies.releases import Release, describe, same
from cutover.strategies.service import Place, ServiceView, again, release_in, shared_fields, text_of

if TYPE_CHECKING:
    from cutover.observe.facts import LiveService, Workload


class BlueGreen(ServiceView):
    """A service of two colors. Its slots are the colors; the notes about its releases are on the live Service."""

    switches = True
    first_slot = "blue"
    in_words = "Two colors of a service side by side"

    @classmethod
    def of(cls, name: str, settings: Mapping[str, Any], group: str | None, member: FrontMember | None) -> Self:
        """The service out of its settings."""
        return cls(
            name=name,
            strategy=str(settings.get("strategy", BLUE_GREEN)),
            active=text_of(settings.get("active")),
            colors={color: release_in(settings, color) for color in COLORS if isinstance(settings.get(color), dict)},
            release={},
            group=group,
            member=member,
            **shared_fields(settings),
        )

    @property
    def slots(self) -> Mapping[str, Release]:
        """Both colors; {} where one has no release."""
        return {color: self.colors.get(color, {}) for color in COLORS}

    def color_of(self, slot: str | None) -> str | None:
        """A slot is its color."""
        return slot

    def serving_slot(self, live: str | None) -> str:
        """The live color."""
        return live or ""

    @property
    def beside_served(self) -> Release | None:
        """The release of the idle color."""
        return self.colors.get(self.idle)

    @property
    def beside_replicas(self) -> int:
        """Pods of the idle color: those of its share where replicas make it; all while it gets requests of a share or
        copies, or the fewest of its autoscaler then; else its standby.
        """
        if self.by_replicas and self.canary_pods:
            return self.canary_pods
        if not self.exposed_by_requests:
            return self.standby_replicas
        if not self.scaled_beside:
            return self.replicas
        return max(self.standby_replicas, carrying(self.weight or self.mirror, self.replicas))

    @property
    def new_slot(self) -> str:
        """The idle color."""
        return self.idle

    @property
    def route(self) -> Mapping[str, Any] | None:
        """The route that its users come by, as the file has it; None without one."""
        route = self.settings.get("route")
        return route if isinstance(route, dict) else None

    @property
    def has_shares(self) -> bool:
        """Whether its idle color can have a share: it has a route, or moves by itself and is no worker."""
        alone = self.group is None and self.member is None
        return "route" in self.settings or (alone and self.settings.get("port", 0) is not None)

    @property
    def selector_keys(self) -> frozenset[str]:
        """Its color and revision; with `cutover: labels` the label that is moved."""
        return frozenset({INSTANCE, LIVE} if self.by_label else {INSTANCE, COLOR, REVISION})

    def revision(self, live: "LiveService | None", workload: "Workload | None") -> str | None:
        """The one that the live Service sends to."""
        return live.revision if live else None

    def completed(self, live: "LiveService | None", workload: "Workload | None") -> bool:
        """Whether the live Service notes what it sends to as complete."""
        return live is not None and live.is_complete

    def noted(self, live: "LiveService | None", workload: "Workload | None") -> "LiveService | Workload | None":
        """The live Service."""
        return live

    def pods_wanted(self, slot: str) -> int:
        """The pods of the active color, or of the idle one beside it."""
        return self.replicas if slot == self.active else self.beside_replicas

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The checks before the switch and after it, in the words of the checks themselves."""
        count = "as many pods as serve" if self.scaled else f"{self.replicas} of {self.replicas} pods"
        return tuple(gates(self.settings, count))

    @property
    def job_moments(self) -> tuple[str, str]:
        """The switch, and the end of the cutover."""
        return "switch", "cutover"

    def announced(self, new: Release) -> str:
        """The release on the idle color, beside the active one's."""
        live = self.active or ""
        return f"{describe(new)} on {self.idle}, beside {live} {describe(self.colors.get(live))}"

    def ended(self, new: Release) -> tuple[str, str]:
        """The release is ready; its promotion comes next."""
        return (
            f"{self.name}: {self.idle} is ready with {describe(new)}",
            f"`cutover promote {self.name}` sends it the traffic",
        )

    def serves(self, new: Release) -> bool:
        """Whether the active color has this release."""
        return same(self.served, new)

    def check_release(self, *, roll_out: bool) -> None:
        """No refusal: the active color is not touched."""

    def check_switch(self) -> None:
        """No refusal: it has two colors."""

    def promotion_problems(self) -> Iterator[tuple[str, str]]:
        """A member of a group moves with it alone."""
        if self.group:
            yield (
                f"{self.name} moves with its group {self.group}, and the others would move too",
                f"release each member, then `cutover promote {self.group}`",
            )

    def place(self, live: str | None, release: Release, *, away: bool = False) -> Place | None:
        """The color that has the release or shall have it; None where the active one has it, and serves."""
        assert live is not None  # noqa: S101 - a service without a live color has no way back
        stays = same(self.colors.get(live), release) and not away
        if stays and self.active == live:
            return None
        target = live if stays else other(live)
        return target, None if same(self.colors.get(target), release) else again(release)
