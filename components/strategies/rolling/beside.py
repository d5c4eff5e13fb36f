"""What stands beside the Deployment of a rolling service: its Services, its budget, its autoscaler."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from components.manifests import beside, objects
from components.strategies.rolling.settings import RollingSettings

Metadata = Callable[[str, str], dict[str, Any]]


class Beside:
    """Makes the objects of the service `name`. `selector` finds the pods, and `workload` is what the autoscaler scales;
    `metadata` is that of an object by its name and role, `child` the options of a resource.
    """

    def __init__(
        self,
        name: str,
        settings: RollingSettings,
        selector: Mapping[str, str],
        workload: str,
        *,
        metadata: Metadata,
        child: Callable[..., pulumi.ResourceOptions],
    ) -> None:
        self._name, self._settings, self._selector, self._workload = name, settings, selector, workload
        self._metadata, self._child = metadata, child

    def clients_service(self, deployment: pulumi.Resource) -> pulumi.Resource:
        """The Service that clients send to."""
        manifest = beside.clients_service(self._metadata(self._name, "live"), self._settings, self._selector)
        return objects.Service(self._name, manifest, self._child(depends_on=[deployment]))

    def further_services(self, deployment: pulumi.Resource) -> list[pulumi.Resource]:
        """All others over the same pods."""
        return [
            objects.Service(
                name,
                beside.further_service(self._metadata(name, "further"), self._settings, self._selector, fragment),
                self._child(depends_on=[deployment]),
            )
            for name, fragment in self._settings.services.items()
        ]

    def budget(self) -> None:
        """The disruption budget, where there is one."""
        if beside.wants_budget(self._settings, self._settings.fewest):
            meta = self._metadata(self._name, "budget")
            manifest = beside.disruption_budget(meta, self._selector, self._settings.budget)
            objects.PodDisruptionBudget(self._name, manifest, self._child())

    def autoscaler(self, deployment: pulumi.Resource) -> None:
        """The autoscaler, where there is one."""
        settings = self._settings
        if settings.scaling:
            meta = self._metadata(self._name, "autoscaler")
            manifest = beside.autoscaler(meta, settings.autoscale, settings.autoscaler, "Deployment", self._workload)
            objects.HorizontalPodAutoscaler(self._name, manifest, self._child(depends_on=[deployment]))
