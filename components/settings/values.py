"""The kinds of value that settings are made of: bounded numbers, Kubernetes names, images, quantities, paths."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, Strict, WithJsonSchema

from components.rules.http_path import confined
from components.rules.labels import is_label_value
from components.rules.quantity import parse_quantity
from components.rules.surge import Amount, is_amount
from components.settings.base import refusal
from contract.text import quoted

Text = Annotated[str, Strict()]
MAX_PORT = 65535
Port = Annotated[int, Field(ge=1, le=MAX_PORT)]
INT32 = 2**31 - 1  # what the API server takes for numbers of pods, seconds and tries
Count = Annotated[int, Field(ge=0, le=INT32)]
Positive = Annotated[int, Field(ge=1, le=INT32)]
Build = Annotated[int, Field(ge=0, le=2**53 - 1)]  # what JSON carries exactly on its way through the engine
Percent = Annotated[int, Field(ge=1, le=100)]
UserId = Annotated[int, Field(ge=0, le=2**31 - 1)]

_DNS_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_DNS_SUBDOMAIN = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_SERVICE = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
_ENV = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_PORT_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_HEADER = re.compile(r"[-A-Za-z0-9]+")
_CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_IMAGE = re.compile(
    r"(?P<name>(?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)
MAX_SERVICE_NAME = 40
MAX_IMAGE_NAME = 255
MAX_WORD_BYTES = 128 * 1024 - 512  # what Linux takes as one argument or variable, less a variable's name
MAX_PATH_BYTES, MAX_PART_BYTES = 4095, 255  # and as a path
_RESERVED_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease")


def _service_name(text: str) -> str:
    if len(text) > MAX_SERVICE_NAME or not _SERVICE.fullmatch(text):
        raise refusal(
            f"{quoted(text)} ({len(text)} characters) is not a usable service name",
            "it becomes the name of Services and the start of every pod's name, which Kubernetes limits",
            f"use at most {MAX_SERVICE_NAME} lower-case letters, digits and dashes, a letter first, no dash last",
        )
    return text


def _namespace(text: str) -> str:
    if len(text) > 63 or not _DNS_LABEL.fullmatch(text):
        raise refusal(
            f"{quoted(text)} is not a namespace name",
            "the API server refuses every object in it",
            "use at most 63 lower-case letters, digits and dashes, neither first nor last a dash",
        )
    if text in _RESERVED_NAMESPACES:
        raise refusal(
            f"{quoted(text)} is a namespace of Kubernetes itself",
            "a mistake here takes the cluster's own parts down",
            "name a namespace of your own, for instance shop",
        )
    return text


def _object_name(text: str) -> str:
    if len(text) > 253 or not _DNS_SUBDOMAIN.fullmatch(text):
        raise refusal(
            f"{quoted(text)} is not the name of a Kubernetes object",
            "no such object can exist, so its pods would wait for it for ever",
            "write the object's metadata.name: lower-case letters, digits, dashes and dots",
        )
    return text


def _env_name(text: str) -> str:
    if not _ENV.fullmatch(text) or text == "." or text.startswith(".."):
        raise refusal(
            f"{quoted(text.partition('=')[0])} is not the name of an environment variable",
            "Kubernetes refuses the pod, or the application never sees the variable",
            "use letters, digits, '_', '-' and '.', no digit first, and not '..' first",
        )
    return text


def _config_key(text: str) -> str:
    if not _CONFIG_KEY.fullmatch(text) or text == "." or text.startswith(".."):
        raise refusal(
            f"{quoted(text)} is not a key that a ConfigMap can hold",
            "the API server refuses the ConfigMap, and with it the release",
            "use letters, digits, '_', '-' and '.', at most 253 of them, not '..' first",
        )
    return text


def _version(text: str) -> str:
    if not is_label_value(text):
        raise refusal(
            f"{quoted(text)} is not a usable version",
            "it is put on pods as a label, which holds at most 63 letters, digits, '-', '_' and '.'",
            "write for instance 1.5.0, or 1.5.0-rc.1 instead of 1.5.0+rc.1",
        )
    return text


def _image(text: str) -> str:
    match = _IMAGE.fullmatch(text)
    if match is None:
        raise refusal(
            f"{quoted(text)} is not an image reference",
            "no node could pull it, so no pod of the release would start",
            "write registry/name:tag or registry/name@sha256:<64 hexadecimal digits>, lower-case, without https://",
        )
    if len(match["name"]) > MAX_IMAGE_NAME:
        raise refusal(
            f"{quoted(text)} has a name of {len(match['name'])} characters, more than {MAX_IMAGE_NAME}",
            "no registry and no node takes it, so no pod of the release would start",
            "use a shorter repository",
        )
    if match["digest"]:
        return text
    if match["tag"] is None:
        raise refusal(
            f"{quoted(text)} names neither a tag nor a digest",
            "the node would pull whatever is 'latest' at that moment, so pods of one release could run different code",
            f"name what was tested: {text}:<tag> or {text}@sha256:<digest>",
        )
    if match["tag"] == "latest":
        raise refusal(
            f"{quoted(text)} uses the tag 'latest'",
            "it moves: pods of one release could run different code, and a rollback would not bring the old code back",
            f"name what was tested: {match['name']}:<tag> or {match['name']}@sha256:<digest>",
        )
    return text


def _cpu(text: str) -> str:
    _quantity(text, "250m or 1.5")
    if parse_quantity(text) * 1000 % 1:
        raise refusal(
            f"{quoted(text)} is finer than a thousandth of a core",
            "the API server refuses the pod",
            "use whole millicores, for instance 250m",
        )
    return text


def _memory(text: str) -> str:
    _quantity(text, "512Mi or 2Gi")
    if parse_quantity(text) % 1:
        raise refusal(
            f"{quoted(text)} asks for a fraction of a byte ('m' means thousandths)",
            "a container with such a limit is killed at once",
            "memory is counted in Mi or Gi, for instance 512Mi",
        )
    return text


def _quantity(text: str, example: str) -> None:
    try:
        parse_quantity(text)
    except ValueError:
        raise refusal(
            f"{quoted(text)} is not a Kubernetes quantity",
            "the API server refuses the pod",
            f"write for instance {example}, without a space and without 'B'",
        ) from None


def _is_path(text: str) -> bool:
    """Whether something can be mounted there: absolute, not the root, without what Kubernetes or Linux refuses."""
    parts = text.split("/")[1:]
    if not text.startswith("/") or ":" in text or "\0" in text or len(text.encode()) > MAX_PATH_BYTES:
        return False
    return all(part not in {"", ".", ".."} and len(part.encode()) <= MAX_PART_BYTES for part in parts)


def _absolute(text: str) -> str:
    if not _is_path(text):
        raise refusal(
            f"{quoted(text)} is not an absolute directory below /",
            "it is mounted over the image's own files; a wrong path hides the application or refuses the pod",
            "write the directory the application writes to, for instance /tmp",
        )
    return text


def _file(text: str) -> str:
    if not _is_path(text):
        raise refusal(
            f"{quoted(text)} is not the absolute path of a file",
            "no file could be mounted there, so no pod of the release would start",
            "write the path under which the application looks for it, for instance /etc/shop/app.yaml",
        )
    return text


def _http_path(text: str) -> str:
    if not confined(text):
        raise refusal(
            f"{quoted(text)} is not an HTTP path",
            "the request would ask for another address and the check would judge its answer",
            "start it with one '/', without the host, a part '..', '#' or a backslash, for instance /readyz",
        )
    return text


def _capability(text: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z_]*", text) or text.startswith("CAP_"):
        raise refusal(
            f"{quoted(text)} is not a capability as Kubernetes writes it",
            "the container runtime does not know it and no pod starts",
            "write it in upper case without 'CAP_', for instance NET_BIND_SERVICE",
        )
    return text


def _amount(value: Any) -> Amount:
    if not is_amount(value):
        raise refusal(
            f"{quoted(value)} is neither a count of pods nor a percentage",
            "Kubernetes refuses the Deployment",
            "write a whole number of 0 or more (1) or a whole percentage with its sign (25%)",
        )
    assert isinstance(value, int | str)  # noqa: S101  (is_amount said so)
    return value


def _share(value: Any) -> Amount:
    amount = _amount(value)
    if isinstance(amount, str) and int(amount[:-1]) > 100:
        raise refusal(
            f"{quoted(value)} is more than all pods",
            "the API server refuses the Deployment",
            "write at most 100%",
        )
    return amount


def _variable(text: str) -> str:
    return _word(text, "environment variable", "hand the value in as a file: config_files")


def _argument(text: str) -> str:
    return _word(text, "argument", "hand it in as a file: config_files")


def _word(text: str, kind: str, instead: str) -> str:
    if "\0" in text:
        raise refusal(
            "the value holds a NUL character",
            f"no {kind} can hold it, so no container of the release would start",
            f"leave it out, or {instead}",
        )
    if (size := len(text.encode(errors="replace"))) > MAX_WORD_BYTES:
        raise refusal(
            f"the value holds {size} bytes, more than {MAX_WORD_BYTES}",
            f"no {kind} may be longer on Linux, so no container of the release would start",
            instead,
        )
    return text


def _no_twice(items: tuple[str, ...]) -> tuple[str, ...]:
    if twice := sorted({item for item in items if items.count(item) > 1}):
        raise refusal(
            f"{quoted(twice[0])} is listed twice",
            "the API server refuses the pod, so the release never starts",
            "remove one of the two",
        )
    return items


def _label_key(text: str) -> str:
    prefix, slash, name = text.rpartition("/")
    if not is_label_value(name) or (slash and (len(prefix) > 253 or not _DNS_SUBDOMAIN.fullmatch(prefix))):
        raise refusal(
            f"{quoted(text)} is not the key of a label",
            "the API server refuses a selector that names it",
            "write it as `kubectl get service NAME -o yaml` shows it, for instance app or app.kubernetes.io/name",
        )
    return text


def _label_value(text: str) -> str:
    if text and not is_label_value(text):
        raise refusal(
            f"{quoted(text)} is not the value of a label",
            "the API server refuses a selector that names it",
            "write it as `kubectl get service NAME -o yaml` shows it: at most 63 letters, digits, '-', '_' and '.'",
        )
    return text


def _port_name(text: str) -> str:
    if not _PORT_NAME.fullmatch(text) or not any(sign.isalpha() for sign in text) or "--" in text or len(text) > 15:
        raise refusal(
            f"{quoted(text)} is not the name of a port",
            "the API server refuses the pod, so the release never starts",
            "use at most 15 lower-case letters, digits and single dashes, at least one letter, neither end a dash",
        )
    return text


def _port_or_name(value: Any) -> int | str:
    if isinstance(value, str):
        return _port_name(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_PORT:
        raise refusal(
            f"{quoted(value)} is neither the number nor the name of a port",
            "the API server refuses the pod, so the release never starts",
            f"write a number from 1 to {MAX_PORT}, or the name that the port has in ports",
        )
    return value


def _header(text: str) -> str:
    if not _HEADER.fullmatch(text):
        raise refusal(
            f"{quoted(text)} is not the name of an HTTP header",
            "the API server refuses the pod, so the release never starts",
            "write letters, digits and dashes, for instance X-Probe",
        )
    return text


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

ServiceName = Annotated[str, AfterValidator(_service_name), _like(r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$")]
Namespace = Annotated[
    str,
    AfterValidator(_namespace),
    _like(r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", **{"not": {"enum": [*_RESERVED_NAMESPACES]}}),
]
ObjectName = Annotated[str, AfterValidator(_object_name), _like(r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", maxLength=253)]
EnvName = Annotated[str, AfterValidator(_env_name), _like(r"^(?!\.\.|\.$)[-._a-zA-Z][-._a-zA-Z0-9]*$")]
ConfigKey = Annotated[str, AfterValidator(_config_key), _like(r"^(?!\.\.|\.$)[-._a-zA-Z0-9]{1,253}$")]
Version = Annotated[str, AfterValidator(_version), _like(r"^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")]
Image = Annotated[str, AfterValidator(_image), _IMAGE_SCHEMA]
LabelKey = Annotated[str, AfterValidator(_label_key), _like(r"^[^\s]+$", maxLength=317)]
LabelValue = Annotated[str, AfterValidator(_label_value), _like(r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$")]
PortName = Annotated[str, AfterValidator(_port_name), _like(r"^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$")]
PortOrName = Annotated[
    int | str,
    PlainValidator(_port_or_name),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1, "maximum": MAX_PORT}, {"type": "string"}]}),
]
HeaderName = Annotated[str, AfterValidator(_header), _like(r"^[-A-Za-z0-9]+$")]
Cpu = Annotated[str, AfterValidator(_cpu), _like(_QUANTITY_PATTERN % "m|k", maxLength=28)]
Memory = Annotated[
    str, AfterValidator(_memory), _like(_QUANTITY_PATTERN % "[kMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,2}", maxLength=28)
]
Directory = Annotated[str, AfterValidator(_absolute), _PATH_SCHEMA]
FilePath = Annotated[str, AfterValidator(_file), _PATH_SCHEMA]
HttpPath = Annotated[str, AfterValidator(_http_path), _HTTP_SCHEMA]
Capability = Annotated[str, AfterValidator(_capability), _like(r"^(?!CAP_)[A-Z][A-Z_]*$")]
PodShare = Annotated[int | str, PlainValidator(_share), WithJsonSchema(_SHARE_SCHEMA)]
PodAmount = Annotated[int | str, PlainValidator(_amount), WithJsonSchema(_AMOUNT_SCHEMA)]

# Config comes from YAML and JSON, where a sequence is a list; the items stay strict.
ArgumentText = Annotated[str, AfterValidator(_argument), _WORD_SCHEMA]
Arguments = Annotated[tuple[ArgumentText, ...], Strict(False)]
Names = Annotated[tuple[ObjectName, ...], Strict(False)]
DistinctNames = Annotated[
    tuple[ObjectName, ...], Strict(False), AfterValidator(_no_twice), Field(json_schema_extra={"uniqueItems": True})
]
Members = Annotated[tuple[ServiceName, ...], Strict(False)]
Directories = Annotated[tuple[Directory, ...], Strict(False), Field(json_schema_extra={"uniqueItems": True})]
Capabilities = Annotated[tuple[Capability, ...], Strict(False)]
VariableText = Annotated[str, AfterValidator(_variable), _WORD_SCHEMA]
Environment = dict[EnvName, VariableText]
ConfigContent = dict[ConfigKey, VariableText]
FileContents = dict[FilePath, str]
Ports = dict[PortName, Port]
