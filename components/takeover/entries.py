"""Workloads of manifests as services of a stack's file, by name, with all that they do not hold."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from components.rules.errors import ConfigError
from components.stack.load import parse
from components.takeover.entry import Taken, taken
from components.takeover.hidden import without_secrets
from components.takeover.workloads import Workload, image_of, workloads
from contract.strategies import BLUE_GREEN

Json = dict[str, Any]


_SIDE_BY_SIDE = "strategy Recreate: two releases run side by side for a while; with --strategy rolling it is kept"


def entries(objects: Iterable[Any], *, blue_green: bool, container: str | None = None) -> dict[str, Any]:
    """`services`: name -> settings; `lost`: name -> lines; `refused`: name -> why; `unpinned`: name -> the image, where
    it moves and has to be named by its digest. A service is called as the Service that its clients ask for, a worker
    and a StatefulSet as itself. `container` names the container that serves, where no port tells.
    """
    made: dict[str, Json] = {"services": {}, "lost": {}, "refused": {}, "unpinned": {}}
    for one in workloads(objects):
        name = one.name
        containers = one.item["spec"]["template"]["spec"]["containers"]
        try:
            settings = taken(one, release=partial(_release, containers), container=container)
            name = settings.name
            kept, hidden = without_secrets(settings.settings)
            colored = blue_green and "port" in kept and not one.stateful  # a StatefulSet is rolled in any case
            lost = [_SIDE_BY_SIDE] if colored and "update" in kept else []
            kept = _two_colors(kept) if colored else kept
            parse("default", {**made["services"], name: kept})
        except ConfigError as error:
            made["refused"][name] = [f"{problem.path}: {problem.what}" for problem in error.problems]
            continue
        made["services"][name] = kept
        made["lost"][name] = [*_guess(one, settings), *lost, *hidden]
        image = containers[settings.container]["image"]
        if image_of(containers[settings.container])[0] != image:
            made["unpinned"][name] = image
    return made


def _release(containers: list[Json], place: int) -> tuple[str, str]:
    return image_of(containers[place])


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
