"""Workloads of manifests as services of a stack's file, by name, with all that they do not hold."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from components.rules.errors import ConfigError
from components.stack.load import parse
from components.takeover.beside import left_out, without_secrets
from components.takeover.entry import taken
from components.takeover.workloads import Workload, image_of, workloads

Json = dict[str, Any]


def entries(objects: Iterable[Any], *, blue_green: bool) -> dict[str, Any]:
    """`services`: name -> settings; `lost`: name -> lines; `refused`: name -> why. A service is called as the Service
    that its clients ask for, a worker as its Deployment.
    """
    made: dict[str, Json] = {"services": {}, "lost": {}, "refused": {}}
    for one in workloads(objects):
        name = str(one.services[0]["metadata"]["name"]) if one.services else one.name
        containers = one.deployment["spec"]["template"]["spec"]["containers"]
        try:
            settings = taken(one.deployment, one.services, release=partial(_release, containers))
            lost = left_out(one, settings.settings)
            kept, hidden = without_secrets(settings.settings)
            kept = _two_colors(kept) if blue_green and "port" in kept else kept
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
    rest = {key: value for key, value in settings.items() if key not in ("strategy", "release")}
    return {"strategy": "blue-green", "active": "blue", **rest, "blue": settings["release"]}


def _image(one: Workload, place: int) -> list[str]:
    container = one.deployment["spec"]["template"]["spec"]["containers"][place]
    image, _ = image_of(container)
    if image == container["image"]:
        return []
    return [f"image {container['image']} moves: {image} stands in its place; write the digest that is to run"]
