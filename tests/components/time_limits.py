"""The engine's time limits that a program sets, as it sets them."""

import pulumi
import pytest


def time_limits(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """A list that gets what the resources from now on are given as `custom_timeouts`."""
    found: list[dict[str, str]] = []

    class Noted(pulumi.CustomTimeouts):
        def __init__(self, **limits: str) -> None:
            found.append(limits)
            super().__init__(**limits)

    monkeypatch.setattr(pulumi, "CustomTimeouts", Noted)
    return found
