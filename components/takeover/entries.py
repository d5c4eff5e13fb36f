"""Workloads of manifests as services of a stack's file, by name, with all that they do not hold."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from components.rules.errors import ConfigError
from components.rules.problem import Problem
from components.stack.load import parse
from components.takeover.compare import lost_of
from components.takeover.deadline import short
from components.takeover.entry import Taken, taken
from components.takeover.hidden import without_secrets
from components.takeover.left import following_labels, left_out, of_selectors, of_shared
from components.takeover.reading import Unreadable, objects_in
from components.takeover.templates import without_null
from components.takeover.workloads import Workload, image_of, release_of, workloads
from contract.strategies import BLUE_GREEN

Json = dict[str, Any]


_SIDE_BY_SIDE = "strategy Recreate: two releases run side by side for a while; with --strategy rolling it is kept"


def entries_in(text: str, *, blue_green: bool, container: str | None = None) -> dict[str, Any]:
    """`entries` of the manifests in a text; where it is none, `unreadable` is why."""
    try:
        return entries(objects_in(text), blue_green=blue_green, container=container)
    except Unreadable as error:
        return {"unreadable": str(error)}


def entries(objects: Iterable[Any], *, blue_green: bool, container: str | None = None) -> dict[str, Any]:
    """`services`: name -> settings; `lost`: name -> lines; `refused`: name -> why; `unpinned`: name -> the image, where
    it moves and has to be named by its digest; `left`: the objects that belong to no workload, in words, and
    `following` those of them that ask for labels which the program gives itself. A service is
    called as the Service that its clients ask for, a worker and a StatefulSet as itself. `container` names the
    container that serves, where no port tells.
    """
    objects = list(objects)
    made: dict[str, Any] = {"services": {}, "lost": {}, "refused": {}, "unpinned": {}}
    found = list(workloads(objects))
    for one in found:
        name = one.name
        try:
            settings = taken(one, release=partial(release_of, one), container=container)
            name = settings.name
            kept, hidden = without_secrets(settings.settings)
            colored = blue_green and "port" in kept and not one.stateful  # a StatefulSet is rolled in any case
            lost = [_SIDE_BY_SIDE] if colored and "update" in kept else []
            kept = _two_colors(kept) if colored else kept
            if name in made["services"]:
                raise ConfigError([_twice(one, name)])
            parse("default", {**made["services"], name: kept})
        except ConfigError as error:
            made["refused"].setdefault(one.name, []).extend(map(str, error.problems))
            continue
        made["services"][name] = kept
        made["lost"][name] = [
            *_guess(one, settings),
            *lost,
            *lost_of(one, settings),
            *short(settings.settings, without_null(one.template)["spec"]),
            *of_selectors(one),
            *of_shared(one),
            *hidden,
        ]
        image = one.template["spec"]["containers"][settings.container]["image"]
        if image_of({"image": image})[0] != image:
            made["unpinned"][name] = image
    return {**made, "left": left_out(objects, found), "following": following_labels(objects, found)}


def _twice(one: Workload, name: str) -> Problem:
    return Problem(
        f"{one.item['kind']} {one.name}",
        f"a workload before it is the service {name} already",
        "a stack is one namespace: of two objects of one name the second would take the place of the first",
        "take one of them out of the manifests, or adopt it into a stack of another namespace",
    )


def _two_colors(settings: Json) -> Json:
    rest = {key: value for key, value in settings.items() if key not in ("strategy", "release", "update")}
    return {"strategy": BLUE_GREEN, "active": "blue", **rest, "blue": settings["release"]}


def _guess(one: Workload, made: Taken) -> list[str]:
    containers = [each["name"] for each in one.item["spec"]["template"]["spec"]["containers"]]
    if made.clear:
        return []
    return [
        f"port {made.settings['port']}: none of {', '.join(containers)} declares it or is probed there; "
        f"{containers[made.container]} is taken for the application, --container names another"
    ]
