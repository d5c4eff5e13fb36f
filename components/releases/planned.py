"""One color's slot: what its release is called, what selects it, what its pods look like. Makes no resources.

The revision is what runs, exactly. For a Deployment it is the release; a ReplicaSet never rolls its pods, so there the
digest of the pod template is part of it and any change of the template is another ReplicaSet, made and awaited beside
the old one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from components.manifests.content import NOTHING, Content
from components.manifests.pod import pod_template
from components.releases.instance import ALONE, InstanceContext
from components.releases.view import ReleaseView, Scale
from components.rules import labels, names
from components.rules.digest import stable_digest
from components.rules.errors import ConfigError, Problem
from components.rules.facts import selects
from components.rules.images import Rewrites
from components.settings import BlueGreenSettings, Release
from components.settings.fragment_rules import fragment_labels
from contract.releases import Color


@dataclass(frozen=True)
class PlannedRelease:
    """A color with a release in it."""

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
        """The same slot as the gates see it."""
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


def plan_release(
    service: str,
    part_of: str,
    settings: BlueGreenSettings,
    color: Color,
    planned: Callable[[Color, Release], Content],
    variables: Mapping[str, str] | None = None,
    instance: InstanceContext = ALONE,
) -> PlannedRelease | None:
    """The slot of one color; None where the config has no release for it. `planned` says what travels with a release,
    `variables` go to its pods.
    """
    release = settings.release(color)
    if release is None:
        return None
    if release.adopt:
        return _adopted_release(service, part_of, settings, color, release)
    content = planned(color, release)

    def selector(revision: str) -> dict[str, str]:
        return labels.selector_labels(service, color=color, revision=revision) | dict(instance.labels)

    def template(revision: str) -> dict[str, Any]:
        return pod_template(
            settings,
            release,
            labels=labels.pod_labels(
                service,
                part_of=part_of,
                version=release.version,
                color=color,
                revision=revision,
                named=not settings.adopt_service,
            )
            | instance.described,
            spread=selector(revision),
            content=content,
            variables={**instance.variables, **(variables or {})},
        )

    revision = release.id
    if settings.workload == "replica-set":
        revision = names.revision(release.id, stable_digest(template(release.id)))
    name = names.workload_name(service, color, revision)
    return PlannedRelease(
        color=color,
        release=release,
        revision=revision,
        replicas=settings.fewest if color == settings.active else settings.standby,
        name=name,
        template=template(revision),
        selector=selector(revision),
        content=content,
        service=names.color_service_name(service, color),
        stop_seconds=settings.termination_grace_seconds,
        scale=Scale(settings.workload_plural, name, settings.autoscale.max_replicas) if settings.autoscale else None,
        settle_seconds=settings.drain_seconds,
        rewrites=settings.image_rewrites,
    )


def _adopted_release(
    service: str, part_of: str, settings: BlueGreenSettings, color: Color, release: Release
) -> PlannedRelease:
    """The slot whose workload was there before. How many pods it has is its own business: one is the least."""
    adopt = release.adopt
    assert adopt is not None  # noqa: S101 - the caller asked
    ours = {**settings.pod_labels, **labels.pod_labels(service, part_of=part_of, version="", named=False)}
    for one in (settings, settings.blue, settings.green):
        ours |= fragment_labels(one.pod) if one else {}
    refuse_selecting_ours(f"{service}.{color}", adopt.selector, ours)
    return PlannedRelease(
        color=color,
        release=release,
        revision=release.id,
        replicas=1,
        name=adopt.deployment,
        template={},
        selector=adopt.selector,
        content=NOTHING,
        service=names.color_service_name(service, color),
        stop_seconds=settings.termination_grace_seconds,
        scale=None,
        settle_seconds=settings.drain_seconds,
        rewrites=settings.image_rewrites,
    )


def refuse_selecting_ours(path: str, selector: Mapping[str, str], ours: Mapping[str, str]) -> None:
    """The selector of what was there before must not find pods of ours. Raises ConfigError.

    `ours` are the labels that every pod of ours has, whatever its release.
    """
    if selects(selector, ours):
        raise ConfigError(
            [
                Problem(
                    f"{path}.adopt.selector",
                    f"{dict(selector)} finds the pods of new releases too: they carry {dict(ours)}",
                    "the first release beside the adopted one would take a share of its traffic before any gate",
                    "give the pods of the existing Deployment one more label, and the Service's selector after them",
                )
            ]
        )
