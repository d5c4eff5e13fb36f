"""The checks that the settings of a service ask for, in the order of `contract.checks`.

A check is a module of this room with the name of its key. Its `check_of` makes it; the module is imported where the
settings ask for the check.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from components.checks.check import Check
from components.settings.release_checks import ReleaseChecks
from contract.checks import CHECKS


@dataclass(frozen=True)
class Subject:
    """The release that a check is made for. `own` is the release's own Service, `address` its URL inside the
    cluster.
    """

    service: str
    namespace: str
    own: str
    address: str


class Maker(Protocol):
    """The module of a check."""

    def check_of(self, settings: Any, subject: Subject, /) -> Check:
        """The check with its settings, for a release."""


def maker(key: str) -> Maker:
    """The module of the check with this key."""
    found: Any = import_module(f"{__package__}.{key}")
    made: Maker = found
    return made


def before_switch(settings: ReleaseChecks, subject: Subject) -> tuple[Check, ...]:
    """The checks that a release has to pass once it is ready, before it takes the traffic for the first time."""
    asked = [(kind.key, getattr(settings, kind.key)) for kind in CHECKS if kind.skipped_where_served]
    return tuple(maker(key).check_of(own, subject) for key, own in asked if own is not None)
