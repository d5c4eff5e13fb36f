"""The share of a service's idle color, as the file has it: a weight, copies, matches; by a route or by pods."""

from collections.abc import Mapping
from typing import Any

from contract.matches import Match, read_match
from contract.pod_shares import WHOLE, pods_for
from contract.route_kinds import kind_that_exists


class Shares:
    """The settings of a canary, and of what sizes a color. Without a second color there is no canary."""

    settings: Mapping[str, Any]
    replicas: int

    @property
    def idle(self) -> str:
        """The color that is not active."""
        raise NotImplementedError

    @property
    def by_label(self) -> bool:
        """Whether it is cut over by labels."""
        return self.settings.get("cutover") == "labels"

    @property
    def route(self) -> Mapping[str, Any] | None:
        """The route that its users come by, as the file has it; None without one."""
        return None

    @property
    def has_shares(self) -> bool:
        """Whether its idle color can have a share: by its route, or by pods."""
        return False

    @property
    def by_replicas(self) -> bool:
        """Whether its share is a number of pods behind one selector of both colors."""
        return self.has_shares and self.route is None and not self.by_label

    @property
    def weight(self) -> int:
        """The percentage of its route, or of new connections, that the file gives to the idle color; 0 without one."""
        weight = self._canary.get("weight")
        return weight if isinstance(weight, int) else 0

    @property
    def mirror(self) -> int:
        """The percentage of its requests that the file gives the idle color copies of; 0 without."""
        mirror = self._canary.get("mirror")
        return mirror if isinstance(mirror, int) else 0

    @property
    def exposed(self) -> bool:
        """Whether the idle color gets requests of users: a share, or copies."""
        return bool(self.weight or self.mirror)

    @property
    def exposed_by_requests(self) -> bool:
        """Whether that is by requests, of a route or of the members of a group that have one; not by pods."""
        by_pods = self.by_label or self.by_replicas
        return self.exposed and not by_pods and self.settings.get("port", 0) is not None

    @property
    def scaled(self) -> bool:
        """Whether an autoscaler chooses the number of pods."""
        return bool(self.settings.get("autoscale") or self.settings.get("autoscaler"))

    @property
    def scaled_beside(self) -> bool:
        """Whether its idle color has an autoscaler of its own: it gets requests of a share, or copies."""
        return self.scaled and self.exposed_by_requests

    @property
    def canary_pods(self) -> int:
        """The number of pods of the idle color that the file wants to have a share beside the active ones; 0 with a
        route.
        """
        return self.pods_of(self.weight) if self.has_shares and self.route is None else 0

    def pods_of(self, weight: int) -> int:
        """The number of pods that make such a share beside the active ones; none make a whole one, which the program
        refuses.
        """
        return pods_for(weight, self.replicas) if 0 < weight < WHOLE else 0

    @property
    def matches(self) -> tuple[str, ...]:
        """The requests that the file sends to the idle color whatever the weight, in words: `x-canary: always`. With
        the `color_header` of a group those that have this color in it are the first.
        """
        match, header = self._canary.get("match"), self.settings.get("color_header")
        given = match if isinstance(match, list) else []
        own = self.route is not None and kind_that_exists(self.route) is None
        stays = [Match(str(header), value=self.idle)] if header and own and self.weight else []
        return tuple(map(str, [*stays, *(read_match(one) for one in given if isinstance(one, dict))]))

    @property
    def _canary(self) -> Mapping[str, Any]:
        canary = self.settings.get("canary")
        return canary if isinstance(canary, dict) else {}
