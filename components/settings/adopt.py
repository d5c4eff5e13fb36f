"""The setting of an adopted release: an existing Deployment, imported and left as it is."""

from typing import Annotated

from pydantic import Field

from components.settings import adopt_rules
from components.settings.base import Settings, Why
from components.settings.values import LabelKey, LabelValue, ObjectName, VolumeName


class Adopt(Settings):
    """The existing Deployment that runs a release. Nothing of it is ever changed; `cutover adopt` writes this."""

    deployment: Annotated[ObjectName, Why("another Deployment would be taken for the release, and removed with it")] = (
        Field(description="Name of the existing Deployment.")
    )
    selector: Annotated[
        dict[LabelKey, LabelValue], Field(min_length=1), Why("a Service that selects nothing answers nobody")
    ] = Field(description="Selector of the existing Service, word for word: what finds the pods of the Deployment.")
    container: Annotated[VolumeName | None, Why("the gates would look at the image of another container")] = Field(
        default=None,
        description="Name of the container that serves; unset: the one that `kubectl` takes, mostly the first.",
    )

    rules = adopt_rules.ADOPT_RULES
