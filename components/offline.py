"""The manifests that the program would apply, made without an engine and a cluster: for review and policy tools.

The program runs against the SDK's own mocks, as in a preview, so what it registers is what an `up` sends. Values of
secrets are not known here: a Secret shows none, and its name, made from them, is another one than in the cluster.
Objects that were there before (`adopt`) are left out: nothing of them is applied.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import pulumi
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import mocks

from components import program
from components.cluster.access import ASKS
from components.rules.errors import CutoverError
from components.stack.load import load_settings

UNKNOWN = "[secret]"


class _Nothing(mocks.Mocks):
    """Gives each resource back as it was registered, without an id: nobody makes it, so no cluster is asked for it."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return "", args.inputs

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise NotImplementedError(args.token)  # the components call no function of a provider


def manifests_of(project: str, stack: str, config: Mapping[str, str], secret: list[str]) -> dict[str, Any]:
    """`objects`, by kind and name, or `problems`, in words. `config` is the stack's, its texts
    as they are and all else as JSON; `secret` names the keys whose values are encrypted.
    """
    found: list[dict[str, Any]] = []

    class Monitor(mocks.MockMonitor):
        def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the SDK's name
            if request.type.startswith("kubernetes:") and not request.importId:
                found.append(_shown(MessageToDict(request.object)))
            return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    asyncio.set_event_loop(asyncio.new_event_loop())
    nothing = _Nothing()
    ASKS.set(False)
    pulumi.runtime.set_mocks(nothing, project=project, stack=stack, preview=True, monitor=Monitor(nothing))
    known = {key: UNKNOWN if key in secret else value for key, value in config.items()}
    pulumi.runtime.set_all_config(known, secret)
    try:
        pulumi.runtime.test(lambda: _deploy())()  # type: ignore[no-untyped-call]
    except (CutoverError, pulumi.RunError) as error:
        return {"problems": str(error)}
    return {"objects": sorted(found, key=lambda one: (one["kind"], one["metadata"]["name"]))}


def _deploy() -> pulumi.Output[Any]:
    made = program.deploy(load_settings(pulumi.Config("cutover")))
    return pulumi.Output.all(*(pulumi.Output.from_input(one) for one in made.values()))


def _shown(manifest: dict[str, Any]) -> dict[str, Any]:
    """The object with whole numbers as such, which the engine's protocol has not, and without values of secrets."""
    whole: dict[str, Any] = _whole(manifest)
    if whole.get("kind") == "Secret":
        whole["data"] = dict.fromkeys(_names(whole["data"]), UNKNOWN)
    return whole


def _names(data: Any) -> list[str]:
    """The keys of a Secret's data, which the protocol wraps as a secret."""
    inner = data.get("value", data)
    return [name for name in inner if isinstance(name, str)] if isinstance(inner, dict) else []


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _whole(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
