"""A cell while it is played: its stack, its cluster, and the prober that sends all the while.

After each `up` the scene notes which version must be the only one to answer from then on, until the next change.
"""

import copy
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.project import Outcome, Project, Running
from prober import Result
from sandbox.cluster import Cluster
from traffic.apps import BACKEND, GOOD, GROUP, SERVICE, release
from traffic.errors import TrafficError
from traffic.shares import fits
from traffic.space import REFUSED, Space, eventually

Json = dict[str, Any]

HOLD_SECONDS = 2.0  # after an `up`: time to see who answers now
SPLIT_SECONDS = 6.0  # at 100 requests a second a tenth is told from a fifth
LIMIT_SECONDS = 240.0  # of one command


def configuration(
    namespace: str,
    service: Json,
    backend: Json | None = None,
    group: Json | None = None,
    environments: Json | None = None,
) -> Json:
    """The configuration of a cell's stack."""
    services = {SERVICE: service} | ({BACKEND: backend} if backend else {})
    made: Json = {"cutover:environments": environments} if environments else {"cutover:services": services}
    groups = {"cutover:groups": {GROUP: group}} if group else {}
    return copy.deepcopy({"cutover:namespace": namespace, **made, **groups})


@dataclass(frozen=True)
class Claim:
    """Between two marks nothing but `version` answers."""

    start: str
    end: str
    version: str


@dataclass(frozen=True)
class Split:
    """Between two marks answers are shared by the versions like this; `fresh`: those on connections of their own, where
    pods make the share and a kept connection stays on its pod.
    """

    start: str
    end: str
    shares: Mapping[str, float]
    fresh: bool = False

    def broken_by(self, result: Result) -> list[str]:
        """The versions that answered more or less often than chance makes them."""
        window = result.between(self.start, self.end)
        fresh = Counter(one.version for one in window.answers if one.kind.endswith("-new"))
        found: Mapping[str, int] = fresh if self.fresh else window.versions
        total = sum(found.values())
        return [
            f"after {self.start!r} {version} gave {found.get(version, 0)} of {total} answers, not {share:.0%}"
            for version, share in {**dict.fromkeys(found, 0.0), **self.shares}.items()
            if not total or not fits(found.get(version, 0), total, share)
        ]


