"""The arguments of a component: its name, its settings, and where it is made.

Settings come as one object (`BlueGreenSettings(…)`) or as keyword arguments, field by field. All components that have
settings of their own read them here; the overloads of each constructor only name its types.
"""

from dataclasses import dataclass
from typing import Generic, Required, TypedDict, TypeVar

import pulumi

from components.cluster.access import cluster_for
from components.cluster.cluster import Cluster
from components.rules.errors import ConfigError
from components.rules.problem import Problem
from components.settings.base import Settings
from components.settings.parse import from_fields

S = TypeVar("S", bound=Settings)


class Place(TypedDict, total=False):
    """The place of a component. `cluster` is where the gates look: by default where the default provider of this
    program deploys to.
    """

    namespace: Required[str]
    cluster: Cluster | None
    opts: pulumi.ResourceOptions | None


@dataclass(frozen=True)
class Arguments(Generic[S]):
    """The arguments of a component's constructor. `cluster` is None where the caller named none."""

    name: str
    settings: S
    namespace: str
    cluster: Cluster | None
    opts: pulumi.ResourceOptions | None

    def gated_cluster(self) -> Cluster:
        """The cluster that the gates ask. Raises ConfigError where a provider is given and no cluster."""
        return self.cluster or cluster_for(self.name, self.namespace, self.opts)


def read_arguments(
    model: type[S],
    name: str,
    settings: S | None,
    *,
    namespace: str,
    cluster: Cluster | None = None,
    opts: pulumi.ResourceOptions | None = None,
    **fields: object,
) -> Arguments[S]:
    """The arguments with their settings, which are validated where they came as `fields`. Raises ConfigError."""
    if settings is None:
        settings = from_fields(model, fields, name)
    elif fields:
        raise ConfigError([_both(name, ", ".join(sorted(fields)))])
    return Arguments(name, settings, namespace, cluster, opts)


def _both(name: str, fields: str) -> Problem:
    return Problem(
        name,
        f"a settings object is given, and {fields} beside it",
        "which of the two counts would be a guess",
        "put the fields into the settings object, or give all settings as keyword arguments",
    )
