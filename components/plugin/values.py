"""The values of Construct as plain data: numbers, secrets, unknown values and their dependencies.

The SDK's own reader makes of a secret in an object a secret object, and of a mapping's order whatever it is today. Here
each value keeps its own mark, and keys are sorted: the order of variables is part of a pod template.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

At = tuple[str | int, ...]
_MOST_EXACT = 2**53  # from here on a float is no exact whole number


@dataclass(frozen=True)
class Secret:
    """A value that is marked secret. It is in no repr."""

    value: Any = field(repr=False)


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


class _Reference:
    def __repr__(self) -> str:
        return "a resource or an asset"


UNKNOWN: Final = _Unknown()
"""What a preview does not know yet."""
REFERENCE: Final = _Reference()
"""A resource, an asset or an archive: none is a value of a setting."""


def read(struct: struct_pb2.Struct) -> dict[str, Any]:
    """The properties: texts, truth values, lists, mappings, whole numbers as int; Secret, UNKNOWN and REFERENCE."""
    return {key: _value(struct.fields[key]) for key in sorted(struct.fields)}


def depends_on(struct: struct_pb2.Struct) -> set[str]:
    """URNs of the resources that values anywhere in the properties come from."""
    found: set[str] = set()
    _collect(struct_pb2.Value(struct_value=struct), found)
    return found


def _value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _struct(value.struct_value)
    if kind == "list_value":
        return [_value(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() and abs(number) < _MOST_EXACT else number
    if kind == "string_value":
        return UNKNOWN if value.string_value == rpc.UNKNOWN else value.string_value
    return value.bool_value if kind == "bool_value" else None


def _struct(struct: struct_pb2.Struct) -> Any:
    sign = struct.fields[rpc._special_sig_key].string_value if rpc._special_sig_key in struct.fields else None
    if sign is None:
        return read(struct)
    if sign not in (rpc._special_secret_sig, rpc._special_output_value_sig):
        return REFERENCE
    inner = _value(struct.fields["value"]) if "value" in struct.fields else UNKNOWN
    secret = sign == rpc._special_secret_sig or ("secret" in struct.fields and struct.fields["secret"].bool_value)
    return Secret(inner) if secret and not isinstance(inner, Secret) else inner


def _collect(value: struct_pb2.Value, found: set[str]) -> None:
    for item in value.list_value.values:
        _collect(item, found)
    fields = value.struct_value.fields
    sign = fields[rpc._special_sig_key].string_value if rpc._special_sig_key in fields else None
    if sign == rpc._special_output_value_sig and "dependencies" in fields:
        found.update(urn.string_value for urn in fields["dependencies"].list_value.values)
    for inner in fields.values():
        _collect(inner, found)


def places(value: Any, of: type, at: At = ()) -> Iterator[At]:
    """Where in a value something of a type is; of what is in a Secret too."""
    if isinstance(value, of):
        yield at
    elif isinstance(value, Secret):
        yield from places(value.value, of, at)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from places(inner, of, (*at, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, of, (*at, number))