@dataclass
class Scene:
    """What a scenario works with. `service` is the configuration: edit it, then `up`. `tell` names moments.

    Where two services cut over together, `backend` is that of the second one and `group` that of both; where they stand
    side by side in environments, those are in `environments` alone.
    """

    project: Project
    space: Space
    cluster: Cluster
    service: Json
    tell: Callable[[str], None]
    backend: Json | None = None
    group: Json | None = None
    environments: Json | None = None
    claims: list[Claim] = field(default_factory=list)
    splits: list[Split] = field(default_factory=list)
    up_seconds: list[float] = field(default_factory=list)
    counts: dict[str, Claim] = field(default_factory=dict)
    provider: dict[str, str] = field(default_factory=dict)  # `kubernetes:` settings of the stack
    facts: dict[str, float | str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    watched: bool = True
    _marks: int = 0
    _builds: int = 1

    @property
    def switch(self) -> Json:
        """What holds the key that cuts over."""
        return self.environments or self.group or self.service

    @property
    def active(self) -> str:
        """The color, version or environment that the configuration makes live."""
        return str(self.switch["active"])

    @property
    def idle(self) -> str:
        """The other one."""
        choice = self.switch.get("builds") or self.switch.get("versions") or ("blue", "green")
        return next(str(one) for one in choice if one != self.active)

    def swap(self) -> None:
        """Edit: cut over."""
        self.switch["active"] = self.idle

    def new_release(self, color: str, env: dict[str, str] | None = None) -> Json:
        """A good release that neither color has now, for `color`."""
        taken = {self.service[one]["version"] for one in ("blue", "green") if one in self.service}
        version = next(one for one in GOOD if one not in taken)
        self._builds += 1
        made = release(version, build=self._builds) if env is None else release(version, env, build=self._builds)
        self.service[color] = made
        return made

    def version(self) -> str:
        """The version that the configuration makes live."""
        if self.environments:
            live = self.environments["builds"][self.active]["services"][SERVICE]["release"]
        elif "versions" in self.service:
            live = self.service["versions"][self.active]
        else:
            live = self.service["release"] if "release" in self.service else self.service[self.active]
        return str(live["version"])

    def save(self) -> None:
        """Write the configuration."""
        ours = configuration(self.space.name, self.service, self.backend, self.group, self.environments)
        self.project.configure(ours | {f"kubernetes:{key}": value for key, value in self.provider.items()})

    def mark(self, text: str) -> str:
        """Name this moment, also in the picture."""
        self._marks += 1
        name = f"{self._marks} {text}"
        self.tell(name)
        return name

    def up(self, label: str = "up", *, hold: bool = True) -> Outcome:
        """`pulumi up`, which has no reason to fail; then see that only the configured version answers."""
        outcome = self.try_up(label)
        if outcome.exit_code != 0:
            raise TrafficError(f"`{outcome.command}` ended with {outcome.exit_code}:\n{outcome.output.strip()[-1500:]}")
        if hold:
            self.see(self.version())
        return outcome

    def try_up(self, label: str = "up") -> Outcome:
        """`pulumi up`, however it ends."""
        self.save()
        self.mark(label)
        outcome = self.project.run("up", "--yes", "--skip-preview")
        self.mark(f"{label} returned" if outcome.exit_code == 0 else f"{label} failed")
        self.up_seconds.append(round(outcome.seconds, 2))
        return outcome

    def begin_up(self, label: str = "up") -> Running:
        """Start an `up` and leave it to run."""
        self.save()
        self.mark(label)
        return self.project.begin("up", "--yes", "--skip-preview")

    def refused(self, *words: str, label: str = "up") -> Outcome:
        """An `up` that must fail for a reason with these words, and leave the live Service and its pods alone."""
        service, pods = self._live_state()
        outcome = self.try_up(label)
        said = " ".join(outcome.output.split())
        if outcome.exit_code == 0:
            raise TrafficError("`pulumi up` let it through")
        if missing := [word for word in words if word not in said]:
            raise TrafficError(f"`pulumi up` did not say {missing}:\n{outcome.output.strip()[-1500:]}")
        if self._live_state() != (service, pods):
            raise TrafficError("the live Service or its pods were changed although `pulumi up` failed")
        return outcome

    def see(self, version: str, seconds: float = HOLD_SECONDS) -> None:
        """For a while nothing but this version answers. Without traffic there is nothing to see."""
        if not self.watched:
            return
        start = self.mark("see")
        time.sleep(seconds)
        self.claims.append(Claim(start, self.mark("seen"), version))

    def share(self, shares: Mapping[str, float], seconds: float = SPLIT_SECONDS, *, fresh: bool = False) -> None:
        """For a while the versions answer by these shares; `fresh`: on new connections. Without traffic there is
        nothing to see.
        """
        if not self.watched:
            return
        start = self.mark("shares")
        time.sleep(seconds)
        self.splits.append(Split(start, self.mark("counted"), shares, fresh))

    def count(self, label: str, version: str, seconds: float) -> None:
        """For a while count the answers of this version, as a fact."""
        start = self.mark("see")
        time.sleep(seconds)
        self.counts[label] = Claim(start, self.mark("seen"), version)

    def during_up(self, act: Callable[[], None], when: Callable[[], bool], label: str = "up") -> Outcome:
        """An `up` during which `act` happens as soon as `when` says so; it fails the cell if that never came."""
        running, acted = self.begin_up(label), False
        end = time.monotonic() + LIMIT_SECONDS
        while running.process.poll() is None:
            if not acted and when():
                act()
                acted = True
            if time.monotonic() > end:
                running.process.kill()
                raise TrafficError(f"`pulumi up` took over {LIMIT_SECONDS:.0f} s")
            time.sleep(0.01)
        outcome = running.outcome()
        self.mark(f"{label} returned" if outcome.exit_code == 0 else f"{label} failed")
        self.up_seconds.append(round(outcome.seconds, 2))
        if not acted:
            raise TrafficError(f"the moment to act never came; `pulumi up` said:\n{outcome.output.strip()[-1000:]}")
        return outcome

    def wait(self, what: str, done: Callable[[], bool]) -> None:
        """Wait until it is so; raises TrafficError where it never is."""
        eventually(what, done)

    def expect(self, condition: bool, what: str) -> None:
        """Note a problem where something is not as it has to be; the scene goes on."""
        if not condition:
            self.problems.append(what)

    def judge(self, result: Result) -> list[str]:
        """What of the claims does not hold."""
        for label, claim in self.counts.items():
            self.facts[label] = result.between(claim.start, claim.end).versions.get(claim.version, 0)
        wrong = list(self.problems)
        if mixed := sorted(version for version in result.versions if "+" in version):
            wrong.append(f"one request was answered by two releases: {', '.join(mixed)}")
        for claim in self.claims:
            window = result.between(claim.start, claim.end)
            if strange := sorted(set(window.versions) - {claim.version}):
                kinds = sorted({answer.kind for answer in window.answers if answer.version in strange})
                wrong.append(
                    f"after {claim.start!r} {', '.join(strange)} answered {', '.join(kinds)}, not only {claim.version}"
                )
            if not window.answers:
                wrong.append(f"after {claim.start!r} nobody answered")
        for split in self.splits:
            wrong += split.broken_by(result)
        if self.splits:
            self.facts["shares held"] = len(self.splits)
        return wrong

    def _live_state(self) -> tuple[str, set[str]]:
        """What the live Service is, but for the note that a release was refused, and the pods that serve."""
        live, color = self.space.live(), self.space.live_color() or None
        notes = dict((live.metadata.annotations if live.metadata else None) or {})
        notes.pop(REFUSED, None)
        return f"{live.spec}, {sorted(notes.items())}", {pod.uid for pod in self.space.staying(color)}
