"""A stack's config file as plain records, for who only reads it. Cheap to import: no parser before a file is read.

The program checks the configuration; here only the shape is, as far as the driver relies on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contract.matches import read_match
from contract.pod_shares import WHOLE, pods_for
from contract.releases import COLORS, other
from cutover.errors import UsageError
from cutover.stackfile.effective import effective
from cutover.stackfile.find import project_of, stack_name
from cutover.strategies.fronts import (
    ENVIRONMENTS,
    SERVICES,
    Beside,
    FrontView,
    environment_fronts,
    fronts,
    is_side_by_side,
    members,
    versions,
)

NAMESPACE, GROUPS = "cutover:namespace", "cutover:groups"
KUBECONFIG, CONTEXT, CLUSTER = "kubernetes:kubeconfig", "kubernetes:context", "kubernetes:cluster"


@dataclass(frozen=True)
class ServiceView:
    """One service as the file has it. `colors` is empty for a rolling one, whose release is `release`.

    A release is its mapping: `version`, `build`, `image` and what else the file gives it. `settings` is all of it. The
    active color of a member of a group is its group's.
    """

    name: str
    strategy: str
    active: str | None
    colors: Mapping[str, Mapping[str, Any]]
    release: Mapping[str, Any]
    replicas: int
    standby_replicas: int
    port: int
    service_port: int
    settings: Mapping[str, Any] = field(repr=False)
    group: str | None = None
    beside: Beside | None = None

    @property
    def by_label(self) -> bool:
        """Whether it is cut over by labels."""
        return self.settings.get("cutover") == "labels"

    @property
    def blue_green(self) -> bool:
        """Whether it has two colors."""
        return self.strategy == "blue-green"

    @property
    def stateful(self) -> bool:
        """Whether a StatefulSet runs its pods."""
        return self.settings.get("workload") == "stateful-set"

    @property
    def scaled(self) -> bool:
        """Whether an autoscaler chooses the number of pods."""
        return bool(self.settings.get("autoscale") or self.settings.get("autoscaler"))

    @property
    def weight(self) -> int:
        """The percentage of its route, or of new connections, that the file gives to the idle color; 0 without one."""
        weight = self._canary.get("weight")
        return weight if isinstance(weight, int) else 0

    @property
    def mirror(self) -> int:
        """The percentage of its requests that the file gives the idle color copies of; 0 without."""
        mirror = self._canary.get("mirror")
        return mirror if isinstance(mirror, int) else 0

    @property
    def exposed(self) -> bool:
        """Whether the idle color gets requests of users: a share, or copies."""
        return bool(self.weight or self.mirror)

    @property
    def has_shares(self) -> bool:
        """Whether its idle color can have a share: it has a route, or labels of pods are moved."""
        return self.blue_green and ("route" in self.settings or self.by_label)

    @property
    def canary_pods(self) -> int:
        """How many pods of the idle color the file wants attached beside the active ones; 0 with a route."""
        return self.pods_of(self.weight) if self.by_label and self.route is None else 0

    def pods_of(self, weight: int) -> int:
        """How many pods make such a share beside the active ones; none make a whole one, which the program refuses."""
        return pods_for(weight, self.replicas) if 0 < weight < WHOLE else 0

    @property
    def beside_replicas(self) -> int:
        """Pods of the idle color: all while a route gives it a share or copies, else its standby."""
        return self.replicas if self.exposed and self.route else self.standby_replicas

    @property
    def route(self) -> Mapping[str, Any] | None:
        """The HTTPRoute that its users come by, as the file has it; None without one."""
        route = self.settings.get("route")
        return route if self.blue_green and isinstance(route, dict) else None

    @property
    def matches(self) -> tuple[str, ...]:
        """What the file sends to the idle color whatever the weight, in words: `x-canary: always`."""
        match = self._canary.get("match")
        given = match if isinstance(match, list) else []
        return tuple(str(read_match(one)) for one in given if isinstance(one, dict))

    @property
    def _canary(self) -> Mapping[str, Any]:
        canary = self.settings.get("canary")
        return canary if isinstance(canary, dict) else {}

    @property
    def worker(self) -> bool:
        """Whether nobody calls it: a rolling service without a port, which has no Service."""
        return self.strategy == "rolling" and self.settings.get("port") is None

    @property
    def idle(self) -> str:
        """The color that is not active."""
        return other(self.active or "green")

    @property
    def active_path(self) -> tuple[str, ...]:
        """Where the file says which color is active: the keys below `config`."""
        return (GROUPS, self.group, "active") if self.group else (*self.home, "active")

    @property
    def home(self) -> tuple[str, ...]:
        """Where the file has its settings: the keys below `config`."""
        return self.beside.home if self.beside else (SERVICES, self.name)

    @property
    def environment(self) -> str | None:
        """The environment that it is of, where it is of one."""
        return self.home[2] if self.home[0] == ENVIRONMENTS else None

    def slot_path(self, slot: str) -> tuple[str, ...]:
        """Where the file has the release of a color, or a rolling service's `release`."""
        own = self.beside.slots.get(slot) if self.beside else None
        return own or (*self.home, slot)


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
        namespace=_text(config.get(NAMESPACE)) or "",
        services=parse_services(given, groups, config.get(ENVIRONMENTS)),
        fronts=fronts(given) | environment_fronts(config.get(ENVIRONMENTS)),
    )


