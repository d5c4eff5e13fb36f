"""The status of fronts: where each sends, beside where the config says. A front's colors are its backends' keys."""

from collections.abc import Iterator, Mapping

from contract.checks import Gate
from contract.labels import INSTANCE
from cutover.observe.facts import Facts, LiveService
from cutover.observe.records import ColorStatus, Difference, Role, ServiceStatus
from cutover.stackfile.view import StackView
from cutover.strategies.fronts import FrontView

FRONT = "front"


def judge_fronts(
    view: StackView, found: Mapping[str, Facts], services: Mapping[str, ServiceStatus]
) -> dict[str, ServiceStatus]:
    """The status of every front; `services` are those of what they may send to."""
    return {
        name: _status(view.name, front, found.get(name, Facts()).live, services) for name, front in view.fronts.items()
    }


def _status(
    stack: str, front: FrontView, live: LiveService | None, services: Mapping[str, ServiceStatus]
) -> ServiceStatus:
    sends_to = live.selector.get(INSTANCE) if live else None
    key = next((key for key, instance in front.backends.items() if instance == sends_to), sends_to)
    colors = {
        name: seen
        for name, instance in front.backends.items()
        if instance in services and (seen := _backend(name, services[instance], live=name == key))
    }
    differences = tuple(_differences(stack, front, live, key))
    target = services.get(front.backends.get(front.active, ""))
    return ServiceStatus(
        name=front.name,
        strategy=FRONT,
        active_color=front.active,
        live_color=key,
        live_revision=target.live_revision if target and key == front.active else None,
        completed=bool(live and live.completed),
        colors=colors,
        differences=differences,
        gates=(
            Gate(
                "front", "of the cutover of a service: all pods ready, smoke check, endpoints verified after the switch"
            ),
        ),
        group=front.unit if front.unit != front.name else None,
    )


def _backend(name: str, service: ServiceStatus, *, live: bool) -> ColorStatus | None:
    seen = service.live
    if seen is None:
        return None
    role: Role = "live" if live else "standby"
    return ColorStatus(name, seen.release, seen.revision, role, seen.wanted, seen.ready, image=seen.image)


def _differences(stack: str, front: FrontView, live: LiveService | None, key: str | None) -> Iterator[Difference]:
    settle = f"`cutover up --stack {stack}` puts the config through"
    if live is None:
        yield Difference(f"{front.name}: front", f"sends to {front.active}", "not there", settle)
    elif key != front.active:
        yield Difference(f"{front.name}: front", f"sends to {front.active}", f"sends to {key}", settle)
    elif not live.completed:
        carried = f"`cutover up --stack {stack}` carries it on"
        yield Difference(f"{front.name}: switch", "completed", "begun, not carried to its end", carried)
