"""`release … --promote` ended with -9 at each of its moments, alone or with all that it started.

Then `status` says what is so, and whatever is typed next (the same command, `abort`, `up`) ends with file, state and
cluster agreeing.
"""

import re
import signal
from collections.abc import Callable
from typing import Literal

import pytest
import yaml

from tests.lifecycle import kills, views
from tests.lifecycle.command import TIMEOUT_SECONDS, Ended, cutover, kubectl
from tests.lifecycle.driver import expect, release_words, start, write_shop
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import V1, V2
from tests.lifecycle.stack import Stack
from tests.lifecycle.walk_seen import Seen

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
Victim = Literal["driver", "all"]
MOMENTS = {
    "make": "creating Deployment shop-green",
    "wait": "promoting at",
    "gates": "gates, then the switch",
    "smoke": "smoke GET",
    "switched": "switched blue",
    "drain": "draining blue",
}
WORDS = ("release", "shop", *release_words(V2), "--promote", "--after", "2s", "--yes")
LOCKED = 4


def killed(stack: Stack, moment: str, victim: Victim) -> None:
    """The command, ended at the first line of that moment; back once the engine is gone, too."""
    said = ""
    with start(stack, *WORDS) as process:
        for line in process.stdout or ():
            said += line
            if MOMENTS[moment] in line:
                process.kill()
                if victim == "all":
                    kills.end_leftovers(stack)
                break
        code = process.wait(TIMEOUT_SECONDS)
    assert code == -signal.SIGKILL, said
    eventually("the engine to end", lambda: not kills.processes_of(stack, but="pulumi-"))
    assert "Traceback" not in said


def told_truly(stack: Stack, namespace: Namespace) -> str:
    """What `status` says is live, which is so, and the color."""
    told = cutover(stack, "status", "--json")
    assert told.code in (0, 1, 6), told
    live = views.live_color(namespace)
    assert told.json()["stacks"][0]["services"]["shop"]["liveColor"] == live
    return live


def typed(stack: Stack, *words: str) -> Ended:
    """A command, in a stack that may be locked by the run that died: that is said, and the advice lifts it."""
    attributes = stack.checkpoint.with_name(f"{stack.checkpoint.name}.attrs")
    if attributes.exists() and not attributes.read_text():  # docs/recovery.md: a kill can leave it empty
        attributes.unlink()
    before = stack.file.read_bytes()
    ended = cutover(stack, *words, "--yes")
    if ended.code == LOCKED:
        assert stack.file.read_bytes() == before
        (advice,) = set(re.findall(r"`pulumi (cancel) --stack test`", ended.out))
        assert stack.run(advice, "--yes").code == 0
        ended = cutover(stack, *words, "--yes")
    assert "Traceback" not in ended.out + ended.err
    return ended


def agree(stack: Stack, namespace: Namespace, live: str) -> None:
    """File, state, cluster and words."""
    shop = yaml.safe_load(stack.file.read_text())["config"]["cutover:services"]["shop"]
    assert (shop["active"], views.live_color(namespace)) == (live, live)
    told = cutover(stack, "status", "--json")
    seen = told.json()["stacks"][0]["services"]["shop"]
    assert (told.code, seen["drift"], seen["completed"]) == (0, [], True), told
    for color in ("blue", "green"):
        wanted = {shop[color]["image"].rpartition(":")[2]} if color in shop else set()

        def fits(color: str = color, wanted: set[str] = wanted) -> bool:
            return views.images(views.pods(namespace, color=color)) == wanted

        eventually(f"the pods of {color}", fits)
    found = Seen(stack, "deployment")
    assert found.in_state() == found.in_cluster()
    for words in (("up", "--yes", "--skip-preview"), ("refresh", "--yes", "--skip-preview")):
        again = stack.run(*words)
        assert (again.code, set(again.changes)) == (0, {"same"}), again.said


def begin(stack: Stack) -> None:
    """Blue is live, nothing beside it."""
    write_shop(stack, drain_seconds=2)
    expect(stack, "blue", V1)
    assert cutover(stack, "up", "--yes").code == 0


def rerun(stack: Stack, namespace: Namespace, live: str) -> str:
    """The pipeline again: it is green only where the release has the traffic."""
    expect(stack, "green", V2)
    ended = typed(stack, *WORDS[:-1])
    assert ended.code == 0, ended
    assert ("nothing to do" in ended.out) <= (live == "green"), ended
    return "green"


def abort(stack: Stack, namespace: Namespace, live: str) -> str:
    """The release is given up, with pods that no state has; what has the traffic is no release that waits."""
    ended = typed(stack, "abort", "shop")
    assert ended.code == 0, ended
    assert ("no release waits" in ended.out) == (live == "green"), ended
    for command in re.findall(r"`kubectl (delete [^`]+)`", ended.out + ended.err):
        kubectl(stack, command)
    return up(stack, namespace, live) if live == "green" else live


def up(stack: Stack, namespace: Namespace, live: str) -> str:
    """What the file says is carried out."""
    active = str(yaml.safe_load(stack.file.read_text())["config"]["cutover:services"]["shop"]["active"])
    expect(stack, active, V2 if active == "green" else V1)
    ended = typed(stack, "up")
    assert ended.code == 0, ended
    return active


@pytest.mark.parametrize(
    ("moment", "victim", "then"),
    [
        ("smoke", "all", rerun),
        *(
            pytest.param(moment, victim, then, marks=pytest.mark.wide)
            for moment in MOMENTS
            for victim in ("driver", "all")
            for then in (rerun, abort, up)
            if (moment, victim, then) != ("smoke", "all", rerun)
        ),
    ],
)
def test_whatever_is_typed_next_ends_well(
    stack: Stack,
    namespace: Namespace,
    moment: str,
    victim: Victim,
    then: Callable[[Stack, Namespace, str], str],
) -> None:
    begin(stack)
    stack.watcher.plan({})  # who may serve depends on how far it came
    killed(stack, moment, victim)
    live = told_truly(stack, namespace)
    if moment in ("make", "wait"):
        assert live == "blue"
    agree(stack, namespace, then(stack, namespace, live))
