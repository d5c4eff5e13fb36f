"""The trial of objects in a preview: the API server validates each one that is to be created or changed.

The engine's provider has them tried as well, in words of its own: it names no key of the config, and of a change it
says that the object "failed to fully initialize or become live". Left out is what cannot be told: objects with secrets
or with values that are not known yet, objects that others made, those that are made over one that is there, and all
where the identity may only read.
"""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.cluster.cluster import Cluster
from components.rules import trial
from components.rules.errors import ObjectRefused
from contract.ownership import ENGINE_MANAGER

_MANAGER = "__fieldManager"  # where the provider's outputs have it


class _NotPlainError(Exception):
    """A value is secret, or not known yet."""


async def refuse_unfit(
    cluster: Cluster, service: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any] | None
) -> None:
    """Try an object: `outputs` are those of the one that there is, None of a new one. Raises ObjectRefused."""
    manager = (outputs or {}).get(_MANAGER)
    if outputs is not None and (not isinstance(manager, str) or manager == ENGINE_MANAGER):
        return  # it does not apply on the server's side, so nothing here would be as it does it
    try:
        manifest = _plain(inputs)
    except _NotPlainError:
        return
    refused: ObjectRefused | None = trial.refusal(service, manifest, await cluster.try_out(manifest, manager))
    if refused:
        raise refused


def _plain(value: Any) -> Any:
    """The value as the API server takes it. Raises _NotPlainError."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items() if not key.startswith("__")}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():  # the engine's protocol has no whole numbers
        return int(value)
    if value is None or (isinstance(value, (str, int, float)) and value != pulumi.runtime.rpc.UNKNOWN):
        return value
    raise _NotPlainError
