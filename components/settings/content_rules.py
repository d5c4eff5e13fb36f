"""Cross-field rules of variables, files and secrets: each variable named once, no two files at one path."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from components.settings.base import Fault, Rule, Values

if TYPE_CHECKING:
    from components.settings.release import Release

Path = tuple[str | int, ...]
MAX_BYTES = 1024 * 1024
_MAP = ("a ConfigMap", "the API server refuses the ConfigMap, and with it the release")
_HOLDERS = {
    "config": _MAP,
    "config_files": _MAP,
    "env": ("a process's variables", "a workload with more is too large for the API server's store"),
}
_SLOTS = ("blue", "green", "release")
_FIELDS = ("env", "config", "config_files", "secrets", "writable_paths")


def _secrets_once(values: Values) -> Iterator[Fault]:
    """A variable of `secrets` is not in `env` or `config` too, of the service or its release."""
    said: set[Path] = set()
    for slot, release in releases_of(values):
        for variable in {**values["secrets"], **release.secrets}:
            own = slot if variable in release.secrets else ()
            for field in ("env", "config"):
                if variable in values[field] or variable in getattr(release, field):
                    path: Path = (*own, "secrets", variable)
                    if path not in said:
                        other = ".".join(map(str, (*slot, field))) if variable in getattr(release, field) else field
                        yield Fault(
                            path,
                            f"{variable} is given in secrets and in {other}",
                            "which of the two the application sees would depend on Kubernetes' order of sources",
                            f"remove {variable} from one of them",
                        )
                    said.add(path)


def _files_apart(values: Values) -> Iterator[Fault]:
    """No path of `config_files` is a path of `writable_paths`, or lies below another file."""
    for slot, files in _merged(values, "config_files"):
        for path in files:
            if path in values["writable_paths"]:
                yield Fault(
                    (*slot, "config_files", path),
                    f"{path} is in writable_paths too",
                    "two mounts at one path: the pods would not start",
                    "name a file inside the directory, or take the path out of writable_paths",
                )
            for other in (*files, *values["writable_paths"]):
                if other.startswith(f"{path}/"):
                    yield Fault(
                        (*slot, "config_files", path),
                        f"{path} is a file here and a directory of {other}",
                        "it cannot be both: the pods would not start",
                        "choose another path for one of the two",
                    )


def _content_fits(values: Values) -> Iterator[Fault]:
    """`config`, `config_files` and `env` of a service and its release hold at most 1 MiB each."""
    for field, (holder, hurts) in _HOLDERS.items():
        for slot, content in _merged(values, field):
            size = sum(len(key.encode()) + len(text.encode()) for key, text in content.items())
            if size > MAX_BYTES:
                yield Fault(
                    (*slot, field),
                    f"{field} holds {size} bytes, {holder} at most {MAX_BYTES}",
                    hurts,
                    "move large files into the image or a volume",
                )


def releases_of(values: Values) -> Iterator[tuple[Path, "Release"]]:
    """Each release of a service, and where it is."""
    for slot in _SLOTS:
        if release := values.get(slot):
            yield (slot,), release
    for place, release in enumerate(values.get("kept", ())):
        yield ("kept", place), release
    for key, release in values.get("versions", {}).items():
        yield ("versions", key), release


def _merged(values: Values, field: str) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """What each release has of a field, and where its own is; the service's once where no release adds any."""
    seen: list[Mapping[str, str]] = []
    for slot, release in releases_of(values):
        own = getattr(release, field)
        content = {**values[field], **own}
        if content not in seen:
            seen.append(content)
            yield (slot if own else ()), content


def _rules(*slots: str) -> tuple[Rule, ...]:
    return tuple(Rule((*_FIELDS, *slots), check) for check in (_secrets_once, _files_apart, _content_fits))


BLUE_GREEN_CONTENT = _rules("blue", "green")
ROLLING_CONTENT = _rules("release")
SIDE_BY_SIDE_CONTENT = _rules("versions")
