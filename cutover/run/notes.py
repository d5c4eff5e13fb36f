"""Writing down on the live Service that a release was refused, lost its traffic, or was left: for who looks later."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contract.annotations import REFUSED
from cutover.errors import DriverError
from cutover.observe import Api, Refused, access_of, look
from cutover.observe.refusal import LONGEST, Kind, Refusal
from cutover.observe.releases import older, read_release

if TYPE_CHECKING:
    from cutover.run.job import Job

FIELD_MANAGER = "cutover"
TRIES = 3  # the cluster itself changes a Service now and then, between our look and our note


def note(job: "Job", kind: Kind, services: Iterable[str], color_of: Mapping[str, str], why: str) -> None:
    """Note it for the release on each service's color. A note that fails is said, and fails nothing."""
    try:
        with Api(access_of(job.view)) as api:
            for name in services:
                _note(api, job, kind, name, color_of[name], why)
    except DriverError as error:
        job.report.say(f"that it {kind.replace('rolled back', 'was left')} could not be noted: {error.what}", "warning")


def _note(api: Api, job: "Job", kind: Kind, name: str, color: str, why: str) -> None:
    """With the version of the Service that was looked at: a late try undoes nobody's work."""
    path = f"/api/v1/namespaces/{job.view.namespace}/services/{name}"
    for left in reversed(range(TRIES)):
        version = api.json("GET", path)["metadata"]["resourceVersion"]
        seen = look(api, job.view)[name]
        there = seen.colors.get(color)
        if there is None or not there.revision or seen.live_color == color:
            return  # gone, or it serves after all: then the note would not be so
        if kind == "rolled back" and seen.live and not _newer(there.release, seen.live.release):
            return  # that was the way forward
        text = Refusal(kind, color, there.revision, _now(), " ".join(why.split())[:LONGEST]).text()
        body = {"metadata": {"resourceVersion": version, "annotations": {REFUSED: text}}}
        try:
            api.json(
                "PATCH",
                path,
                params={"fieldManager": FIELD_MANAGER},
                body=body,
                content_type="application/merge-patch+json",
            )
        except Refused as refused:
            if refused.status != 409 or not left:
                raise
        else:
            return


def _newer(left: str, live: str) -> bool:
    one, two = read_release(left), read_release(live)
    return bool(one and two and older(two, one))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
