"""Validators of the texts and numbers of the config: each refuses with what, why and how to mend it."""

import re
from typing import Any

from components.rules.http_path import confined
from components.rules.labels import is_label_value
from components.rules.quantity import parse_quantity
from components.rules.surge import Amount, is_amount
from components.settings.base import refusal
from contract.text import quoted

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
MAX_PORT = 65535
MAX_SERVICE_NAME = 40
MAX_IMAGE_NAME = 255
MAX_WORD_BYTES = 128 * 1024 - 512  # what Linux takes as one argument or variable, less a variable's name
MAX_PATH_BYTES, MAX_PART_BYTES = 4095, 255  # and as a path
RESERVED_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease")


def service_name(text: str) -> str:
    """A service name. Raises a refusal."""
    if len(text) > MAX_SERVICE_NAME or not _SERVICE.fullmatch(text):
        raise refusal(
            f"{quoted(text)} ({len(text)} characters) is not a usable service name",
            "it becomes the name of Services and the start of every pod's name, which Kubernetes limits",
            f"use at most {MAX_SERVICE_NAME} lower-case letters, digits and dashes, a letter first, no dash last",
        )
    return text


def namespace(text: str) -> str:
    """A namespace. Raises a refusal."""
    if len(text) > 63 or not _DNS_LABEL.fullmatch(text):
        raise refusal(
            f"{quoted(text)} is not a namespace name",
            "the API server refuses every object in it",
            "use at most 63 lower-case letters, digits and dashes, neither first nor last a dash",
        )
    if text in RESERVED_NAMESPACES:
        raise refusal(
            f"{quoted(text)} is a namespace of Kubernetes itself",
            "a mistake here takes the cluster's own parts down",
            "name a namespace of your own, for instance shop",
        )
    return text


def object_name(text: str) -> str:
    """The name of an object of Kubernetes. Raises a refusal."""
    if len(text) > 253 or not _DNS_SUBDOMAIN.fullmatch(text):
        raise refusal(
            f"{quoted(text)} is not the name of a Kubernetes object",
            "no such object can exist, so its pods would wait for it for ever",
            "write the object's metadata.name: lower-case letters, digits, dashes and dots",
        )
    return text


def env_name(text: str) -> str:
    """An env name. Raises a refusal."""
    if not _ENV.fullmatch(text) or text == "." or text.startswith(".."):
        raise refusal(
            f"{quoted(text.partition('=')[0])} is not the name of an environment variable",
            "Kubernetes refuses the pod, or the application never sees the variable",
            "use letters, digits, '_', '-' and '.', no digit first, and not '..' first",
        )
    return text


def config_key(text: str) -> str:
    """A config key. Raises a refusal."""
    if not _CONFIG_KEY.fullmatch(text) or text == "." or text.startswith(".."):
        raise refusal(
            f"{quoted(text)} is not a key that a ConfigMap can hold",
            "the API server refuses the ConfigMap, and with it the release",
            "use letters, digits, '_', '-' and '.', at most 253 of them, not '..' first",
        )
    return text


def version(text: str) -> str:
    """A version. Raises a refusal."""
    if not is_label_value(text):
        raise refusal(
            f"{quoted(text)} is not a usable version",
            "it is put on pods as a label, which holds at most 63 letters, digits, '-', '_' and '.'",
            "write for instance 1.5.0, or 1.5.0-rc.1 instead of 1.5.0+rc.1",
        )
    return text


def image(text: str) -> str:
    """An image. Raises a refusal."""
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


def cpu(text: str) -> str:
    """An amount of processor time. Raises a refusal."""
    quantity(text, "250m or 1.5")
    if parse_quantity(text) * 1000 % 1:
        raise refusal(
            f"{quoted(text)} is finer than a thousandth of a core",
            "the API server refuses the pod",
            "use whole millicores, for instance 250m",
        )
    return text


def memory(text: str) -> str:
    """An amount of memory. Raises a refusal."""
    quantity(text, "512Mi or 2Gi")
    if parse_quantity(text) % 1:
        raise refusal(
            f"{quoted(text)} asks for a fraction of a byte ('m' means thousandths)",
            "a container with such a limit is killed at once",
            "memory is counted in Mi or Gi, for instance 512Mi",
        )
    return text


def quantity(text: str, example: str) -> None:
    """A quantity of Kubernetes. Raises a refusal."""
    try:
        parse_quantity(text)
    except ValueError:
        raise refusal(
            f"{quoted(text)} is not a Kubernetes quantity",
            "the API server refuses the pod",
            f"write for instance {example}, without a space and without 'B'",
        ) from None


def is_path(text: str) -> bool:
    """Whether something can be mounted there: absolute, not the root, without what Kubernetes or Linux refuses."""
    parts = text.split("/")[1:]
    if not text.startswith("/") or ":" in text or "\0" in text or len(text.encode()) > MAX_PATH_BYTES:
        return False
    return all(part not in {"", ".", ".."} and len(part.encode()) <= MAX_PART_BYTES for part in parts)


