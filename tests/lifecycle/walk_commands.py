"""The commands of a walk: each an edit with a plain `up`, or a verb, and whether it ended as docs/states.md says."""

from tests.lifecycle import views
from tests.lifecycle.command import Ended
from tests.lifecycle.driver import release_words
from tests.lifecycle.judge import REVISION
from tests.lifecycle.services import release
from tests.lifecycle.walk import Walk
from tests.lifecycle.walk_seen import APP, SHOP
from tests.lifecycle.walk_table import beside, codes


def expect(walk: Walk, verb: str, *words: str, name: str = "") -> Ended:
    """A verb, and one of the exit codes that the table has for it."""
    allowed, state = codes(walk, name or verb), beside(walk)
    ended = walk.verb(verb, *words)
    assert ended.code in allowed, walk.said(f"{state}: {sorted(allowed)}\n{ended.out}{ended.err}")
    return ended


def _went(walk: Walk, what: str) -> bool:
    """A plain `up` that has no reason to fail, unless a hand or a break gave it one; whether it went well."""
    certain = walk.certain
    outcome = walk.up(what)
    assert outcome.code == 0 or not certain, walk.said(outcome.said)
    return outcome.code == 0


def deploy(walk: Walk, tag: str, build: int, *, plain: bool) -> None:
    """A release on the idle color."""
    if plain:
        walk.put(walk.idle, tag, build)
        _went(walk, f"{walk.idle} gets {tag} build {build}")
        return
    at, live = walk.shop.get(walk.idle), walk.shop[walk.active]
    wanted = release(tag, build)
    left = beside(walk) == "left" and at is not None and all(at[key] == wanted[key] for key in wanted)
    same = all(live[key] == wanted[key] for key in wanted)
    allowed = {3} if walk.certain and left and not same else codes(walk, "release")
    ended = walk.verb("release", SHOP, *release_words(tag, build))
    assert ended.code in allowed, walk.said(f"{sorted(allowed)}\n{ended.out}{ended.err}")


def cut_over(walk: Walk) -> None:
    """`active` set to the other color and a plain `up`; what is refused is set back, as its user would."""
    before, bad = walk.active, beside(walk) == "bad preview"
    if not walk.shop.get(walk.idle):
        walk.put(walk.idle, "1.2.0", 7)
    walk.shop["active"] = walk.idle
    certain = walk.certain
    outcome = walk.up(f"cut over to {walk.active}")
    assert (outcome.code == 0) is not bad or not certain, walk.said(outcome.said)
    if outcome.code != 0 and certain:
        assert "failed its smoke check" in outcome.said, walk.said(outcome.said)
        walk.shop["active"] = before
        walk.set_back()


def promote(walk: Walk, *, again: bool) -> None:
    words = ["--again"] if again else []
    state, certain = beside(walk), walk.certain
    ended = expect(walk, "promote", *words, name=" ".join(["promote", *words]))
    if certain and ended.code == 0 and state in ("nothing", "standby") and not again:
        assert "already live; nothing to do" in ended.json()["message"], walk.said(ended.out)
    if ended.code == 3:
        note(walk)


def roll_back(walk: Walk, *, now: bool) -> None:
    before = walk.live
    ended = expect(walk, "rollback", *(["--now"] if now else []), name="rollback --now" if now else "rollback")
    if ended.code == 0 and walk.live != before and _is_newer_beside(walk):
        note(walk, had_traffic=True)


def abort(walk: Walk) -> None:
    before, certain = walk.live, walk.certain
    expect(walk, "abort")
    assert walk.live == before or not certain, walk.said("abort moved the traffic")


def up_again(walk: Walk, *, plain: bool) -> None:
    """Nothing was edited: where all is well, nothing is done."""
    certain = walk.certain
    if plain:
        outcome = walk.up("nothing edited")
        assert (outcome.code, set(outcome.changes)) == (0, {"same"}) or not certain, walk.said(outcome.said)
        return
    ended = expect(walk, "up")
    assert ended.json()["result"] == "nothing-to-do" or not certain, walk.said(ended.out)


def resize(walk: Walk, replicas: int) -> None:
    walk.shop["replicas"] = replicas
    _went(walk, f"{replicas} replicas")


def drop_idle(walk: Walk) -> None:
    """The idle color's release leaves the file."""
    walk.shop.pop(walk.idle, None)
    _went(walk, f"{walk.idle} dropped")


def roll_out(walk: Walk, tag: str, *, plain: bool) -> None:
    """The rolling app."""
    certain = walk.certain
    if plain:
        walk.stack.services[APP]["release"] = release(tag)
        went = _went(walk, f"{APP} gets {tag}")
    else:
        ended = walk.verb("release", APP, *release_words(tag), "--roll-out")
        assert ended.code == 0 or not certain, walk.said(ended.out + ended.err)
        went = ended.code == 0
    if went and certain:
        found = views.pods(walk.stack.namespace, APP)
        assert views.images(found) == {tag}, walk.said(f"complete means complete: {views.names(found)}")


def edit_what_serves(walk: Walk, tag: str) -> None:
    """Refused; then set back."""
    before, certain = dict(walk.shop[walk.active]), walk.certain
    walk.put(walk.active, tag, 8)
    outcome = walk.up(f"{walk.active}, which serves, gets {tag}")
    if certain:
        assert outcome.code != 0, walk.said(outcome.said)
        assert "takes the traffic with release" in outcome.said, walk.said(outcome.said)
    walk.shop[walk.active] = before
    if certain:
        walk.set_back()
    else:
        walk.stack.save()


def note(walk: Walk, *, had_traffic: bool = False) -> None:
    """What stands on the color that does not serve was refused, or had the traffic and was sent back or left, and that
    is noted.
    """
    if there := walk.workload(walk.idle):
        at = (walk.idle, there["metadata"]["labels"][REVISION])
        walk.noted.add(at)
        if had_traffic:
            walk.took.add(at)


def _is_newer_beside(walk: Walk) -> bool:
    left, live = walk.shop.get(walk.idle), walk.shop[walk.active]
    return left is not None and (left["version"], left["build"]) > (live["version"], live["build"])
