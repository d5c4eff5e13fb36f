"""A walk that is killed again and again: the same command ends it, and no weight follows one that was not watched."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.cutover.walking import GREEN_TEXT, Played

STEPS = (1, 5, 25, 50, 100)
AT = st.sampled_from(["before the up", "after the up", "in the watch"])


class Killed(BaseException):
    """What no code hears, as of a SIGKILL: nothing is put right after it."""


class Mortal(Played):
    """Killed at the weights and moments of `deaths`, one after the other."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch, deaths: list[tuple[int, str]]) -> None:
        super().__init__(path, monkeypatch)
        self.deaths = deaths

    def _dies(self, weight: int, moment: str) -> None:
        if self.deaths and self.deaths[0] == (weight, moment):
            self.deaths.pop(0)
            raise Killed

    def _up(self, message: str) -> Any:
        self._dies(self.in_file, "before the up")
        done = super()._up(message)
        self._dies(self.weight, "after the up")
        return done

    def _watch(self, *given: Any, **more: Any) -> Any:
        self._dies(self.weight, "in the watch")
        verdict = super()._watch(*given, **more)
        self.done[-1] = ("watched", self.weight)
        return verdict


@settings(max_examples=30, deadline=None)
@given(deaths=st.lists(st.tuples(st.sampled_from(STEPS), AT), max_size=6))
def test_the_same_command_ends_a_walk_that_was_killed_anywhere(deaths: list[tuple[int, str]]) -> None:
    deaths.sort(key=lambda death: STEPS.index(death[0]))  # those that come to pass: a walk does not go down again
    with pytest.MonkeyPatch.context() as patches, tempfile.TemporaryDirectory() as folder:
        played = Mortal(Path(folder) / "Pulumi.dev.yaml", patches, deaths)
        for _ in range(len(deaths) + 1):
            try:
                done = played.go("1,5,25,50,100")
                break
            except Killed:
                continue
        assert done.exit_code == 0
        assert played.path.read_text() == GREEN_TEXT
    steps = [(what, weight) for what, weight in played.done if what != "rehearse"]
    weights = [weight for what, weight in steps if what == "up"]
    assert weights == sorted(weights)
    for place, (what, weight) in enumerate(steps):
        lower = [one for one in STEPS if one < weight]
        if what == "up" and lower:
            assert ("watched", lower[-1]) in steps[:place], "a weight is given only once the one before was watched"
