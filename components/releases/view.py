"""A release as checks, routers and drains see it: values only."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.rules.images import Rewrites
from components.settings import Release
from contract.pod_shares import WHOLE


@dataclass(frozen=True)
class Scale:
    """A workload whose number of pods is an autoscaler's; `kind` is `deployments` or `replicasets`. It is to carry
    `share` percent of what the pods carry that serve.
    """

    kind: str
    workload: str
    most: int
    share: int = WHOLE


@dataclass(frozen=True)
class ReleaseView:
    """One color as the gates see it: its release, what selects its pods, how many there must be.

    Where more than two stand side by side, `color` is the name of one of them.
    """

    color: str
    release: Release
    revision: str
    selector: Mapping[str, str]
    replicas: int
    stop_seconds: int  # how long a pod may take to stop: its termination grace period
    scale: Scale | None = None
    adopted: bool = False  # its pods are not of our making: they carry none of our labels, and perhaps no preStop pause
    settle_seconds: int = 0  # after a switch away from adopted pods: until nobody sends to them any more
    rewrites: Rewrites = "registry"  # what an admission of the cluster may change of the release's image
    stateful: bool = False  # a StatefulSet runs its pods
