"""What a release has beside version, build and image: its variables, files, the keys of its secrets, its shape. Pure.

A new release is written over the one before on the idle color, two releases back: what that had of its own stays,
unless the command says otherwise.
"""

from collections.abc import Mapping
from typing import Any

from cutover.errors import UsageError
from cutover.stackfile import ServiceView
from cutover.stackfile.edit import ABSENT

KEYS = ("env", "config", "config_files", "secrets", "pod")


def secrets_of(texts: list[str]) -> dict[str, str]:
    """`VARIABLE=KEY` texts as variable -> key. Raises UsageError, without the text: it may hold a value."""
    found = {}
    for text in texts:
        variable, equals, key = text.partition("=")
        if not (variable and equals and key):
            raise UsageError(
                "--secret takes VARIABLE=KEY",
                "the value goes in with `pulumi config set --secret cutover:KEY`, the key here",
            )
        found[variable] = key
    return found


def content_edits(service: ServiceView, secrets: Mapping[str, str], *, like_live: bool) -> dict[str, Any]:
    """Key of the release -> its new value (ABSENT: none), for the release that goes on the idle color, or `release`."""
    there = service.slots[service.new_slot]
    live = service.served
    edits = {key: live.get(key) or ABSENT for key in KEYS} if like_live else {}
    if secrets:
        base = live if like_live else there
        edits["secrets"] = {**(base.get("secrets") or {}), **secrets}
    return {key: value for key, value in edits.items() if value is not ABSENT or key in there}


def differing(service: ServiceView, edits: Mapping[str, Any]) -> list[str]:
    """The keys, but for those edited, in which the release on the idle color would differ from the live one."""
    there, live = service.slots[service.new_slot], service.served
    return [key for key in KEYS if key not in edits and (there.get(key) or {}) != (live.get(key) or {})]


def refuse_other_secrets(service: ServiceView, secrets: Mapping[str, str]) -> None:
    """One release has one content: raises UsageError where the live one is to get other secrets under its own id."""
    there = service.served.get("secrets") or {}
    if any(there.get(variable) != key for variable, key in secrets.items()):
        raise UsageError(
            f"{service.name}: that release is live already, with other secrets",
            "give the new one a --build of its own; the image may be the same",
        )
