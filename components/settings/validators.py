"""Validators of the texts and numbers of the config: each refuses with what, why and how to mend it."""

import re
from typing import Any

from components.rules.labels import is_label_value
from components.settings.base import refusal
from contract.releases import MAX_NAME
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


def volume_name(text: str) -> str:
    """The name of a volume of a pod. Raises a refusal."""
    if len(text) > MAX_NAME or not _DNS_LABEL.fullmatch(text):
        raise refusal(
            f"{quoted(text)} is not the name of a volume",
            "the API server refuses every pod that has it",
            f"use at most {MAX_NAME} lower-case letters, digits and dashes, neither end a dash",
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


def is_image(text: str) -> bool:
    """Whether a text names an image, with or without a tag."""
    return _IMAGE.fullmatch(text) is not None


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


def capability(text: str) -> str:
    """A capability. Raises a refusal."""
    if not re.fullmatch(r"[A-Z][A-Z_]*", text) or text.startswith("CAP_"):
        raise refusal(
            f"{quoted(text)} is not a capability as Kubernetes writes it",
            "the container runtime does not know it and no pod starts",
            "write it in upper case without 'CAP_', for instance NET_BIND_SERVICE",
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
