"""Property values: the wire's Struct form, and the envelopes that mark secrets, unknowns and references.

In memory a value is plain JSON (integral numbers are ints) plus secret envelopes `{SIG: SECRET, "value": …}`.
Output values of the wire are folded into that form when they are decoded.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sandbox.engine.model import SECRET, SIG

if TYPE_CHECKING:
    from google.protobuf.struct_pb2 import Struct, Value

OUTPUT_VALUE = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
RESOURCE_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
MASK = "[secret]"


def decode(struct: "Struct") -> dict[str, Any]:
    """Read a wire Struct: integral doubles become ints, output values become secrets, unknowns or plain values."""
    return {key: _decode(value) for key, value in struct.fields.items()}


def _decode(value: "Value") -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        fields = {key: _decode(item) for key, item in value.struct_value.fields.items()}
        return _fold_output(fields) if fields.get(SIG) == OUTPUT_VALUE else fields
    if kind == "list_value":
        return [_decode(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return None if kind in (None, "null_value") else getattr(value, kind)


def _fold_output(fields: dict[str, Any]) -> Any:
    value = fields.get("value", UNKNOWN)
    return secret(value) if fields.get("secret") else value


def encode(values: dict[str, Any]) -> "Struct":
    """Write values as a wire Struct."""
    from google.protobuf.struct_pb2 import Struct

    struct = Struct()
    struct.update(values)
    return struct


def secret(value: Any) -> dict[str, Any]:
    """Wrap a value in the secret envelope; an envelope is returned as it is."""
    return value if is_secret(value) else {SIG: SECRET, "value": value}


def is_secret(value: Any) -> bool:
    """Whether this very value is a secret envelope."""
    return isinstance(value, dict) and value.get(SIG) == SECRET


def plain(value: Any) -> Any:
    """Copy a value without its secret envelopes."""
    if isinstance(value, dict):
        if is_secret(value):
            return plain(value.get("value"))
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def mask(value: Any) -> Any:
    """Copy a value with `[secret]` in place of every secret."""
    if isinstance(value, dict):
        return MASK if is_secret(value) else {key: mask(item) for key, item in value.items()}
    return [mask(item) for item in value] if isinstance(value, list) else value


def has_secret(value: Any) -> bool:
    """Whether a secret is anywhere inside."""
    if isinstance(value, dict):
        return is_secret(value) or any(map(has_secret, value.values()))
    return isinstance(value, list) and any(map(has_secret, value))


def has_unknown(value: Any) -> bool:
    """Whether an unknown is anywhere inside."""
    if isinstance(value, dict):
        return any(map(has_unknown, value.values()))
    if isinstance(value, list):
        return any(map(has_unknown, value))
    return bool(value == UNKNOWN)


def keep_secrets(value: Any, source: Any) -> Any:
    """Copy `value`, marking secret what is secret in `source` at the same path.

    A list with a secret anywhere in the source becomes secret as a whole: its order may not be kept by the server.
    """
    if is_secret(value):
        return value
    if is_secret(source):
        return secret(value)
    if isinstance(value, dict) and isinstance(source, dict):
        return {key: keep_secrets(item, source.get(key)) for key, item in value.items()}
    if isinstance(value, list) and has_secret(source):
        return secret(value)
    return value


def secret_texts(value: Any) -> Iterator[str]:
    """Every string inside a secret, for masking messages; texts under four characters would mask innocent words."""
    if is_secret(value):
        yield from _texts(value.get("value"))
    elif isinstance(value, dict):
        for item in value.values():
            yield from secret_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from secret_texts(item)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) > 3 and value != UNKNOWN:
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
