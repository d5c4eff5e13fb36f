"""A stack's config file as plain records, for who only reads it. Cheap to import: no parser before a file is read.

The program checks the configuration; here only the shape is, as far as the driver relies on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cutover.errors import UsageError
from cutover.stackfile.effective import effective
from cutover.stackfile.find import project_of, stack_name
from cutover.strategies.fronts import ENVIRONMENTS, GROUPS, SERVICES, FrontView, environment_fronts, fronts
from cutover.strategies.registry import parse_services
from cutover.strategies.service import ServiceView, text_of

NAMESPACE = "cutover:namespace"
KUBECONFIG, CONTEXT, CLUSTER = "kubernetes:kubeconfig", "kubernetes:context", "kubernetes:cluster"


@dataclass(frozen=True)
class StackView:
    """One stack's config file. The namespace is "" where the config has none."""

    name: str
    path: Path
    namespace: str
    services: Mapping[str, ServiceView]
    fronts: Mapping[str, FrontView] = field(default_factory=dict)

    @property
    def project(self) -> Path:
        """The folder of the project."""
        return project_of(self.path)

    @property
    def switching(self) -> dict[str, ServiceView]:
        """The services whose traffic is switched between colors, by name."""
        return {name: service for name, service in self.services.items() if service.switches}


def read_view(path: Path) -> StackView:
    """The view of a stack's config file. Raises UsageError where it cannot be read or is of another shape."""
    content = load_file(path)
    namespace = effective(path, content, NAMESPACE)
    if namespace is not None:
        content = {**content, "config": {**(content.get("config") or {}), NAMESPACE: namespace}}
    return parse_view(content, path)


def load_file(path: Path) -> Mapping[str, Any]:
    """A stack file's content. Raises UsageError where it cannot be read or is no mapping."""
    from cutover.stackfile.reader import YamlError, read

    try:
        content = read(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path.name} cannot be read: {error.strerror}", "mend the file") from None
    except YamlError as error:
        raise UsageError(
            f"{path.name} cannot be read: {error}", "mend the file; `git diff` shows what changed"
        ) from None
    found = _mapping({} if content is None else content, path, "the file")
    _mapping(found.get("config") or {}, path, "config")
    return found


def parse_view(content: object, path: Path) -> StackView:
    """The view of a file's content."""
    config = _mapping(_mapping(content, path, "the file").get("config") or {}, path, "config")
    services = _mapping(config.get(SERVICES) or {}, path, SERVICES)
    groups = _mapping(config.get(GROUPS) or {}, path, GROUPS)
    given = {str(name): _mapping(settings, path, f"{SERVICES}.{name}") for name, settings in services.items()}
    return StackView(
        name=stack_name(path),
        path=path,
        namespace=text_of(config.get(NAMESPACE)) or "",
        services=parse_services(given, groups, config.get(ENVIRONMENTS)),
        fronts=fronts(given) | environment_fronts(config.get(ENVIRONMENTS)),
    )


def _mapping(value: object, path: Path, key: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        found = "empty" if value is None else "something else"
        raise UsageError(
            f"{path.name}: {key} is {found}, a mapping of keys to values is wanted",
            "write it as docs/config.md describes; `pulumi preview` checks all of it",
        )
    return value
