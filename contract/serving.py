"""The container of a pod that is the application: the one that answers at the port that its Service sends to. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
"""The annotation of pods by which `kubectl` chooses a container."""
_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
_KINDS = ("httpGet", "tcpSocket", "grpc")
_Containers = Sequence[Mapping[str, Any]]


def usual(containers: _Containers, notes: Mapping[str, str] | None) -> int:
    """The place of the container that `kubectl` would take: the annotated one, else the first."""
    return _named(containers, (notes or {}).get(DEFAULT_CONTAINER)) or 0


def declared(containers: _Containers, target: int | str | None) -> Mapping[str, Any] | None:
    """The TCP port that a container declares by this name or number; None where none does."""
    return next((port for _, port in _declared(containers, target)), None)


def _declared(containers: _Containers, target: int | str | None) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for place, container in enumerate(containers):
        for port in container.get("ports") or []:
            if target in (port.get("name"), port["containerPort"]) and port.get("protocol", "TCP") == "TCP":
                yield place, port


def serving(
    containers: _Containers, target: int | str | None, notes: Mapping[str, str] | None, asked: str | None = None
) -> int | None:
    """The place of the container that a Service sends to; None where nothing tells.

    It is the one that declares the port, else the only one whose probes ask that port, else the one that was `asked`
    for by its name, the only one there is, or the one that the pod's annotations name.
    """
    for place, _ in _declared(containers, target):
        return place
    probed = [place for place, one in enumerate(containers) if target in _probed(one)]
    if len(probed) == 1:
        return probed[0]
    if (named := _named(containers, asked)) is not None:
        return named
    return 0 if len(containers) == 1 else _named(containers, (notes or {}).get(DEFAULT_CONTAINER))


def _probed(container: Mapping[str, Any]) -> set[int | str]:
    probes = [container.get(name) or {} for name in _PROBES]
    return {probe[kind]["port"] for probe in probes for kind in _KINDS if probe.get(kind)}


def _named(containers: _Containers, name: str | None) -> int | None:
    return next((place for place, one in enumerate(containers) if name and one["name"] == name), None)
