"""Writing down on the live Service that a release was refused, lost its traffic, or was left: for who looks later."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from contract.annotations import REFUSED
from contract.refusal import Kind, Refusal
from cutover.errors import DriverError
from cutover.observe import Api, access_of, look
from cutover.strategies.releases import older, read_release

if TYPE_CHECKING:
    from cutover.operations.command.run import Run

TRIES = 3  # the cluster itself changes a Service now and then, between our look and our note


def note(run: "Run", kind: Kind, services: Iterable[str], color_of: Mapping[str, str], why: str) -> None:
    """Write the note about the release on each service's color. A note that fails is said, and fails nothing."""
    try:
        with Api(access_of(run.view)) as api:
            for name in services:
                _note(api, run, kind, name, color_of[name], why)
    except DriverError as error:
        run.report.say(f"that it {kind.replace('rolled back', 'was left')} could not be noted: {error.what}", "warning")


def _note(api: Api, run: "Run", kind: Kind, name: str, color: str, why: str) -> None:
    """For the Service that was looked at: a late try undoes nobody's work."""
    path = f"/api/v1/namespaces/{run.view.namespace}/services/{name}"
    for _ in range(TRIES):
        meta = api.json("GET", path)["metadata"]
        seen = look(api, run.view)[name]
        there = seen.colors.get(color)
        if there is None or not there.revision or seen.live_color == color:
            return  # gone, or it serves after all: then the note would not be so
        if kind == "rolled back" and seen.live and not _newer(there.release, seen.live.release):
            return  # that was the way forward
        text = Refusal.now(kind, color, there.revision, why).text()
        if api.patch(path, {"metadata": {"annotations": {REFUSED: text}}}, meta):
            return
    raise DriverError(f"{name}: its live Service changed each of {TRIES} times that it was to be written")


def _newer(left: str, live: str) -> bool:
    one, two = read_release(left), read_release(live)
    return bool(one and two and older(two, one))
