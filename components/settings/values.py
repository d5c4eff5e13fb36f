"""The kinds of value that settings are made of: bounded numbers, Kubernetes names, images, quantities, paths."""

from typing import Annotated

from pydantic import AfterValidator, Field, PlainValidator, Strict, WithJsonSchema

from components.settings import amounts
from components.settings import validators as check
from components.settings.amounts import MAX_PATH_BYTES, MAX_WORD_BYTES
from components.settings.validators import MAX_IMAGE_NAME, MAX_PORT
from contract.durations import PATTERN as DURATION

Text = Annotated[str, Strict()]
Port = Annotated[int, Field(ge=1, le=MAX_PORT)]
INT32 = 2**31 - 1  # what the API server takes for numbers of pods, seconds and tries
Count = Annotated[int, Field(ge=0, le=INT32)]
Positive = Annotated[int, Field(ge=1, le=INT32)]
Build = Annotated[int, Field(ge=0, le=2**53 - 1)]  # what JSON carries exactly on its way through the engine
Percent = Annotated[int, Field(ge=1, le=100)]
UserId = Annotated[int, Field(ge=0, le=2**31 - 1)]


def _like(pattern: str, **more: object) -> WithJsonSchema:
    """What an editor can check of a text while it is typed; the validator beside it has the last word."""
    return WithJsonSchema({"type": "string", "pattern": pattern, **more})


_QUANTITY_PATTERN = r"^([0-9]+(\.[0-9]*)?|\.[0-9]+)(%s)?$"
_SHARE_SCHEMA = {
    "anyOf": [
        {"type": "integer", "minimum": 0, "maximum": INT32},
        {"type": "string", "pattern": "^0{0,3}([0-9]{1,2}|0?100)%$"},
    ]
}
_AMOUNT_SCHEMA = {
    "anyOf": [{"type": "integer", "minimum": 0, "maximum": INT32}, {"type": "string", "pattern": "^[0-9]{1,4}%$"}]
}
_WORD_SCHEMA = _like(r"^[^\u0000]*$", maxLength=MAX_WORD_BYTES)
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_IMAGE_SCHEMA = _like(
    rf"^(?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?{_PART}(?:/{_PART})*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}(?:@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$",
    maxLength=MAX_IMAGE_NAME + len(":") + 128 + len("@sha256:") + 64,
    **{"not": {"pattern": ":latest$"}},
)
_PATH_SCHEMA = _like(r"^(/(?!\.{1,2}(/|$))[^/:\u0000]{1,255})+$", maxLength=MAX_PATH_BYTES)
# Parts `.` and `..`, as they are or with escapes of their own; the program decodes more than once.
_HTTP_SCHEMA = _like(r"^/(?!/)(?!([^?]*/)?(\.|%2[eE]){1,2}(/|%2[fF]|\?|$))[^\s#\\]*$")

ServiceName = Annotated[str, AfterValidator(check.service_name), _like(r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$")]
Namespace = Annotated[
    str,
    AfterValidator(check.namespace),
    _like(r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", **{"not": {"enum": [*check.RESERVED_NAMESPACES]}}),
]
ObjectName = Annotated[
    str, AfterValidator(check.object_name), _like(r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", maxLength=253)
]
VolumeName = Annotated[str, AfterValidator(check.volume_name), _like(r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
EnvName = Annotated[str, AfterValidator(check.env_name), _like(r"^(?!\.\.|\.$)[-._a-zA-Z][-._a-zA-Z0-9]*$")]
ConfigKey = Annotated[str, AfterValidator(check.config_key), _like(r"^(?!\.\.|\.$)[-._a-zA-Z0-9]{1,253}$")]
Version = Annotated[str, AfterValidator(check.version), _like(r"^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")]
Image = Annotated[str, AfterValidator(check.image), _IMAGE_SCHEMA]
LabelKey = Annotated[str, AfterValidator(check.label_key), _like(r"^[^\s]+$", maxLength=317)]
LabelValue = Annotated[
    str, AfterValidator(check.label_value), _like(r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$")
]
PortName = Annotated[str, AfterValidator(check.port_name), _like(r"^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$")]
PortOrName = Annotated[
    int | str,
    PlainValidator(check.port_or_name),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1, "maximum": MAX_PORT}, {"type": "string"}]}),
]
HeaderName = Annotated[str, AfterValidator(check.header), _like(r"^[-A-Za-z0-9]+$")]
Cpu = Annotated[str, AfterValidator(amounts.cpu), _like(_QUANTITY_PATTERN % "m|k", maxLength=28)]
Memory = Annotated[
    str,
    AfterValidator(amounts.memory),
    _like(_QUANTITY_PATTERN % "[kMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,2}", maxLength=28),
]
Directory = Annotated[str, AfterValidator(amounts.absolute), _PATH_SCHEMA]
FilePath = Annotated[str, AfterValidator(amounts.file), _PATH_SCHEMA]
HttpPath = Annotated[str, AfterValidator(amounts.http_path), _HTTP_SCHEMA]
Capability = Annotated[str, AfterValidator(check.capability), _like(r"^(?!CAP_)[A-Z][A-Z_]*$")]
Duration = Annotated[str, AfterValidator(amounts.duration), _like(DURATION)]
PodShare = Annotated[int | str, PlainValidator(amounts.share), WithJsonSchema(_SHARE_SCHEMA)]
PodAmount = Annotated[int | str, PlainValidator(amounts.amount), WithJsonSchema(_AMOUNT_SCHEMA)]

# Config comes from YAML and JSON, where a sequence is a list; the items stay strict.
ArgumentText = Annotated[str, AfterValidator(amounts.argument), _WORD_SCHEMA]
Arguments = Annotated[tuple[ArgumentText, ...], Strict(False)]
Names = Annotated[tuple[ObjectName, ...], Strict(False)]
DistinctNames = Annotated[
    tuple[ObjectName, ...],
    Strict(False),
    AfterValidator(check.no_twice),
    Field(json_schema_extra={"uniqueItems": True}),
]
Members = Annotated[tuple[ServiceName, ...], Strict(False)]
Directories = Annotated[tuple[Directory, ...], Strict(False), Field(json_schema_extra={"uniqueItems": True})]
Capabilities = Annotated[tuple[Capability, ...], Strict(False)]
VariableText = Annotated[str, AfterValidator(amounts.variable), _WORD_SCHEMA]
Environment = dict[EnvName, VariableText]
ConfigContent = dict[ConfigKey, VariableText]
FileContents = dict[FilePath, str]
Ports = dict[PortName, Port]
