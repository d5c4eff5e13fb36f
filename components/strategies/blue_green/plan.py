"""The plan of one color: the name of its release, its selector, the template of its pods. Makes no resources.

The revision is what runs, exactly. For a Deployment it is the release. A ReplicaSet never rolls its pods, so there the
digest of the pod template is part of the revision: any change of the template is another ReplicaSet, made and awaited
beside the old one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from components.manifests.content import NOTHING, Content
from components.manifests.pod import pod_template
from components.releases.adopted import refuse_selecting_ours
from components.releases.instance import ALONE, InstanceContext
from components.releases.planned import PlannedRelease
from components.releases.view import Scale
from components.rules import labels, names
from components.rules.digest import stable_digest
from components.settings import Release
from components.settings.fragment_rules import fragment_labels
from components.strategies.blue_green.settings import BlueGreenSettings
from contract.pod_shares import WHOLE
from contract.releases import Color, color_service_name

Planned = Callable[[Color, Release], Content]
"""The content (ConfigMaps, Secret) of a release on a color."""


@dataclass(frozen=True)
class Planner:
    """The plan of the releases of one service: `planned` makes their content, `variables` go to the pods of a color."""

    service: str
    part_of: str
    settings: BlueGreenSettings
    planned: Planned
    variables: Callable[[Color], Mapping[str, str]] = lambda _: {}
    instance: InstanceContext = ALONE

    def color(self, color: Color) -> PlannedRelease | None:
        """The planned release of one color; None where the config has none for it."""
        settings = self.settings
        release = settings.release(color)
        if release is None:
            return None
        if release.adopt:
            return _adopted_release(self.service, self.part_of, settings, color, release)
        return self._release(color, release, settings.fewest if color == settings.active else settings.beside)

    def kept(self) -> tuple[PlannedRelease, ...]:
        """The releases that stand by beside both colors. They are of the idle color, whichever that is, so that any of
        them can take its place there with the pods that it has (docs/adr/0035).
        """
        settings = self.settings
        return tuple(self._release(settings.idle, one, settings.standby) for one in settings.kept_beside)

    def _release(self, color: Color, release: Release, replicas: int) -> PlannedRelease:
        settings, instance, service = self.settings, self.instance, self.service
        content = self.planned(color, release)

        def selector(revision: str) -> dict[str, str]:
            return labels.selector_labels(service, color=color, revision=revision) | dict(instance.labels)

        def template(revision: str) -> dict[str, Any]:
            return pod_template(
                settings,
                release,
                labels=labels.pod_labels(
                    service,
                    part_of=self.part_of,
                    version=release.version,
                    color=color,
                    revision=revision,
                    named=not settings.adopt_service,
                )
                | instance.described,
                spread=selector(revision),
                content=content,
                variables={**instance.variables, **self.variables(color)},
            )

        revision = release.id
        if settings.workload == "replica-set":
            revision = names.revision(release.id, stable_digest(template(release.id)))
        name = names.workload_name(service, color, revision)
        return PlannedRelease(
            color=color,
            release=release,
            revision=revision,
            replicas=replicas,
            name=name,
            template=template(revision),
            selector=selector(revision),
            content=content,
            service=color_service_name(service, color),
            stop_seconds=settings.termination_grace_seconds,
            scale=_scale(settings, color, name),
            settle_seconds=settings.drain_seconds,
            rewrites=settings.image_rewrites,
        )


def _scale(settings: BlueGreenSettings, color: Color, name: str) -> Scale | None:
    if settings.scaling is None:
        return None
    share = settings.exposure if settings.scaled_beside and color == settings.idle else WHOLE
    return Scale(settings.workload_plural, name, settings.scaling.max_replicas, share)


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
        service=color_service_name(service, color),
        stop_seconds=settings.termination_grace_seconds,
        scale=None,
        settle_seconds=settings.drain_seconds,
        rewrites=settings.image_rewrites,
    )
