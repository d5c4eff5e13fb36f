"""The choice of the cluster that the gates ask: the one that the program deploys to."""

import os
from contextvars import ContextVar

import pulumi

from components.cluster.cluster import Cluster
from components.rules.errors import ConfigError
from components.rules.problem import Problem
from kubeaccess import Access as ClusterAccess

_known: dict[tuple[ClusterAccess, str | None, str], Cluster] = {}
ASKS = ContextVar("ASKS", default=True)
"""Whether there is a cluster to ask: not where the manifests alone are made (`components.offline`)."""


def cluster_for(name: str, namespace: str, opts: pulumi.ResourceOptions | None) -> Cluster:
    """The cluster of the default provider: what the stack's `kubernetes:` config names, else what kubectl takes.

    It is the same for all services of a namespace, so that they share its connections. A provider of the caller's own
    keeps its kubeconfig to itself, so the caller must say where the gates may look.
    """
    if opts and (opts.provider or opts.providers):
        raise ConfigError(
            [
                Problem(
                    f"{name}: opts.provider",
                    "a provider of its own is given, without `cluster`",
                    "the gates would ask the default cluster about pods that run elsewhere",
                    "pass `cluster=Cluster(ClusterAccess(kubeconfig=…), namespace)` with the same kubeconfig",
                )
            ]
        )
    config = pulumi.Config("kubernetes")
    access = ClusterAccess(config.get("kubeconfig"), config.get("context"), config.get("cluster"))
    which = (access, os.environ.get("KUBECONFIG"), namespace)
    if which not in _known:
        _known[which] = Cluster(access, namespace)
    return _known[which]
