"""A release: version, build and image, its id, and the settings of that release only."""

from typing import Annotated, Literal

from pydantic import Field

from components.settings import adopt_rules
from components.settings.adopt import Adopt
from components.settings.base import Settings, Why
from components.settings.fragment import FRAGMENT_RULES, Fragment
from components.settings.secret_keys import Secrets
from components.settings.values import Build, ConfigContent, Environment, FileContents, Image, Version
from contract.releases import Numbered, release_id


class Release(Settings):
    """One version of the application, as it was built."""

    version: Annotated[Version, Why("a release that cannot be told apart cannot be rolled back")] = Field(
        description="Version of the application, quoted where YAML would read a number (`'1.5'`)."
    )
    build: Annotated[Build, Why("two builds of one version would count as one release and never be cut over")] = Field(
        description="Number of the build that made the image."
    )
    image: Annotated[Image, Why("no node could pull it, so no pod of the release would start")] = Field(
        description="Image with a tag or, better, a digest. `latest` is refused: it moves."
    )
    env: Environment = Field(default={}, description="Environment variables of this release, over the service's own.")
    config: ConfigContent = Field(default={}, description="ConfigMap content of this release, over the service's own.")
    config_files: FileContents = Field(default={}, description="Files of this release, over the service's own.")
    secrets: Annotated[Secrets, Why("with a key of its own, a rollback brings the old value back")] = Field(
        default={}, description="Secret variables of this release, `VARIABLE: key`, over the service's own."
    )
    pod: Annotated[Fragment, Why("with a shape of its own, a rollback brings the old shape back")] = Field(
        default={},
        description="Fragment of a `PodTemplateSpec` of this release, over the service's own `pod` (docs/pods.md).",
    )
    adopt: Annotated[Adopt | None, Why("what serves now would have to be stopped to be taken over")] = Field(
        default=None,
        description="The existing Deployment that runs this release already; goes away with the next release. "
        "`cutover adopt` writes it.",
    )

    rollback: Annotated[
        Literal["forbidden", "allowed"] | None, Why("an older release fails on data that it cannot read")
    ] = Field(
        default=None,
        description="`forbidden`: once it was live, no older release of the service may be (docs/databases.md). "
        "`allowed` lifts that again, once it is live.",
    )

    rules = (*adopt_rules.RELEASE_RULES, *FRAGMENT_RULES)

    @property
    def numbered(self) -> Numbered:
        """The version and build, which order it among the releases of its service."""
        return Numbered(self.version, self.build)

    @property
    def id(self) -> str:
        """`1-5-0-b3`: names the workload, its pods' labels and the live Service's selector."""
        return release_id(self.version, self.build)