def absolute(text: str) -> str:
    """An absolute path of a folder. Raises a refusal."""
    if not is_path(text):
        raise refusal(
            f"{quoted(text)} is not an absolute directory below /",
            "it is mounted over the image's own files; a wrong path hides the application or refuses the pod",
            "write the directory the application writes to, for instance /tmp",
        )
    return text


def file(text: str) -> str:
    """An absolute path of a file. Raises a refusal."""
    if not is_path(text):
        raise refusal(
            f"{quoted(text)} is not the absolute path of a file",
            "no file could be mounted there, so no pod of the release would start",
            "write the path under which the application looks for it, for instance /etc/shop/app.yaml",
        )
    return text


def http_path(text: str) -> str:
    """A http path. Raises a refusal."""
    if not confined(text):
        raise refusal(
            f"{quoted(text)} is not an HTTP path",
            "the request would ask for another address and the check would judge its answer",
            "start it with one '/', without the host, a part '..', '#' or a backslash, for instance /readyz",
        )
    return text


def capability(text: str) -> str:
    """A capability. Raises a refusal."""
    if not re.fullmatch(r"[A-Z][A-Z_]*", text) or text.startswith("CAP_"):
        raise refusal(
            f"{quoted(text)} is not a capability as Kubernetes writes it",
            "the container runtime does not know it and no pod starts",
            "write it in upper case without 'CAP_', for instance NET_BIND_SERVICE",
        )
    return text


def amount(value: Any) -> Amount:
    """A number of pods, or a percentage. Raises a refusal."""
    if not is_amount(value):
        raise refusal(
            f"{quoted(value)} is neither a count of pods nor a percentage",
            "Kubernetes refuses the Deployment",
            "write a whole number of 0 or more (1) or a whole percentage with its sign (25%)",
        )
    assert isinstance(value, int | str)  # noqa: S101  (is_amount said so)
    return value


def share(value: Any) -> Amount:
    """A number of pods, or a percentage up to 100. Raises a refusal."""
    found = amount(value)
    if isinstance(found, str) and int(found[:-1]) > 100:
        raise refusal(
            f"{quoted(value)} is more than all pods",
            "the API server refuses the Deployment",
            "write at most 100%",
        )
    return found


def variable(text: str) -> str:
    """The value of an environment variable. Raises a refusal."""
    return word(text, "environment variable", "hand the value in as a file: config_files")


def argument(text: str) -> str:
    """An argument of a command. Raises a refusal."""
    return word(text, "argument", "hand it in as a file: config_files")


def word(text: str, kind: str, instead: str) -> str:
    """A text that Linux takes as one word of a command or a variable. Raises a refusal."""
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


def no_twice(items: tuple[str, ...]) -> tuple[str, ...]:
    """The items, each once. Raises a refusal."""
    if twice := sorted({item for item in items if items.count(item) > 1}):
        raise refusal(
            f"{quoted(twice[0])} is listed twice",
            "the API server refuses the pod, so the release never starts",
            "remove one of the two",
        )
    return items


def label_key(text: str) -> str:
    """A label key. Raises a refusal."""
    prefix, slash, name = text.rpartition("/")
    if not is_label_value(name) or (slash and (len(prefix) > 253 or not _DNS_SUBDOMAIN.fullmatch(prefix))):
        raise refusal(
            f"{quoted(text)} is not the key of a label",
            "the API server refuses a selector that names it",
            "write it as `kubectl get service NAME -o yaml` shows it, for instance app or app.kubernetes.io/name",
        )
    return text


def label_value(text: str) -> str:
    """A label value. Raises a refusal."""
    if text and not is_label_value(text):
        raise refusal(
            f"{quoted(text)} is not the value of a label",
            "the API server refuses a selector that names it",
            "write it as `kubectl get service NAME -o yaml` shows it: at most 63 letters, digits, '-', '_' and '.'",
        )
    return text


def port_name(text: str) -> str:
    """A port name. Raises a refusal."""
    if not _PORT_NAME.fullmatch(text) or not any(sign.isalpha() for sign in text) or "--" in text or len(text) > 15:
        raise refusal(
            f"{quoted(text)} is not the name of a port",
            "the API server refuses the pod, so the release never starts",
            "use at most 15 lower-case letters, digits and single dashes, at least one letter, neither end a dash",
        )
    return text


def port_or_name(value: Any) -> int | str:
    """A port or name. Raises a refusal."""
    if isinstance(value, str):
        return port_name(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_PORT:
        raise refusal(
            f"{quoted(value)} is neither the number nor the name of a port",
            "the API server refuses the pod, so the release never starts",
            f"write a number from 1 to {MAX_PORT}, or the name that the port has in ports",
        )
    return value


def header(text: str) -> str:
    """A header. Raises a refusal."""
    if not _HEADER.fullmatch(text):
        raise refusal(
            f"{quoted(text)} is not the name of an HTTP header",
            "the API server refuses the pod, so the release never starts",
            "write letters, digits and dashes, for instance X-Probe",
        )
    return text
