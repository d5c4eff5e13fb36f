"""Releases that end badly in a walk, the end of all, and a look: what is said of each, and what is left."""

from tests.lifecycle import kube
from tests.lifecycle.command import cutover
from tests.lifecycle.driver import release_words
from tests.lifecycle.judge import COLOR, Wanted
from tests.lifecycle.services import BROKEN, UNREADY
from tests.lifecycle.walk import Walk
from tests.lifecycle.walk_commands import expect, note, promote, up_again
from tests.lifecycle.walk_seen import SHOP, other
from tests.lifecycle.walk_table import beside
from tests.unit.cutover.servers import Reply, serve


def bad_release(walk: Walk) -> None:
    """One that answers wrongly: it comes up, and no gate lets it through."""
    ended = expect(walk, "release", SHOP, *release_words(BROKEN))
    if ended.code == 0:
        promote(walk, again=False)


def stuck_release(walk: Walk) -> None:
    """One whose pods never get ready: its time runs out, the file is as it was, what serves is not touched.
    Once per walk: it takes half a minute.
    """
    if walk.got_stuck:
        return look(walk)
    walk.got_stuck = True
    certain = walk.certain
    walk.shop["progress_deadline_seconds"] = 5
    walk.stack.save()
    hasty = walk.stack.file.read_text()
    ended = walk.verb("release", SHOP, *release_words(UNREADY, 2))
    assert ended.code != 0, walk.said(ended.out)
    assert walk.stack.file.read_text() == hasty or not certain, walk.said("the file was not put back")
    walk.shop["progress_deadline_seconds"] = 60
    walk.stack.save()
    walk.broken_off = True
    return None


def sent_back(walk: Walk) -> None:
    """A promotion whose bake fails at once: the old release serves again."""
    if beside(walk) == "nothing" or walk.variety == "labels" or not walk.certain:
        return up_again(walk, plain=False)
    state, before, since = beside(walk), walk.active, walk.stack.namespace.resource_version()
    walk._before = walk.selector()
    there = Wanted(other(before), walk.shop[other(before)]["image"], walk.least)
    with serve(Reply(500, "sick")) as sick:
        words = ("promote", "--again", "--bake", "2s", "--no-probe", "--probe-url", sick.url)
        walk.log.append(f"cutover {' '.join(words)}")
        ended = cutover(walk.stack, *words, "--yes", "--json")
    walk.read_file()
    walk.stack.watcher.plan({SHOP: there}, since)
    walk.stack.watcher.plan(walk.plan(), _when_back(walk, before, since))
    assert walk.stack.watcher.violations() == [], walk.said(ended.out)
    assert ended.code == (3 if state == "bad preview" else 1), walk.said(ended.out + ended.err)
    walk.heard(0, ended.out + ended.err)
    walk.told(ended.out)
    assert walk.live == walk.active == before, walk.said(ended.out + ended.err)
    note(walk, had_traffic=ended.code == 1)
    return None


def end_and_begin_again(walk: Walk) -> None:
    """`destroy` leaves nothing that carries the stack's identity; `up` makes it all again."""
    walk.log.append("cutover destroy")
    walk.stack.watcher.plan({})
    ended = cutover(walk.stack, "destroy", "--yes")
    assert ended.code == 0, walk.said(ended.out + ended.err)
    walk.clear_leftovers()
    assert walk.in_cluster() == set(), walk.said("destroy left something")
    kube.eventually(f"the pods to go{walk.said('')}", lambda: not walk.stack.namespace.items("pods"))
    walk.touched.clear()
    walk.took.clear()
    walk.noted.clear()
    walk.broken_off = walk.forgotten = False
    if (walk.shop.get(walk.active) or {}).get("image", "").endswith(BROKEN):
        walk.shop["active"] = walk.idle
    walk.stack.save()
    walk.stack.watcher.plan(walk.plan())
    again = walk.verb("up")
    assert again.code == 0, walk.said(again.out + again.err)


def look(walk: Walk) -> None:
    """`status`: the word and the exit code that the table has."""
    state, certain = beside(walk), walk.certain
    status = cutover(walk.stack, "status", "--json")
    walk.log.append(f"cutover status -> {status.code}")
    seen = status.json()["stacks"][0]["services"][SHOP]
    assert seen["liveColor"] == walk.live, walk.said(status.out)
    if not certain:
        assert status.code in (0, 1, 6), walk.said(status.out)
    elif any(color == walk.idle for color, _ in walk.noted):
        assert seen["state"] in ("degraded", "healthy", "progressing"), walk.said(status.out)
    else:
        word = "paused" if state in ("preview", "bad preview") else "healthy"
        assert (status.code, seen["state"]) in {(0, word), (0, "progressing")}, walk.said(f"{state}\n{status.out}")


def _when_back(walk: Walk, color: str, since: int) -> int:
    """The revision of the cluster at which the live Service sent to that color again."""
    switched = [
        (one.revision, one.object["spec"]["selector"].get(COLOR))
        for one in sorted(walk.stack.watcher.events(), key=lambda one: one.revision)
        if one.kind == "services" and one.name == SHOP and one.revision > since
    ]
    away = next((revision for revision, to in switched if to != color), None)
    return next((revision for revision, to in switched if away and revision > away and to == color), since + 1)
