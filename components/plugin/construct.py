"""Construct: makes one component for a program in any language, in the process of the plugin."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi.provider import ConstructResult, Provider
from pulumi.resource import DependencyResource
from pulumi.runtime import rpc

from components.cluster.cluster import Cluster
from components.hooks.engine import interrupt_gates
from components.plugin import package
from components.plugin.kinds import BY_TOKEN, Kind
from components.plugin.problems import invalid
from components.plugin.reading import Read, settings_of, unknown
from components.rules.errors import ConfigError
from components.rules.problem import Problem

_KUBERNETES = "kubernetes"


class Given(dict[str, Any]):
    """The inputs of one component as `components.plugin.values.read` gives them; `urns` are what they come from."""

    def __init__(self, values: Mapping[str, Any], urns: set[str]) -> None:
        super().__init__(values)
        self.urns = urns


class Components(Provider):
    """The provider of the components. Nothing of it is a resource of its own: each makes what it makes in Python."""

    def __init__(self) -> None:
        super().__init__(package.version(), package.text())
        self.canceled = False
        """Whether the user ended the run."""

    def cancel(self) -> None:
        """The user's Ctrl-C: the engine waits for each gate that it asked, so those end."""
        self.canceled = True
        interrupt_gates()

    def construct(
        self, name: str, resource_type: str, inputs: Any, options: pulumi.ResourceOptions | None = None
    ) -> ConstructResult:
        """Make a component. Raises InputPropertiesError with everything that is wrong with its inputs."""
        kind = BY_TOKEN.get(resource_type)
        if kind is None:
            raise pulumi.RunError(f"there is no component {resource_type}; there are: {', '.join(BY_TOKEN)}")
        assert isinstance(inputs, Given)  # noqa: S101 - else the SDK's server is another one than ours was made for
        opts = _options(options, inputs.urns)
        if pulumi.runtime.is_dry_run() and (paths := unknown(inputs)):
            return _later(kind, name, opts, paths)
        try:
            read = settings_of(kind, name, inputs)
            _refuse_unknown_cluster(kind, name, read, opts)
            namespace, cluster = read.place.namespace, read.place.cluster
            where = Cluster(cluster.access, namespace) if cluster else None
            made, tells = kind.make(name, read.settings, namespace, where, opts)
        except ConfigError as error:
            raise invalid(name, error.problems, inputs) from None
        return ConstructResult(made.urn, dict(tells))


def _options(options: pulumi.ResourceOptions | None, urns: set[str]) -> pulumi.ResourceOptions:
    """The program's options. What the inputs come from is deleted after the component; only the provider that makes
    its objects counts.
    """
    opts = options or pulumi.ResourceOptions()
    providers = opts.providers if isinstance(opts.providers, Mapping) else {}
    opts.providers = {name: one for name, one in providers.items() if name == _KUBERNETES}
    after = opts.depends_on if isinstance(opts.depends_on, Sequence) else []
    opts.depends_on = [*after, *(DependencyResource(urn) for urn in sorted(urns))]
    return opts


def _later(kind: Kind, name: str, opts: pulumi.ResourceOptions, paths: Sequence[str]) -> ConstructResult:
    """In a preview: the component without what it makes, whose names and checks need all inputs."""
    made = pulumi.ComponentResource(kind.token, name, None, opts)
    made.register_outputs({})
    pulumi.warn(
        f"{name}: not known before the run: {', '.join(paths)}. So this plan is not that of its objects: it shows none "
        "to create, and those that stand as deleted. `up` makes and keeps what its inputs then say, behind the gates",
        made,
    )
    return ConstructResult(made.urn, dict.fromkeys(kind.outputs, rpc.UNKNOWN))


def _refuse_unknown_cluster(kind: Kind, name: str, read: Read, opts: pulumi.ResourceOptions) -> None:
    if not opts.providers or read.place.cluster or kind.name == "RollingApp":  # that one looks where it may, or nowhere
        return
    raise ConfigError(
        [
            Problem(
                f"{name}.cluster",
                "a Kubernetes provider of its own is given, without cluster",
                "the gates would ask the default cluster about pods that run elsewhere",
                "set cluster: {kubeconfig: …, context: …} to what that provider has",
            )
        ]
    )
