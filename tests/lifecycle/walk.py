"""A walk through the states of a release: a stack, what was done to it so far, and what must be true after each step.

What a command may have switched to is what the file says when it has ended: so the watcher is told of it then, from the
moment on at which the command began.
"""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.lifecycle.command import Ended, cutover
from tests.lifecycle.judge import REVISION, Plan, Wanted
from tests.lifecycle.services import IMPATIENT, blue_green, release, rolling
from tests.lifecycle.stack import Outcome
from tests.lifecycle.walk_seen import APP, COLORS, SHOP, Seen, of_release, runs

Json = dict[str, Any]

# An `up` or `destroy` that ends well clears away what a broken-off run made and could not note in the state any more.
# False: somebody deletes it by hand.
UP_CLEARS_WHAT_A_BROKEN_RUN_MADE = False
STAYS = "traffic stays where it was"
VARIETIES: dict[str, Json] = {
    "deployment": {"workload": "deployment"},
    "replica-set": {"workload": "replica-set"},
    "labels": {"workload": "replica-set", "cutover": "labels", "overlap_seconds": 0},
}


@dataclass
class Walk(Seen):
    """One stack with a blue/green service and a rolling one.

    `touched` is what hands did to the cluster and no run has settled; `broken_off` tells that a run was, and that none
    went well since. While neither is so, the answer of each command is known. `took` are the releases whose cutover
    was carried to its end (by labels, all that had the traffic), and those that were left or sent back, as color and
    revision; `noted` those that were refused, sent back or left since they last had it.
    """

    log: list[str] = field(default_factory=list)
    _before: Json | None = None
    touched: set[str] = field(default_factory=set)
    broken_off: bool = False
    got_stuck: bool = False
    forgotten: bool = False  # with its live Service went what stands beside it had been; a switch tells again
    took: set[tuple[str, str]] = field(default_factory=set)
    noted: set[tuple[str, str]] = field(default_factory=set)
    least: int = 1  # pods that had to serve at all times since all was well

    @property
    def certain(self) -> bool:
        return not (self.touched or self.broken_off or self.forgotten)

    def begin(self) -> None:
        """The first deployment: blue live, nothing beside it."""
        smoke = {**IMPATIENT, "timeout_seconds": 6, "request_timeout_seconds": 6}
        settings: Json = {"replicas": 1, "disruption_budget": False, "gate_timeout_seconds": 15, "smoke": smoke}
        self.stack.services[SHOP] = blue_green(**VARIETIES[self.variety], **settings, green=None)
        self.stack.services[APP] = rolling(replicas=1, disruption_budget=False)
        assert self.up("the first deployment").code == 0

    def up(self, what: str, *flags: str) -> Outcome:
        """A plain `pulumi up` after the edits of `stack.services` that were made."""
        with self.judged(f"{what}; pulumi up {' '.join(flags)}"):
            self.stack.save()
            outcome = self.stack.run("up", "--yes", "--skip-preview", *flags)
        self.heard(outcome.code, outcome.said)
        if outcome.code == 0:
            self._went_well(refreshed="--refresh" in flags)
        return outcome

    def verb(self, verb: str, *words: str) -> Ended:
        """A verb of the driver, to its end."""
        agreed = self.live == self.active
        with self.judged(f"cutover {verb} {' '.join(words)}"):
            ended = cutover(self.stack, verb, *words, "--yes", "--json")
        self.heard(ended.code, ended.out + ended.err)
        self.told(ended.out)
        if agreed and not self.touched:  # the file is settled on every way out
            assert self.live == self.active, self.said(ended.out + ended.err)
        if ended.code == 0 and (verb == "up" or ended.json()["changed"]):  # else no run looked at anything
            self._went_well(refreshed=False)
        return ended

    @contextmanager
    def judged(self, what: str) -> Iterator[None]:
        """A step of a command: afterwards the watcher knows what the file said, and finds nothing."""
        self.log.append(what)
        since, before = self.stack.namespace.resource_version(), self.selector()
        self._before = before
        yield
        self.read_file()
        self.stack.watcher.plan(self.plan(), since)
        assert self.stack.watcher.violations() == [], self.said("")

    def by_hand(self, what: str, deed: Callable[[], object]) -> None:
        """Something that somebody does past every tool; what happens in that moment is his."""
        self.log.append(f"by hand: {what}")
        self.stack.watcher.plan({})
        deed()
        self.touched.add(what)
        self.stack.watcher.plan(self.plan())
        assert self.stack.watcher.violations() == [], self.said("")

    def heard(self, code: int, said: str) -> None:
        """What is said is so: nobody's traceback, and nothing of the traffic that is not true."""
        self.log[-1] += f" -> {code}"
        assert "Traceback" not in said, self.said(said)
        if STAYS in said:
            assert self.selector() == self._before, self.said(said)
        self.broken_off = self.broken_off or code not in (0, 2, 3)
        there = {(color, one["metadata"]["labels"][REVISION]) for color in COLORS if (one := self.workload(color))}
        now = self.selector()
        self.forgotten = self.forgotten and (self._before is None or now is None or now == self._before)
        if live := self.live:
            serving = {(live, revision) for revision in self.serving()}
            if self.variety == "labels" or (code == 0 and self.certain):
                self.took |= serving
            self.noted -= serving
        self.took &= there  # one that is made anew never had the traffic
        self.noted &= there

    def told(self, document: str) -> None:
        """What the driver's document says is live."""
        start = document.find("{")
        shown = json.loads(document[start:]) if start >= 0 else {}
        if SHOP in shown.get("live", {}):
            assert shown["live"][SHOP] == self.live, self.said(document)

    def said(self, text: str) -> str:
        """The walk so far, for whoever reads of its failure."""
        return "\n".join(["", *(f"{n}. {line}" for n, line in enumerate(self.log, 1)), text])

    def plan(self) -> Plan:
        """What may be switched to: the file's active color and image."""
        self.least = min(self.least, int(self.shop["replicas"]))
        return copy.deepcopy({SHOP: Wanted(self.active, self.shop[self.active]["image"], self.least)})

    def put(self, slot: str, tag: str, build: int = 1) -> None:
        """Edit the file: a release on a color."""
        self.shop[slot] = release(tag, build)

    def set_back(self) -> None:
        """An edit was refused before anything was done, and its user takes it back."""
        self.stack.save()
        self.stack.watcher.plan(self.plan())
        self.broken_off = False

    def clear_leftovers(self) -> None:
        """What carries the stack's identity and is in no state."""
        if UP_CLEARS_WHAT_A_BROKEN_RUN_MADE or not self.broken_off:
            return
        for leftover in sorted(self.in_cluster() - self.in_state()):
            kind, _, name = leftover.partition("/")
            self.log.append(f"by hand: deleted {leftover}, which a broken-off run left")
            self.stack.namespace.delete_object(kind, name)

    def _went_well(self, *, refreshed: bool) -> None:
        """A run that said so: what serves is what the file says."""
        self.clear_leftovers()
        self.broken_off = False
        if refreshed or all(deed.startswith("moved") for deed in self.touched):
            self.touched.clear()
            self.least = int(self.shop["replicas"])
            wanted = of_release(self.shop[self.active])
            assert self.live == self.active, self.said("")
            serving = self.serving()
            assert all(runs(revision, wanted) for revision in serving), self.said(f"serving {serving}")
            self.took |= {(self.active, revision) for revision in serving}
