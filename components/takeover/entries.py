"""Workloads of manifests as services of a stack's file, by name, with all that they do not hold."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from components.rules.errors import ConfigError
from components.stack.load import parse
from components.takeover.entry import taken
from components.takeover.hidden import without_secrets
from components.takeover.workloads import Workload, image_of, workloads

Json = dict[str, Any]


_SIDE_BY_SIDE = "strategy Recreate: two releases run side by side for a while; with --strategy rolling it is kept"


def entries(objects: Iterable[Any], *, blue_green: bool) -> dict[str, Any]:
    """`services`: name -> settings; `lost`: name -> lines; `refused`: name -> why. A service is called as the Service
    that its clients ask for, a worker and a StatefulSet as itself.
    """
    made: dict[str, Json] = {"services": {}, "lost": {}, "refused": {}}
    for one in workloads(objects):
        name = one.name
        containers = one.item["spec"]["template"]["spec"]["containers"]
        try:
            settings = taken(one, release=partial(_release, containers))
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
        made["lost"][name] = [*_image(one, settings.container), *lost, *hidden]
    return made


def _release(containers: list[Json], place: int) -> tuple[str, str]:
    return image_of(containers[place])


def _two_colors(settings: Json) -> Json:
    rest = {key: value for key, value in settings.items() if key not in ("strategy", "release", "update")}
    return {"strategy": "blue-green", "active": "blue", **rest, "blue": settings["release"]}


def _image(one: Workload, place: int) -> list[str]:
    container = one.item["spec"]["template"]["spec"]["containers"][place]
    image, _ = image_of(container)
    if image == container["image"]:
        return []
    return [f"image {container['image']} moves: {image} stands in its place; write the digest that is to run"]
