"""Walks through the states of a release, drawn by hypothesis, on the real engine and cluster: docs/states.md.

After each step the watcher's rule holds and what was said is so; at the end config, state and cluster agree. A longer
walk by hand: `make walk SEED=4 STEPS=300`.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, seed, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.lifecycle import agreement, walk_commands, walk_ends, walk_hands
from tests.lifecycle.driver import release_words
from tests.lifecycle.services import V1, V2, V3
from tests.lifecycle.stack import Stack
from tests.lifecycle.walk import Walk
from tests.lifecycle.walk_breaks import BREAKS, SIGNALS, up_broken_off, verb_broken_off
from tests.lifecycle.walk_seen import SHOP

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]

STEPS = int(os.environ.get("WALK_STEPS", "30"))  # the first deployment among them
# Each walk goes without some of the rules, as hypothesis draws which; these seeds draw many.
SEEDS = {
    "deployment": (1, 9, 19, 23),
    "replica-set": (4, 2, 20),
    "labels": (11, 5, 22),
}
# 300 steps in each test run: ten walks of 30, as many short ones end sooner side by side than few long ones.
WALKS = [(seed, variety) for variety, seeds in SEEDS.items() for seed in seeds]
if "WALK_SEED" in os.environ:
    WALKS = [(int(os.environ["WALK_SEED"]), os.environ.get("WALK_VARIETY", "deployment"))]

tags, builds, either = st.sampled_from([V1, V2, V3]), st.integers(1, 2), st.booleans()
moments = st.integers(1, 8)
pace = st.integers(0, 2**32)


@pytest.fixture(autouse=True)
def _the_same_walk_by_the_same_seed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hypothesis mixes in the numbers that stand in the modules loaded by then: another walk per worker and change."""
    providers.CONSTANTS_CACHE.cache.clear()
    monkeypatch.setattr(providers.HypothesisProvider, "_local_constants", Constants())
    yield
    providers.CONSTANTS_CACHE.cache.clear()


class States(RuleBasedStateMachine):
    """Draws the steps. The first that fails ends the walk: the steps after it are not done, and it is raised outside,
    as hypothesis would walk the same way again from the beginning, for minutes, on a cluster that differs.
    """

    walk: Walk
    failed: BaseException | None = None
    count = 0

    @initialize(one=pace, two=pace, three=pace)
    def begin(self, one: int, two: int, three: int) -> None:
        assume(one and two and three)  # hypothesis tries the simplest walks first: one rule again and again
        self._do(self.walk.begin)

    def _do(self, deed: Callable[..., Any], *args: Any, **options: Any) -> None:
        if type(self).failed:
            return
        try:
            deed(*args, **options)
        except Exception as error:
            type(self).failed = error
        else:
            type(self).count += 1
            print(self.walk.log[-1], flush=True)

    @rule(tag=tags, build=builds, plain=either)
    def deploy(self, tag: str, build: int, plain: bool) -> None:
        self._do(walk_commands.deploy, self.walk, tag, build, plain=plain)

    @rule()
    def cut_over(self) -> None:
        self._do(walk_commands.cut_over, self.walk)

    @rule(again=either)
    def promote(self, again: bool) -> None:
        self._do(walk_commands.promote, self.walk, again=again)

    @rule(now=either)
    def roll_back(self, now: bool) -> None:
        self._do(walk_commands.roll_back, self.walk, now=now)

    @rule()
    def abort(self) -> None:
        self._do(walk_commands.abort, self.walk)

    @rule(plain=either)
    def up_again(self, plain: bool) -> None:
        self._do(walk_commands.up_again, self.walk, plain=plain)

    @rule(replicas=st.integers(1, 2))
    def resize(self, replicas: int) -> None:
        self._do(walk_commands.resize, self.walk, replicas)

    @rule()
    def drop_idle(self) -> None:
        self._do(walk_commands.drop_idle, self.walk)

    @rule(tag=tags, plain=either)
    def roll_out(self, tag: str, plain: bool) -> None:
        self._do(walk_commands.roll_out, self.walk, tag, plain=plain)

    @rule(tag=tags)
    def edit_what_serves(self, tag: str) -> None:
        self._do(walk_commands.edit_what_serves, self.walk, tag)

    @rule()
    def bad_release(self) -> None:
        self._do(walk_ends.bad_release, self.walk)

    @rule()
    def stuck_release(self) -> None:
        self._do(walk_ends.stuck_release, self.walk)

    @rule()
    def sent_back(self) -> None:
        self._do(walk_ends.sent_back, self.walk)

    @rule()
    def end_and_begin_again(self) -> None:
        self._do(walk_ends.end_and_begin_again, self.walk)

    @rule()
    def look(self) -> None:
        self._do(walk_ends.look, self.walk)

    @rule(how=st.sampled_from(BREAKS), at=moments, active=either, tag=tags)
    def up_broken_off(self, how: Any, at: int, active: bool, tag: str) -> None:
        def deed() -> None:
            self.walk.put(self.walk.idle, tag)
            if active:
                self.walk.shop["active"] = self.walk.idle
            what = f"{tag} beside{' and cut over' if active else ''}"
            up_broken_off(self.walk, what, how, at)

        self._do(deed)

    @rule(how=st.sampled_from(BREAKS), at=st.integers(1, 3), tag=tags)
    def roll_out_broken_off(self, how: Any, at: int, tag: str) -> None:
        def deed() -> None:
            self.walk.stack.services["app"]["release"] |= {"version": tag, "image": f"cutover.local/podinfo:{tag}"}
            up_broken_off(self.walk, f"app gets {tag}", how, at)

        self._do(deed)

    @rule(
        verb=st.sampled_from(["release", "promote", "rollback"]), number=st.sampled_from(SIGNALS), at=moments, tag=tags
    )
    def verb_broken_off(self, verb: str, number: Any, at: int, tag: str) -> None:
        words = (SHOP, *release_words(tag, 3)) if verb == "release" else ()
        self._do(verb_broken_off, self.walk, number, at, verb, *words)

    @rule(hand=st.sampled_from(sorted(walk_hands.HANDS)))
    def by_hand(self, hand: str) -> None:
        self._do(walk_hands.by_hand, self.walk, hand)

    @rule()
    def settle(self) -> None:
        self._do(agreement.settle, self.walk)


@pytest.mark.parametrize(("number", "variety"), WALKS)
def test_a_walk_through_the_states_of_a_release(stack: Stack, number: int, variety: str) -> None:
    @seed(number)
    class Walked(States):
        walk = Walk(stack, variety)

    run_state_machine_as_test(
        Walked,
        settings=settings(
            max_examples=1,
            stateful_step_count=STEPS,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(Walked.walk.said(""))  # with `-s`, and where it fails
    if Walked.failed:
        raise Walked.failed
    agreement.settle(Walked.walk, wholly=True)
    assert Walked.count == STEPS
