"""The move of a live Service through the API server, at once, and without the engine. For when seconds count.

Where it selects by label, the labels are moved instead (`cutover.operations.traffic.attach`).
The engine finds afterwards what it was going to make. The `up` that follows has the edit of the file and sees the
selector as it wants it. It carries the cutover to its end: for that `cutover.dev/completed` is taken off here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contract.annotations import COMPLETED, NO_ROLLBACK_PAST
from contract.codes import STAYS
from contract.ownership import SWITCH_MANAGER
from contract.releases import other
from contract.served import is_noted
from cutover.errors import GateRefused
from cutover.observe.adopted import selector_of
from cutover.observe.connection import Refused
from cutover.observe.live import look
from cutover.stackfile import ServiceView, StackView
from cutover.strategies.releases import read_release

if TYPE_CHECKING:
    from cutover.observe import ColorStatus, ServiceStatus
    from cutover.observe.connection import Api


@dataclass(frozen=True)
class Switch:
    """A live Service that was moved, or need not be (`moved` is False): from one color to another's revision."""

    service: str
    before: str
    color: str
    revision: str
    ready: int
    moved: bool


def _by_an_up(seen: "ServiceStatus") -> str:
    return f"by an `up`: `cutover rollback {seen.name}`"


def switch_now(
    api: "Api",
    view: StackView,
    service: ServiceView,
    color: str | None = None,
    remember: Callable[[dict[str, "ServiceStatus"]], object] = lambda _: None,
    instead: Callable[["ServiceStatus"], str] = _by_an_up,
) -> Switch:
    """Move the live Service of one service to a color (None: the other one). Raises GateRefused, ClusterUnreachable.

    `remember` hears what was seen before; `instead` gives the fix where nothing is there to go to at once.
    """
    remember(status := look(api, view))
    seen = status[service.name]
    there = target_of(seen, color, instead)
    before = seen.live_color or ""
    if there.color == before:
        return Switch(service.name, before, before, there.revision, there.ready, moved=False)
    if seen.by_label:
        from cutover.operations.traffic.attach import attach_now

        attach_now(api, view.namespace, seen, there)
    else:
        _move(api, view, service, seen, there)
    return Switch(service.name, before, there.color, there.revision, there.ready, moved=True)


def target_of(
    seen: "ServiceStatus", color: str | None = None, instead: Callable[["ServiceStatus"], str] = _by_an_up
) -> "ColorStatus":
    """The color that a live Service may be moved to at once: `color` (None: the other one). Raises GateRefused.

    Never one without ready pods of its release, never past a release that forbids it, nor (unless `color` says which
    one served) a release that never took the traffic, or not since it was made. Fewer pods than the config's are taken:
    this is for when the live release is worse.
    """
    if seen.live_color is None:
        what = f"{seen.name}: there is no live Service in the cluster that sends to a color"
        raise GateRefused(f"{what}\n{STAYS}", "`cutover up` makes it, or sets its selector")
    target = color or other(seen.live_color)
    there = seen.colors.get(target)
    ready = there.ready if there else 0
    if there and target == seen.live_color:
        return there
    if there is None or not ready:
        raise GateRefused(
            f"{seen.name}: {target} has no ready pod of {there.release if there else 'any release'}\n{STAYS}",
            instead(seen),
        )
    if color is None and there.role != "standby":
        anew = "was made anew since it served: no gate has let it through"
        why = anew if is_noted(there.revision, seen.served) else "never took the traffic"
        raise GateRefused(
            f"{seen.name}: {there.release} on {target} {why}: nothing to go back to\n{STAYS}", instead(seen)
        )
    if limit := seen.forbidden(there.release):
        raise forbidden(seen.name, target, there.release, limit)
    return there


def forbidden(service: str, color: str, release: str, limit: str) -> GateRefused:
    """The refusal to go back past a release that forbids it, or that cannot be read."""
    if read_release(limit) is None:
        return GateRefused(
            f"{service}: the note {NO_ROLLBACK_PAST} in the cluster is {limit}, which names no release: whether "
            f"{color} with {release} may take the traffic is not known\n{STAYS}",
            f"set `rollback: forbidden` on {service}'s release that is live (or `allowed`, where the data allows every "
            "way back), then `cutover up`: the note is then written anew",
        )
    return GateRefused(
        f"{service}: {limit} has taken the traffic and forbids a rollback past it; {color} has {release}, which cannot "
        f"read the data as it is since\n{STAYS}",
        f"roll forward: `cutover release {service}` with a release newer than {limit}, then `cutover promote {service}`"
        "; where the data does allow it, docs/databases.md says how to lift this",
    )


def _move(api: "Api", view: StackView, service: ServiceView, seen: "ServiceStatus", there: "ColorStatus") -> None:
    """Move the selector. Where that is refused, look: a first try may have got through, or somebody else was quicker.

    Raises GateRefused where somebody else moved it.
    """
    try:
        _patch(api, view, service, seen, there)
    except Refused as refused:
        now = look(api, view)[service.name]
        if (now.live_color, now.live_revision) == (there.color, there.revision):
            return
        if refused.status not in (409, 422):
            raise
        raise GateRefused(
            f"{service.name}: somebody else changed the live Service while this command looked: it sends to "
            f"{now.live_color or 'nothing'} {now.live_revision or ''}, not to {seen.live_color} {seen.live_revision}",
            "`cutover status` says what is live; the same command again starts from there",
        ) from None


def _patch(api: "Api", view: StackView, service: ServiceView, seen: "ServiceStatus", there: "ColorStatus") -> None:
    """Move the selector, unless somebody else moved it since we looked."""
    now = selector_of(service, seen.live_color or "", seen.live_revision or "")
    body: list[dict[str, Any]] = [
        {"op": "test", "path": "/spec/selector", "value": now},
        {"op": "replace", "path": "/spec/selector", "value": selector_of(service, there.color, there.revision)},
    ]
    if seen.completed:
        body.append({"op": "remove", "path": f"/metadata/annotations/{COMPLETED.replace('/', '~1')}"})
    api.amend(f"/api/v1/namespaces/{view.namespace}/services/{seen.name}", body, manager=SWITCH_MANAGER)
