"""The kubeconfigs that count, merged as kubectl does it: the first file that names a thing has it.

The fields of every entry are read, as client-go does; whether an entry is complete matters only for the chosen one.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kubeaccess.entries import Cluster, Context, User
from kubeaccess.errors import KubeconfigError
from kubeaccess.fields import Fields

LARGEST = 16 * 1024 * 1024  # bytes; no kubeconfig is, and a device file would never end


@dataclass
class Kubeconfig:
    """The content of the kubeconfig files."""

    current: str = ""
    clusters: dict[str, Cluster] = field(default_factory=dict)
    contexts: dict[str, Context] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said at all."""
        return not (self.current or self.clusters or self.contexts or self.users)

    def add(self, other: "Kubeconfig") -> None:
        """Take from another file what this one does not name."""
        self.current = self.current or other.current
        self.clusters = other.clusters | self.clusters
        self.contexts = other.contexts | self.contexts
        self.users = other.users | self.users


def listed(environ: Mapping[str, str]) -> Kubeconfig:
    """The files of $KUBECONFIG, else ~/.kube/config. Files that do not exist are no error, as for kubectl."""
    named = [part for part in environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    merged = Kubeconfig()
    for path in dict.fromkeys(Path(part).absolute() for part in named or [os.path.expanduser("~/.kube/config")]):
        content = _content(path)
        if content is not None:
            merged.add(parse(content, str(path), path.parent))  # a relative path in a file starts at its folder
    return merged


def given(text: str, folder: Path) -> Kubeconfig:
    """A kubeconfig from the stack's config: a path where there is such a file, else its content.

    Relative paths, of the file and in it, start at `folder`: the provider reads them so.
    """
    path = folder / os.path.expanduser(text)
    is_content = "\n" in text or text.lstrip().startswith("{")
    content = None if is_content else _content(path)
    if content is not None:
        return parse(content, str(path), folder)
    if not is_content:
        raise KubeconfigError("kubernetes:kubeconfig is neither the path of a file nor the content of one")
    return parse(text, "kubernetes:kubeconfig", folder)


def parse(text: str, name: str, folder: Path) -> Kubeconfig:
    """One kubeconfig; relative paths in it start at `folder`."""
    import yaml

    from kubeaccess.loader import Loader

    try:
        content = yaml.load(text, Loader=Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:  # its text quotes the file, which may hold a token
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise KubeconfigError(f"{name} is no YAML{place}") from None
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):  # of values that are not of their tag
        raise KubeconfigError(f"{name} is no YAML that can be read") from None
    top = Fields(content, name)
    if top.text("kind") not in ("", "Config") or top.text("apiVersion") not in ("", "v1"):
        raise KubeconfigError(f"{name} is not of kind Config and version v1")
    return Kubeconfig(
        current=top.text("current-context"),
        clusters=_named(top, "clusters", "cluster", lambda entry: Cluster.read(entry, folder)),
        contexts=_named(top, "contexts", "context", Context.read),
        users=_named(top, "users", "user", lambda entry: User.read(entry, folder)),
    )


def _named(top: Fields, key: str, kind: str, read: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in top.parts(key):
        name = entry.text("name")
        if name in found:
            raise KubeconfigError(f"{entry.where}.name is there twice")
        found[name] = read(entry.part(kind) or Fields({}, f"{entry.where}.{kind}"))
    return found


def _content(path: Path) -> str | None:
    """The text of a file; None where there is none."""
    try:
        if path.is_dir():
            raise KubeconfigError(f"{path} is a folder")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise KubeconfigError(f"{path} is larger than {LARGEST} bytes")
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KubeconfigError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise KubeconfigError(f"{path} is not UTF-8") from None
