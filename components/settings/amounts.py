"""Validators of amounts, paths and words of a command: each refuses with what, why and how to mend it."""

from typing import Any

from components.rules.http_path import confined
from components.rules.quantity import parse_quantity
from components.rules.surge import Amount, is_amount
from components.settings.base import refusal
from contract.durations import seconds_in
from contract.text import quoted

MAX_WORD_BYTES = 128 * 1024 - 512  # what Linux takes as one argument or variable, less a variable's name
MAX_PATH_BYTES, MAX_PART_BYTES = 4095, 255  # and as a path


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


def duration(text: str) -> str:
    """A duration with its units. Raises a refusal."""
    if not seconds_in(text):
        raise refusal(
            f"{quoted(text)} is no duration, or none that lasts",
            "a time that is read otherwise than it was meant comes too early, or never",
            "write whole numbers with their units: 90s, 30m, 1h30m or 2d",
        )
    return text


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
