"""What of manifests no service holds: Services that several workloads share, and all objects of other kinds. Each is
said, none is lost without a word.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from components.takeover.workloads import Workload, flat, name_of
from contract.text import one_line

Json = dict[str, Any]
_NAMED = 6  # of one kind; of the others only the number is said


def of_shared(one: Workload) -> Iterator[str]:
    """The Services that find the pods of other workloads too."""
    for each in one.shared:
        yield (
            f"Service {name_of(each)}: it sends to other workloads too, so it stays yours; apply it as before. It finds"
            " every new pod by its labels as soon as that is ready"
        )


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


def _key(item: Json) -> tuple[str, str, str, str]:
    meta = item.get("metadata")
    meta = meta if isinstance(meta, Mapping) else {}
    group = str(item.get("apiVersion", "")).rpartition("/")[0]
    return group, one_line(item.get("kind") or ""), one_line(meta.get("name") or "?"), str(meta.get("namespace") or "")


def _line(kind: str, names: list[str]) -> str:
    more = len(names) - _NAMED
    return f"{kind} {', '.join(names[:_NAMED])}" + (f" and {more} more" if more > 0 else "")
