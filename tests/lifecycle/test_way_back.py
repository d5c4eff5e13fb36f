"""The way back to a release that served: a smoke check that was written for the next one does not stand in it."""

import pytest

from tests.lifecycle import views
from tests.lifecycle.command import Ended, cutover
from tests.lifecycle.driver import expect, release_words, write_shop
from tests.lifecycle.judge import COLOR, why_not_ready
from tests.lifecycle.kube import Namespace
from tests.lifecycle.services import V1, V2, V3
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def test_a_rollback_past_a_smoke_check_of_the_next_release(stack: Stack, namespace: Namespace) -> None:
    def run(verb: str, *words: str) -> Ended:
        ended = cutover(stack, verb, *words)
        assert ended.code == 0, ended
        return ended

    write_shop(stack)
    expect(stack, "blue", V1)
    run("up", "--yes")
    run("release", "shop", *release_words(V2), "--yes")
    written = stack.file.read_text().replace("'\"{version}\"'", "'\"1.1.0\"'")
    assert "'\"1.1.0\"'" in written
    stack.file.write_text(written.replace("timeout_seconds: 60}", "timeout_seconds: 2}"))
    expect(stack, "green", V2)
    since = namespace.resource_version()
    run("promote", "--yes")
    assert least_ready(stack, "blue", since) == 2, "it is drained in turn, and can be gone back to at any moment"

    edited = stack.file.read_text()
    stack.file.write_text(edited.replace("active: green", "active: blue"))
    plan = run("plan").out
    assert "smoke GET /version: HTTP 200 with '\"1.1.0\"'; not asked: it served before" in plan
    assert "2 of 2 pods ready within 30 s" in plan
    expect(stack, "blue", V1)
    plain = stack.run("up", "--yes", "--skip-preview")
    assert plain.code == 0, plain.said
    assert views.live_color(namespace) == "blue"

    expect(stack, "green", V2)
    run("promote", "--again", "--yes")
    before = set(views.names(views.pods(namespace, color="green")))
    expect(stack, "blue", V1)
    run("rollback", "--now", "--yes")
    assert views.live_color(namespace) == "blue"
    assert not before & set(views.names(views.pods(namespace, color="green"))), "what was left is drained"
    run("status")

    run("release", "shop", *release_words(V3), "--yes")
    assert cutover(stack, "promote", "--yes").code == 3, "its smoke check asks for another version"
    at_once = cutover(stack, "rollback", "--now", "--yes")
    assert (at_once.code, "never took the traffic" in at_once.out) == (3, True), at_once
    assert "gave up" in run("abort", "--yes").out
    assert views.live_color(namespace) == "blue"
    anew = cutover(stack, "rollback", "--now", "--yes")
    assert (anew.code, "1.1.0 build 1 on green was made anew since it served" in anew.out) == (3, True), anew
    expect(stack, "green", V2)
    assert "`cutover rollback shop`" in anew.out + anew.err
    run("rollback", "shop", "--yes")
    assert views.live_color(namespace) == "green"


def least_ready(stack: Stack, color: str, since: int) -> int:
    """The fewest pods of a color that were ready at the same time since a revision."""
    ready: set[str] = set()
    counts = []
    for event in sorted(stack.watcher.events(), key=lambda one: one.revision):
        meta = event.object["metadata"]
        if event.kind == "pods" and meta["labels"].get(COLOR) == color:
            gone = event.type == "DELETED" or "deletionTimestamp" in meta or why_not_ready(event.object)
            (ready.discard if gone else ready.add)(meta["uid"])
        if event.revision > since:
            counts.append(len(ready))
    return min(counts)
