"""The part of a JSON document that is a verb's own: one record per verb, whose fields are the keys (docs/cli.md).

A field that is None was not said, and its key is left out: a command that fails early has less to say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

Json = Mapping[str, Any]
Colors = Mapping[str, str | None]
"""Service -> color."""


@dataclass(frozen=True, kw_only=True)
class Details:
    """The part of every verb. `commit` is the short id of the commit of the file, `live` what takes the traffic after
    a run that ended badly, `notes_lost` the services whose live Service was made again, without its notes, `spent` the
    seconds of the engine's runs by part (cutover/engine/spent.py); what is left of all seconds is the driver's own.
    """

    commit: str | None = None
    live: Colors | None = None
    notes_lost: Sequence[str] | None = None
    spent: Mapping[str, float] | None = None

    def to_json(self) -> dict[str, Any]:
        """Key -> value of all that was said: `switch_seconds` is the key `switchSeconds`."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return {_key(name): value for name, value in said.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Up(Details):
    """`changes`: how many objects by what became of them. `leftovers`: what a run that was broken off left, as kubectl
    names it. `load`: the account of the load.
    """

    changes: Mapping[str, int] | None = None
    leftovers: Sequence[str] | None = None
    load: Json | None = None


@dataclass(frozen=True, kw_only=True)
class Destroy(Details):
    """`changes`: how many objects by what became of them. `leftovers` as of `up`."""

    changes: Mapping[str, int] | None = None
    leftovers: Sequence[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Switched(Details):
    """A cutover. `before`: the colors that had the traffic, `switched`: those that were to get it, `bake`: the verdict
    of the watch, `reverted`: the colors that it was sent back to.
    """

    before: Colors | int | None = None
    switched: Colors | None = None
    bake: Json | None = None
    reverted: Colors | None = None


@dataclass(frozen=True, kw_only=True)
class Promote(Switched):
    """A promotion. Of a canary: the `service`, its `color`, its `weight` in percent, and the `steps` of a walk;
    `before` is then the weight that it had. `load`: the account of the load.
    """

    service: str | None = None
    color: str | None = None
    weight: int | None = None
    steps: Sequence[Json] | None = None
    load: Json | None = None


@dataclass(frozen=True, kw_only=True)
class Release(Switched):
    """`release` is the version, build and image on the `slot` of the `service`; `secrets`: variable -> key; `pinned`:
    whether a registry gave the digest.
    """

    service: str | None = None
    slot: str | None = None
    release: Json | None = None
    secrets: Mapping[str, str] | None = None
    pinned: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Rollback(Switched):
    """`switch_seconds`: how long `--now` took until the traffic was back."""

    switch_seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class Abort(Details):
    """`gave_up`: service -> the release that was given up. `leftovers` as of `up`."""

    gave_up: Mapping[str, str] | None = None
    leftovers: Sequence[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Restart(Details):
    """`restarted`: service -> the pods that were told to stop."""

    restarted: Mapping[str, Sequence[str]] | None = None


@dataclass(frozen=True, kw_only=True)
class Tidy(Details):
    """`scaled_down`: service -> the color whose time has come."""

    scaled_down: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class History(Details):
    """`updates`: the updates, the newest first."""

    updates: Sequence[Json] | None = None


@dataclass(frozen=True, kw_only=True)
class Plan(Details):
    """`services`: the plan of each; `steps`: the changes in their order, in words; `changes`: how many by kind;
    `drift` and `ending`: what differs, and which services end. `cluster_known`: whether the cluster could be asked.
    """

    services: Sequence[Json] | None = None
    steps: Sequence[str] | None = None
    changes: Mapping[str, int] | None = None
    drift: Sequence[str] | None = None
    ending: Sequence[str] | None = None
    cluster_known: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Adopt(Details):
    """An adoption. Of a live `service`: the `findings`, what `up` `imports`, its `settings` in the file. Of manifests:
    the `services` by name, those that were `refused` and those that are `unpinned`; `left`: the objects that no service
    holds, `following`: those of them that ask for labels which the program gives. `lost`: what a new release will not
    have; `pinned`: whether a registry gave the digest.
    """

    findings: Sequence[Json] | None = None
    service: str | None = None
    imports: Sequence[Json] | None = None
    settings: Json | None = None
    lost: Sequence[str] | Mapping[str, Sequence[str]] | None = None
    services: Json | None = None
    refused: Mapping[str, Sequence[str]] | None = None
    unpinned: Json | None = None
    left: Sequence[str] | None = None
    following: Sequence[str] | None = None
    pinned: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Route(Details):
    """A route that sends to the colors of the `service`, or no longer: the `route`, its `rules` that were changed, and
    the `operations` of the JSON patch.
    """

    service: str | None = None
    route: str | None = None
    rules: Sequence[str] | None = None
    operations: Sequence[Json] | None = None


DETAILS: Mapping[str, type[Details]] = {
    one.__name__.lower(): one
    for one in (Up, Destroy, Promote, Release, Rollback, Abort, Restart, Tidy, History, Plan, Adopt, Route)
}
"""Verb -> its record."""


def _key(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
