"""Inputs, live objects and the provider's outputs, which hold both."""

import base64
import copy
import secrets
from typing import Any

from sandbox.engine.kube import kinds
from sandbox.engine.kube.client import Object
from sandbox.engine.properties import values

Values = dict[str, Any]
INPUTS, API_VERSION, MANAGER = "__inputs", "__initialApiVersion", "__fieldManager"
AUTONAMED = "pulumi.com/autonamed"


def annotation(obj: Object, key: str) -> str:
    """Read an annotation, empty if it is not set."""
    annotations = (obj.get("metadata") or {}).get("annotations") or {}
    return str(annotations.get(key) or "")


def is_true(obj: Object, key: str) -> bool:
    """Whether an annotation says `true`."""
    return annotation(obj, key) == "true"


def body(inputs: Values) -> Object:
    """The object to send: no envelopes, CRD keys as the server spells them."""
    obj: Object = values.plain(inputs)
    return kinds.to_kube(obj) if obj.get("kind") == "CustomResourceDefinition" else obj


def checked(inputs: Values, old: Values | None, name: str, namespace: str) -> Values:
    """Complete a program's inputs: name, namespace, and a Secret's `stringData` moved into `data`.

    A name the program does not give is kept from the old inputs if the engine made it, else made from the resource's
    own name and eight random hex digits. `namespace` is empty for kinds without one.
    """
    result = copy.deepcopy(inputs)
    metadata = dict(result.get("metadata") or {})
    result["metadata"] = metadata
    if not metadata.get("name"):
        old_metadata = (old or {}).get("metadata") or {}
        kept = old_metadata.get("name") if is_true(old or {}, AUTONAMED) else None
        metadata["name"] = kept or f"{name}-{secrets.token_hex(4)}"
        metadata["annotations"] = {**(metadata.get("annotations") or {}), AUTONAMED: "true"}
    if namespace and not metadata.get("namespace"):
        metadata["namespace"] = namespace
    if result.get("kind") == "Secret" and result.get("apiVersion") == "v1" and result.get("stringData"):
        _fold_string_data(result)
    return result


def _fold_string_data(inputs: Values) -> None:
    given = inputs.pop("stringData")
    hidden = values.is_secret(given)
    data = inputs.get("data") or {}
    hidden = hidden or values.is_secret(data)
    merged = dict(data["value"] if values.is_secret(data) else data)
    for key, value in (given["value"] if values.is_secret(given) else given).items():
        text = values.plain(value)
        known = text if text == values.UNKNOWN else base64.b64encode(str(text).encode()).decode()
        merged[key] = values.secret(known) if values.is_secret(value) else known
    inputs["data"] = values.secret(merged) if hidden else merged


def outputs(inputs: Values, live: Object, manager: str, initial_api_version: str) -> Values:
    """The state's outputs: the live object and the provider's three own keys, secret where the inputs are."""
    marked: Values = values.keep_secrets(shown(live), inputs)
    return {**marked, INPUTS: inputs, API_VERSION: initial_api_version, MANAGER: manager}


def shown(live: Object) -> Values:
    """A live object as the SDK spells it."""
    result: Values = kinds.from_kube(live) if live.get("kind") == "CustomResourceDefinition" else dict(live)
    return result


def live_of(row_outputs: Values) -> Object:
    """The live object as last saved."""
    own = (INPUTS, API_VERSION, MANAGER)
    live: Object = values.plain({key: value for key, value in row_outputs.items() if key not in own})
    return kinds.to_kube(live) if live.get("kind") == "CustomResourceDefinition" else live


def new_manager() -> str:
    """A field manager of a resource's own, kept in its state for life."""
    return f"pulumi-kubernetes-{secrets.token_hex(4)}"
