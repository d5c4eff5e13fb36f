"""The immutable fields of a StatefulSet, named in the words of the config. Pure."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.rules.errors import SetChanged
from components.rules.quantity import parse_quantity

_KEYS = {
    "serviceName": "governing_service",
    "podManagementPolicy": "pod_management",
    "revisionHistoryLimit": "revision_history_limit",
}
FIXED = (*_KEYS, "volumeClaimTemplates", "selector")
"""Fields of the spec for a change of which the engine would delete the set and make it anew. Kubernetes takes none of
them either, but for the newest one of `revisionHistoryLimit`.
"""
_DEFAULTS = {"volumeMode": "Filesystem"}  # what the API server writes into a claim (pkg/apis/core/v1/defaults.go)
_LEFT_OUT = ("apiVersion", "kind", "status", "creationTimestamp")
_Paths = Mapping[tuple[str, ...], Any]


@dataclass(frozen=True)
class LiveSet:
    """A StatefulSet in the cluster: the stack whose identity it carries, and its spec."""

    name: str
    stack: str | None
    spec: Mapping[str, Any]


def refusal(service: str, wanted: Mapping[str, Any], live: LiveSet) -> SetChanged | None:
    """Why the spec that the config makes cannot become that of the set that stands; None where it can."""
    found = list(_changes(wanted, live.spec))
    if not found:
        return None
    return SetChanged(
        f"{service}: {'; '.join(found)}",
        "Kubernetes lets nobody change that of a StatefulSet that stands, and to make it anew would stop all of its "
        "pods at once",
        f"put it back as it was. For another one: one more service with it under another name (`{service}2`), "
        f"`pulumi up`, copy the data, send the clients there, and then remove {service}. Larger volumes: enlarge the "
        "claims themselves where their storage class allows it, and leave the size here as it was",
    )


def _changes(wanted: Mapping[str, Any], live: Mapping[str, Any]) -> Iterator[str]:
    for field, key in _KEYS.items():
        if (was := live.get(field)) is not None and was != wanted.get(field):
            yield f"{key} makes {field} {_shown(wanted.get(field))}, and the set stands with {_shown(was)}"
    if (live.get("selector") or {}).get("matchLabels") != wanted["selector"]["matchLabels"]:
        yield "its pods are to be found by other labels than those that the set was made with"
    yield from _claim_changes(wanted.get("volumeClaimTemplates") or (), live.get("volumeClaimTemplates") or ())


def _claim_changes(wanted: Sequence[Mapping[str, Any]], live: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    asked, there = ({one["metadata"]["name"]: one for one in claims} for claims in (wanted, live))
    for name in sorted(asked.keys() - there.keys()):
        yield f"volume_claims.{name} is new, and the set stands without"
    for name in sorted(there.keys() - asked.keys()):
        yield f"volume_claims.{name} is taken away, and the set stands with it"
    for name in sorted(asked.keys() & there.keys()):
        new, old = (values_of(claims[name]) for claims in (asked, there))
        for path in sorted(new.keys() | old.keys()):
            if _plain(new.get(path), path) != _plain(old.get(path), path):
                where = ".".join(("volume_claims", name, *path))
                yield f"{where} is {_shown(new.get(path))}, and the set stands with {_shown(old.get(path))}"


def values_of(claim: Mapping[str, Any]) -> _Paths:
    """The values of a claim by their paths, with what the API server writes where it says nothing."""
    spec = {**_DEFAULTS, **(claim.get("spec") or {})}
    metadata = {key: value for key, value in claim["metadata"].items() if key != "name"}
    return dict(_flat({"metadata": metadata, "spec": spec}, ()))


def _flat(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in _LEFT_OUT:
                yield from _flat(inner, (*path, key))
    elif value not in (None, (), []):
        yield path, value


def _plain(value: Any, path: tuple[str, ...]) -> Any:
    """The value as it is compared: an amount by what it is worth, a list by what is in it."""
    if path[:2] == ("spec", "resources") and value is not None:
        with contextlib.suppress(ValueError):
            return parse_quantity(str(value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        found = [str(one) for one in value]
        return sorted(found) if path == ("spec", "accessModes") else found
    return value


def _shown(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return "none" if value is None else repr(value)
