"""The note of the releases that served, on a live Service, as program and driver both read it. Pure."""

import json
from collections.abc import Collection, Mapping

from contract.annotations import SERVED
from contract.refusal import Refusal
from contract.releases import runs_release


def read_served(notes: Mapping[str, str]) -> tuple[str, ...]:
    """The marks, each a release's id with a digest behind it; what is no such note counts as none."""
    try:
        found = json.loads(notes.get(SERVED, "[]"))
    except ValueError:
        return ()
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def ids_served(notes: Mapping[str, str]) -> frozenset[str]:
    """The ids of the releases in the note."""
    return frozenset(mark.partition("/")[0] for mark in read_served(notes))


def is_noted(revision: str, served: Collection[str]) -> bool:
    """Whether the ids that `served` name a revision's release."""
    return any(runs_release(revision, one) for one in served)


def never_served(revision: str, served: Collection[str], left: Refusal | None) -> bool:
    """Whether a revision beside a completed cutover never had the traffic: neither the ids that `served` name it, nor
    does the note of a release that was `left`. False where nothing is noted: then only times tell, and whoever wrote
    the selector moves its time with each write to the Service.
    """
    if not served or (left is not None and left.kind != "refused" and runs_release(left.revision, revision)):
        return False
    return not is_noted(revision, served)
