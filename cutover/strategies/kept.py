"""The releases that a service keeps beside its slots, as the file has them."""

from collections.abc import Mapping
from typing import Any, ClassVar

from cutover.strategies.releases import Release, written


class Kept:
    """The kept releases of a service with these `settings`; of one whose traffic is not switched there are none."""

    settings: Mapping[str, Any]
    switches: ClassVar[bool]

    @property
    def keep(self) -> int:
        """How many releases that served are to stand by."""
        given = self.settings.get("keep")
        return given if isinstance(given, int) and not isinstance(given, bool) else 1

    @property
    def kept(self) -> tuple[Release, ...]:
        """The releases that stand by beside its slots, the newest first."""
        given = self.settings.get("kept") if self.switches else None
        listed = given if isinstance(given, list) else ()
        return tuple(written(one) for one in listed if isinstance(one, dict))
