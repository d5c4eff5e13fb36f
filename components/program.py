"""The program of a stack: its configuration, the components that it asks for, its exports."""

from collections.abc import Sequence
from typing import Any

import pulumi

from components.cluster.access import cluster_for
from components.hooks.engine import leave_quietly_when_interrupted
from components.hooks.removal import warn_of_endings
from components.hooks.sdk import tell_no_debug, wait_in_rounds
from components.rules.errors import CutoverError
from components.rules.names import environment_name
from components.stack.load import load_settings
from components.stack.settings import StackSettings
from components.strategies.blue_green.group import ReleaseGroup
from components.strategies.environments.component import Environments
from components.strategies.environments.settings import EnvironmentsSettings
from components.strategies.registry import strategy_of
from contract.garbage import collect_rarely


def run() -> None:
    """The whole program of a stack: its configuration, the components that it asks for, its exports. A mistake in the
    configuration ends it with the reason, without a traceback.
    """
    leave_quietly_when_interrupted()
    collect_rarely()
    tell_no_debug()
    wait_in_rounds()
    try:
        settings = load_settings(pulumi.Config("cutover"))
        exports = deploy(settings)
        for name, outputs in exports.items():
            pulumi.export(name, outputs)
        _warn_of_endings(settings.namespace, tuple(exports))
    except CutoverError as error:
        raise pulumi.RunError(str(error)) from None


def _warn_of_endings(namespace: str, known: Sequence[str]) -> pulumi.Output[int]:
    cluster = cluster_for("cutover", namespace, None)

    async def warn(_: bool) -> int:
        return await warn_of_endings(cluster, known)

    return pulumi.Output.from_input(True).apply(warn)  # the program waits for its outputs, whoever takes them


def deploy(settings: StackSettings) -> dict[str, Any]:
    """The services of a stack, made. Returns its exports: name of a service -> its outputs."""
    exports: dict[str, Any] = {}
    for name, group in settings.groups.items():
        members = {member: settings.blue_green(member) for member in group.services}
        made = ReleaseGroup(
            name,
            namespace=settings.namespace,
            active=group.active,
            services=members,
            switch=group.switch,
            canary=group.canary,
            color_header=group.color_header,
        ).members
        exports |= {member: one.outputs for member, one in made.items()}
    for name, service in settings.services.items():
        if name not in exports:
            exports[name] = strategy_of(service).deploy(name, service, settings.namespace)
    if settings.environments:
        beside = Environments("environments", settings.environments, namespace=settings.namespace)
        exports |= _fronts(settings.environments, beside)
    return exports


def _fronts(settings: EnvironmentsSettings, made: Environments) -> dict[str, Any]:
    """The outputs of each front, and of each service of each environment, by the names of their Services."""
    fronts = {name: {"active": made.active, "address": made.addresses[name]} for name in settings.in_front}
    own = {
        environment_name(name, environment): {"address": made.services[environment][name]}
        for environment, build in settings.builds.items()
        for name in build.services
    }
    return fronts | own
