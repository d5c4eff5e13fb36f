"""A planned release: its name, its selector, its pod template. Makes no resources."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.manifests.content import Content
from components.releases.view import ReleaseView, Scale
from components.rules.images import Rewrites
from components.settings import Release
from contract.releases import Color


@dataclass(frozen=True)
class PlannedRelease:
    """The release of one color."""

    color: Color
    release: Release
    revision: str
    replicas: int
    name: str
    template: Mapping[str, Any]
    selector: Mapping[str, str]
    content: Content
    service: str
    stop_seconds: int
    scale: Scale | None
    settle_seconds: int = 0
    rewrites: Rewrites = "registry"

    @property
    def adopted(self) -> bool:
        """Whether its workload was there before and is left as it is."""
        return self.release.adopt is not None

    @property
    def view(self) -> ReleaseView:
        """The release as checks see it."""
        return ReleaseView(
            self.color,
            self.release,
            self.revision,
            self.selector,
            self.replicas,
            self.stop_seconds,
            self.scale,
            self.adopted,
            self.settle_seconds,
            self.rewrites,
        )
