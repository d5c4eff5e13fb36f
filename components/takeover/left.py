"""What of manifests no service holds: Services that several workloads share, and all objects of other kinds. Each is
said, none is lost without a word.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from components.takeover.followers import ours_in, strayed
from components.takeover.workloads import Workload, flat, is_known, name_of
from contract.labels import INSTANCE
from contract.text import one_line

Json = dict[str, Any]
_NAMED = 6  # of one kind; of the others only the number is said


def of_selectors(one: Workload) -> Iterator[str]:
    """The selectors in a pod template that find other pods by a label that those of this project have otherwise."""
    for path in strayed(one.template):
        yield (
            f"{path}: it asks for a label that this project gives to its pods ({INSTANCE}: the service's name); where "
            "the pods that it means are of this project too, name their service there"
        )


def of_shared(one: Workload) -> Iterator[str]:
    """The Services that find the pods of other workloads too."""
    for each in one.shared:
        ours = ours_in(each["spec"]["selector"])
        finds = "It finds every new pod by its labels as soon as that is ready"
        if ours:
            finds = f"Take {', '.join(ours)} out of its selector: new pods have their service's name there"
        called = f"Service {name_of(each)}: it sends to other workloads too, so it stays yours; apply it as before."
        yield f"{called} {finds}"


def left_out(objects: Iterable[Any], found: Iterable[Workload]) -> list[str]:
    """The objects that no workload is or has beside it, a line for each kind."""
    used = {_key(each) for one in found for each in (one.item, *one.services, *one.shared, *one.beside)}
    left: dict[str, list[str]] = {}
    for item in objects:
        for each in flat(item):
            kind, name = _key(each)[1:3]
            if kind and _key(each) not in used:
                left.setdefault(kind, []).append(name)
    return [_line(kind, names) for kind, names in sorted(left.items())]


def following_labels(objects: Iterable[Any], found: Iterable[Workload]) -> list[str]:
    """The objects that no workload has and that ask for a label which the program gives itself: `NetworkPolicy web`."""
    used = {_key(each) for one in found for each in (one.item, *one.services, *one.shared, *one.beside)}
    every = (each for item in objects for each in flat(item) if _key(each) not in used)
    specs = ((each, each.get("spec")) for each in every if not is_known(each))
    asking = (each for each, spec in specs if isinstance(spec, Mapping) and "template" not in spec and _asks(spec))
    return [f"{_key(each)[1]} {_key(each)[2]}" for each in asking]


def _asks(value: Any) -> bool:
    """Whether somewhere in it a selector asks for such a label."""
    if isinstance(value, Mapping):
        return any(
            (key.lower().endswith("selector") and bool(ours_in(inner))) or _asks(inner) for key, inner in value.items()
        )
    return isinstance(value, list) and any(map(_asks, value))


def _key(item: Json) -> tuple[str, str, str, str]:
    meta = item.get("metadata")
    meta = meta if isinstance(meta, Mapping) else {}
    group = str(item.get("apiVersion", "")).rpartition("/")[0]
    return group, one_line(item.get("kind") or ""), one_line(meta.get("name") or "?"), str(meta.get("namespace") or "")


def _line(kind: str, names: list[str]) -> str:
    more = len(names) - _NAMED
    return f"{kind} {', '.join(names[:_NAMED])}" + (f" and {more} more" if more > 0 else "")
