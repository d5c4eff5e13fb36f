"""The objects of a rolling service other than its workload: Services, disruption budget, autoscaler."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi

from components.manifests import beside, objects, stateful
from components.settings.scaled_object import is_scaled_object
from components.strategies.rolling.governing import governing_of
from components.strategies.rolling.settings import RollingSettings

GOVERNING = "pods"
"""The role of the Service that the pods of a StatefulSet are named by."""
Metadata = Callable[[str, str], dict[str, Any]]


class Companions:
    """The objects of the service `name` beside its workload.

    Args:
        selector: Labels of its pods.
        workload: Name of the workload that the autoscaler scales.
        metadata: Metadata of an object, from its name and role.
        child: Options of a resource.
        after: What the Services come after, without an edge in the state.
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
        after: Sequence[pulumi.Resource],
    ) -> None:
        self._name, self._settings, self._selector, self._workload = name, settings, selector, workload
        self._after = after
        self._metadata, self._child = metadata, child

    def services(self) -> list[pulumi.Resource]:
        """All Services. They come before the workload: members of a StatefulSet may have to find each other, and load
        balancers ask a pod to wait for them (readiness gates) if a Service selects it when it is made.
        """
        return [*self._governing(), *self._clients_service(), *self.further_services()]

    def _clients_service(self) -> list[pulumi.Resource]:
        """The Service that clients send to; none of a worker."""
        if self._settings.port is None:
            return []
        manifest = beside.clients_service(self._metadata(self._name, "live"), self._settings, self._selector)
        return [objects.Service(self._name, manifest, self._child(), self._after)]

    def further_services(self, *after: pulumi.Resource) -> list[pulumi.Resource]:
        """The Services of `services`, over the same pods."""
        return [
            objects.Service(
                name,
                beside.further_service(self._metadata(name, "further"), self._settings, self._selector, fragment),
                self._child(depends_on=after),
                self._after,
            )
            for name, fragment in self._settings.services.items()
        ]

    def _governing(self) -> list[pulumi.Resource]:
        """Of a StatefulSet the Service that its pods are named by, unless it is another one."""
        return [
            objects.Service(
                name,
                stateful.governing_service(self._metadata(name, GOVERNING), self._settings, self._selector),
                self._child(),
                self._after,
            )
            for name in governing_of(self._name, self._settings)
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
            kind = "StatefulSet" if settings.stateful else "Deployment"
            manifest = beside.autoscaler(meta, settings.autoscale, settings.autoscaler, kind, self._workload)
            scaler = objects.ScaledObject if is_scaled_object(settings.autoscaler) else objects.HorizontalPodAutoscaler
            scaler(self._name, manifest, self._child(depends_on=[deployment]))
