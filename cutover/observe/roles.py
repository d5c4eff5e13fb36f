"""The metadata by role as the pods of a service have it: how many have what the config has for their role. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cutover.observe.records import ColorStatus
    from cutover.strategies.service import ServiceView

SETTINGS = {"active": "active_metadata", "preview": "preview_metadata"}
"""Role -> its key in the settings."""


@dataclass(frozen=True)
class RoleStatus:
    """The pods of one color: `have` of so many `pods` have the metadata of their role, by the note on them."""

    color: str
    role: str
    have: int
    pods: int

    @property
    def settled(self) -> bool:
        """Whether all have it."""
        return self.have == self.pods

    def __str__(self) -> str:
        late = "" if self.settled else "; `cutover up` gives it to the rest"
        return f"{SETTINGS[self.role]} on {self.have} of {self.pods} pods of {self.color}{late}"

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {"color": self.color, "role": self.role, "have": self.have, "pods": self.pods}


def roles_in(service: "ServiceView") -> tuple[str, ...]:
    """The roles that the file has metadata for."""
    found = {role: service.settings.get(key) for role, key in SETTINGS.items()} if service.switches else {}
    return tuple(role for role, given in found.items() if isinstance(given, dict) and any(given.values()))


def roles_of(service: "ServiceView", colors: Mapping[str, "ColorStatus"]) -> tuple[RoleStatus, ...]:
    """Of each color with pods whose role has metadata; one that ends needs none. Pods of what was adopted are left as
    they are.
    """
    asked = roles_in(service)
    found = []
    for name, color in colors.items():
        role = "active" if color.role == "live" else "preview"
        adopted = service.slots.get(name, {}).get("adopt")
        staying = [pod for pod in color.pods if not pod.terminating]
        if role in asked and staying and not adopted:
            have = sum(pod.role == role for pod in staying)
            found.append(RoleStatus(name, role, have, len(staying)))
    return tuple(found)


def after_switch(service: "ServiceView") -> str:
    """The metadata that the pods get after a switch to the active color, in words; empty where the file has none."""
    gets = {"active": service.active, "preview": service.idle}
    given = [f"{SETTINGS[role]} on the pods of {gets[role]}" for role in roles_in(service)]
    return f"right after the switch: {', '.join(given)}" if given else ""