def parse_services(services: Mapping[str, Any], groups: object, environments: object = None) -> dict[str, ServiceView]:
    """The services of `cutover:services`, with their groups, and of environments; also of a history entry's config."""
    known = groups.items() if isinstance(groups, dict) else ()
    lists = {
        name: group for name, group in known if isinstance(group, dict) and isinstance(group.get("services"), list)
    }
    group_of = {str(member): str(name) for name, group in lists.items() for member in group["services"]}
    found: dict[str, ServiceView] = {}
    for name, settings in services.items():
        if is_side_by_side(settings):
            found |= {own: parse_service(own, one.settings, beside=one) for own, one in versions(name, settings)}
            continue
        group = group_of.get(name)
        active = {"active": lists[group].get("active")} if group else {}
        if isinstance(settings, dict):
            found[name] = parse_service(name, {**active, **settings}, group)
    return found | {name: parse_service(name, one.settings, beside=one) for name, one in members(environments)}


def parse_service(
    name: str, settings: Mapping[str, Any], group: str | None = None, beside: Beside | None = None
) -> ServiceView:
    """One service, with the active color that is its own or its group's."""
    strategy = str(settings.get("strategy", "blue-green"))
    two = strategy == "blue-green"
    replicas = _count(settings.get("replicas"), 2)
    return ServiceView(
        name=name,
        strategy=strategy,
        active=_text(settings.get("active")) if two else None,
        colors={color: _release(settings[color]) for color in COLORS if isinstance(settings.get(color), dict)}
        if two
        else {},
        release=_release(settings["release"]) if not two and isinstance(settings.get("release"), dict) else {},
        replicas=replicas,
        standby_replicas=_count(settings.get("standby_replicas"), replicas),
        port=_count(settings.get("port"), 0),
        service_port=_count(settings.get("service_port"), 80),
        settings=settings,
        group=group,
        beside=beside,
    )


def _release(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A release whose version is as it is written: the program refuses `007` and `2024.10`, and names them so."""
    written = getattr(given.get("version"), "written", None)
    return {**given, "version": written} if written else given


def _mapping(value: object, path: Path, key: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        found = "empty" if value is None else "something else"
        raise UsageError(
            f"{path.name}: {key} is {found}, a mapping of keys to values is wanted",
            "write it as docs/config.md describes; `pulumi preview` checks all of it",
        )
    return value


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _count(value: object, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default
