"""The components of the plugin: the inputs of each, how it is made, its outputs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.cluster.cluster import Cluster
from components.hooks.component import Component
from components.plugin.inputs import GroupInputs
from components.plugin.spelling import Node, definitions, without
from components.settings.base import Settings
from components.strategies.blue_green.component import BlueGreenService
from components.strategies.blue_green.group import ReleaseGroup
from components.strategies.blue_green.settings import BlueGreenSettings
from components.strategies.environments.component import Environments
from components.strategies.environments.settings import EnvironmentsSettings
from components.strategies.rolling.component import RollingApp
from components.strategies.rolling.settings import RollingSettings
from components.strategies.versions.component import SideBySide
from components.strategies.versions.settings import SideBySideSettings

PACKAGE = "cutover"

Tells = Mapping[str, Any]
Make = Callable[[str, Any, str, Cluster | None, pulumi.ResourceOptions], tuple[pulumi.ComponentResource, Tells]]
"""From a name, the settings, a namespace, the cluster and options to the component and its outputs."""

_TEXT: Node = {"type": "string"}
_TEXTS: Node = {"type": "object", "additionalProperties": _TEXT}


@dataclass(frozen=True)
class Kind:
    """One component. `outputs` are properties of the package schema; those in `maybe` may be missing."""

    name: str
    settings: type[Settings]
    make: Make
    outputs: Mapping[str, Node]
    maybe: tuple[str, ...] = ()

    @property
    def token(self) -> str:
        """`cutover:index:RollingApp`: the type of the resource, in a program in Python too."""
        return f"{PACKAGE}:index:{self.name}"

    @property
    def inputs(self) -> Node:
        """The model of all that it takes: where it goes and its settings. What it is called says its kind."""
        place, settings = definitions()["Place"], without(definitions()[self.settings.__name__], "strategy")
        return {
            **settings,
            "properties": {**place["properties"], **settings["properties"]},
            "required": [*place["required"], *settings["required"]],
        }


def _made(component: Callable[..., Component]) -> Make:
    """How a component is made that takes a settings object and tells its outputs."""

    def make(
        name: str, settings: Any, namespace: str, cluster: Cluster | None, opts: pulumi.ResourceOptions
    ) -> tuple[pulumi.ComponentResource, Tells]:
        made = component(name, settings, namespace=namespace, cluster=cluster, opts=opts)
        return made, made.outputs

    return make


def _group(
    name: str, settings: GroupInputs, namespace: str, cluster: Cluster | None, opts: pulumi.ResourceOptions
) -> tuple[pulumi.ComponentResource, Tells]:
    made = ReleaseGroup(
        name,
        namespace=namespace,
        active=settings.active,
        services={member: settings.services[member] for member in settings.order},
        switch=settings.switch,
        canary=settings.canary,
        color_header=settings.color_header,
        cluster=cluster,
        opts=opts,
    )
    return made, {"active": made.active, "members": {one: of.outputs for one, of in made.members.items()}}


MEMBER_OUTPUTS = "GroupMemberOutputs"
_TWO_COLORS: Mapping[str, Node] = {
    "active": {**_TEXT, "description": "The color that serves, known once its endpoints are verified."},
    "address": {**_TEXT, "description": "URL of the live Service inside the cluster."},
    "previewAddress": {**_TEXT, "description": "URL of the idle color's own Service; none without an idle release."},
    "releases": {**_TEXTS, "description": "Release id per color."},
}
OUTPUT_TYPES: Mapping[str, tuple[str, Mapping[str, Node], tuple[str, ...]]] = {
    MEMBER_OUTPUTS: ("What a member of a group tells.", _TWO_COLORS, ("previewAddress",)),
    "VersionOutputs": (
        "Where a version is, and its release.",
        {
            "address": {**_TEXT, "description": "URL of its Service inside the cluster."},
            "release": {**_TEXT, "description": "Release id, known once the rollout is complete."},
        },
        (),
    ),
}
"""Objects in the outputs: what each is, its properties, and those that may be missing."""


def _map_of(type_name: str, description: str) -> Node:
    inner = {"$ref": f"#/types/{PACKAGE}:index:{type_name}"}
    return {"type": "object", "additionalProperties": inner, "description": description}


KINDS: tuple[Kind, ...] = (
    Kind("BlueGreenService", BlueGreenSettings, _made(BlueGreenService), _TWO_COLORS, ("previewAddress",)),
    Kind(
        "RollingApp",
        RollingSettings,
        _made(RollingApp),
        {
            "address": {**_TEXT, "description": "URL of the Service inside the cluster; none for a worker."},
            "release": {**_TEXT, "description": "Release id, known once the rollout is complete."},
        },
        ("address",),
    ),
    Kind(
        "SideBySide",
        SideBySideSettings,
        _made(SideBySide),
        {
            "active": {**_TEXT, "description": "The version that the front sends to, once verified; none without one."},
            "address": {**_TEXT, "description": "URL of the front inside the cluster; none without one."},
            "versions": _map_of("VersionOutputs", "The versions, by the words that their addresses end in."),
        },
        ("active", "address"),
    ),
    Kind(
        "Environments",
        EnvironmentsSettings,
        _made(Environments),
        {
            "active": {**_TEXT, "description": "The environment that takes the traffic, once verified."},
            "addresses": {**_TEXTS, "description": "URL of each front inside the cluster."},
            "services": {
                "type": "object",
                "additionalProperties": _TEXTS,
                "description": "Per environment the URL of each of its services.",
            },
        },
    ),
    Kind(
        "ReleaseGroup",
        GroupInputs,
        _group,
        {
            "active": {**_TEXT, "description": "The color that serves, known once all endpoints are verified."},
            "members": _map_of(MEMBER_OUTPUTS, "What each member tells, by its name."),
        },
    ),
)
BY_TOKEN = {kind.token: kind for kind in KINDS}
