"""The new names of a pod's containers, and all that refers to one by its name: fields, annotations, autoscalers. Pure.

The application's container is called `app` here. Another one of that name gets a number.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contract.labels import CONTAINER
from contract.serving import DEFAULT_CONTAINER

Json = dict[str, Any]
Names = Mapping[str, str]
"""Old name of a container -> its new one; only those that change."""

_KEYED = re.compile(  # annotations whose key holds the name of a container
    r"(?P<before>ad\.datadoghq\.com/|container\.apparmor\.security\.beta\.kubernetes\.io/"
    r"|container\.seccomp\.security\.alpha\.kubernetes\.io/|co\.elastic\.(?:logs|metrics)\."
    r"|fluentbit\.io/(?:parser|exclude)(?:_stdout|_stderr)?-)(?P<name>[a-z0-9-]+)(?P<after>(?:[./].*)?)"
)
_VALUED = re.compile(  # … and those whose value is one, or a list of them
    rf"{re.escape(DEFAULT_CONTAINER)}|kubectl\.kubernetes\.io/default-logs-container"
    r"|vault\.hashicorp\.com/agent-inject-containers|instrumentation\.opentelemetry\.io/(?:[a-z]+-)?container-names"
)
_PLAIN = re.compile(r"ad\.datadoghq\.com/[^.]*")  # without a dot it is of the whole pod


def new_names(containers: Sequence[Json], place: int) -> Names:
    """The names that change where the application's container is at that place."""
    old = containers[place]["name"]
    if old == CONTAINER:
        return {}
    taken = any(one["name"] == CONTAINER for one in containers)
    return {old: CONTAINER} | ({CONTAINER: f"{CONTAINER}-2"} if taken else {})


def renamed(template: Json, place: int) -> Json:
    """The template whose container at that place is called as the program calls it; references follow."""
    names = new_names(template["spec"]["containers"], place)
    made: Json = _referring(template, names)
    made["spec"]["containers"] = [
        {**one, "name": names.get(one["name"], one["name"])} for one in made["spec"]["containers"]
    ]
    if notes := (made.get("metadata") or {}).get("annotations"):
        made["metadata"]["annotations"] = dict(_note(key, value, names) for key, value in notes.items())
    return made


def unknown_notes(template: Json, place: int) -> Iterator[str]:
    """The annotations that seem to be about a container by its old name, in a way that is not known here."""
    names = new_names(template["spec"]["containers"], place)
    for key, value in ((template.get("metadata") or {}).get("annotations") or {}).items():
        words = re.split(r"[._]", key.rpartition("/")[2])
        for old in names if _note(key, value, names) == (key, value) and not _PLAIN.fullmatch(key) else ():
            if old in words or words[-1].endswith(f"-{old}"):
                yield f'metadata.annotations["{key}"]: it names the container {old}, which is {names[old]} here'


def renamed_scaler(scaler: Json, names: Names) -> Json:
    """The HorizontalPodAutoscaler (of version 2) or ScaledObject, with the new names of the containers it looks at."""
    spec = dict(scaler["spec"])
    for field, part, key in (("metrics", "containerResource", "container"), ("triggers", "metadata", "containerName")):
        if isinstance(spec.get(field), list):
            spec[field] = [_in_part(one, part, key, names) for one in spec[field]]
    return {**scaler, "spec": spec}


def _in_part(one: Any, part: str, key: str, names: Names) -> Any:
    inner = one.get(part) if isinstance(one, Mapping) else None
    if not isinstance(inner, Mapping) or not isinstance(inner.get(key), str):
        return one
    return {**one, part: {**inner, key: names.get(inner[key], inner[key])}}


def _note(key: str, value: Any, names: Names) -> tuple[str, Any]:
    """An annotation with the new names in it."""
    if (found := _KEYED.fullmatch(key)) and not _PLAIN.fullmatch(key):
        return f"{found['before']}{names.get(found['name'], found['name'])}{found['after']}", value
    if _VALUED.fullmatch(key) and isinstance(value, str):
        return key, re.sub(r"[^\s,]+", lambda word: names.get(word[0], word[0]), value)
    return key, value


def _referring(value: Any, names: Names) -> Any:
    """The value with the names of containers in `resourceFieldRef` changed."""
    if isinstance(value, Mapping):
        made = {name: _referring(inner, names) for name, inner in value.items()}
        if "containerName" in made and "resource" in made:
            made["containerName"] = names.get(made["containerName"], made["containerName"])
        return made
    return [_referring(inner, names) for inner in value] if isinstance(value, list) else value
