"""The plan of a rolling service: its names, its labels and selectors, its pods, its release as checks see it.

The release is a label and never part of the workload's selector, which Kubernetes does not let change.
"""

from dataclasses import dataclass, replace
from typing import Any

from components.manifests import workload
from components.manifests.content import Content
from components.manifests.pod import pod_template
from components.releases.backend import Backend
from components.releases.instance import InstanceContext
from components.releases.view import ReleaseView, Scale
from components.rules import labels, names
from components.strategies.rolling.adoption import OWN
from components.strategies.rolling.settings import RollingSettings


@dataclass(frozen=True)
class RollingPlan:
    """The plan of one rolling service: the objects that are made for it. Pure.

    Args:
        service: Its name.
        settings: Its settings.
        namespace: Where its objects go.
        part_of: The Pulumi project.
        instance: The environment or the front that it belongs to.
    """

    service: str
    settings: RollingSettings
    namespace: str
    part_of: str
    instance: InstanceContext

    @property
    def workload(self) -> str:
        """Name of the Deployment or StatefulSet."""
        settings = self.settings
        return names.rolling_name(self.service, beside=settings.adopt_service, stateful=settings.stateful)

    @property
    def selector(self) -> dict[str, str]:
        """Labels of the pods of every release."""
        own = OWN if self.settings.adopt_service else {}
        return labels.selector_labels(self.service) | dict(self.instance.labels) | dict(own)

    @property
    def release_selector(self) -> dict[str, str]:
        """Labels of the pods of this release, whatever the environment."""
        return labels.selector_labels(self.service, revision=self.settings.release.id)

    @property
    def url(self) -> str | None:
        """URL of the Service inside the cluster; None for a worker, which has no port and so no Service."""
        if self.settings.port is None:
            return None
        return f"http://{self.service}.{self.namespace}.svc:{self.settings.service_port}"

    def pod_labels(self, version: str) -> dict[str, str]:
        """Labels of the pods of a version; without the ones that tell releases apart."""
        named = not self.settings.adopt_service
        made = labels.pod_labels(self.service, part_of=self.part_of, version=version, named=named)
        return made | self.instance.described

    def template(self, content: Content) -> dict[str, Any]:
        """The pod template of the release."""
        release = self.settings.release
        return pod_template(
            self.settings,
            release,
            labels=self.pod_labels(release.version) | self.release_selector,
            spread=self.selector,
            content=content,
            variables=self.instance.variables,
        )

    def metadata(self, name: str, role: str) -> dict[str, Any]:
        """Metadata of the object `name` in a role (`workload`, `live`, `budget`, …)."""
        version = self.settings.release.version if role == "workload" else None
        made = labels.object_labels(self.service, part_of=self.part_of, component=role, version=version)
        return workload.metadata(name, self.namespace, made | self.instance.described)

    @property
    def release(self) -> ReleaseView:
        """The pods of the release, and of no other."""
        return replace(self.view("release"), selector=self.selector | self.release_selector)

    def view(self, key: str) -> ReleaseView:
        """The service as checks see it; `key` is its name in the config."""
        settings, scale = self.settings, self.settings.scaling
        return ReleaseView(
            key,
            settings.release,
            settings.release.id,
            self.selector,
            settings.fewest,
            settings.termination_grace_seconds,
            Scale(settings.kind, self.workload, scale.max_replicas) if scale else None,
            stateful=settings.stateful,
            rewrites=settings.image_rewrites,
        )

    def backend(self, key: str) -> Backend:
        """The service as a backend of a front; `key` is its name in the config."""
        settings = self.settings
        return Backend(self.view(key), self.service, settings.kind, self.workload, settings.progress_deadline_seconds)
