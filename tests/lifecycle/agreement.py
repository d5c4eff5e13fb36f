"""Whether config, state and cluster agree, after the command that docs/states.md names for it."""

from tests.lifecycle import views
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import eventually
from tests.lifecycle.services import V2
from tests.lifecycle.walk import Walk
from tests.lifecycle.walk_seen import APP, COLORS, SHOP, of_release, runs
from tests.lifecycle.walk_table import beside

# What docs/states.md names for what hands did. False: `pulumi up --refresh` is typed for it instead.


def settle(walk: Walk, *, wholly: bool = False) -> None:
    """The documented command, then the agreement of cluster and config; of all three and of `status` with `wholly`."""
    code, said = _command(walk)
    if code != 0:
        _mend(walk, said)
        code, said = _command(walk)
    assert code == 0, walk.said(said)
    walk.touched.clear()
    _pods_are_as_the_config_says(walk)
    assert walk.in_state() == walk.in_cluster(), walk.said(f"{walk.in_state()}\n{walk.in_cluster()}")
    if wholly:
        _all_agree(walk)


def _command(walk: Walk) -> tuple[int, str]:
    """What settles what hands did, and what else is half done with it."""
    done = {_kind(one) for one in walk.touched}
    with_images = walk.variety == "deployment"
    by_up = {"moved"} | ({"set"} if with_images else set())
    if done <= by_up:
        plain = walk.up("settle")
        return plain.code, plain.said
    if done <= by_up | {"deleted"}:
        walk.stack.save()
        ended = walk.verb("up")
        return ended.code, ended.out + ended.err
    refreshed = walk.up("settle", "--refresh")
    return refreshed.code, refreshed.said


def _kind(deed: str) -> str:
    """`deleted`, `scaled`, `moved` or `set`."""
    return deed.partition(" ")[0]


def _mend(walk: Walk, said: str) -> None:
    """What the refusal says: mend the release, or leave the one that serves as it is."""
    if "failed its smoke check" in said:
        walk.put(walk.active, V2, 9)
        return
    assert "takes the traffic with release" in said, walk.said(said)
    live = walk.live or ""
    image = views.pods(walk.stack.namespace, color=live)[0]["spec"]["containers"][0]["image"]
    revision = views.revisions(walk.stack.namespace, color=live).pop()
    walk.put(live, image.rpartition(":")[2], int(revision.partition("-b")[2].partition("-")[0]))


def _all_agree(walk: Walk) -> None:
    """`status` says so, and neither an `up` nor a refresh finds anything to do."""
    status = cutover(walk.stack, "status", "--until", "healthy", "--timeout", "60s", "--json")
    seen = status.json()["stacks"][0]["services"]
    bad = beside(walk) == "bad preview" or _noted(walk)
    assert status.code == 0 or (bad and status.code == 1), walk.said(status.out + status.err)
    assert [one["drift"] for one in seen.values()] == [[], []], walk.said(status.out)
    assert seen[SHOP]["liveColor"] == walk.live == walk.active, walk.said(status.out)
    again = walk.up("once more")
    assert set(again.changes) == {"same"}, walk.said(again.said)
    refreshed = walk.stack.run("refresh", "--yes", "--skip-preview")
    assert (refreshed.code, set(refreshed.changes)) == (0, {"same"}), walk.said(refreshed.said)


def _noted(walk: Walk) -> bool:
    return any(color == walk.idle for color, _ in walk.noted)


def _pods_are_as_the_config_says(walk: Walk) -> None:
    shop, namespace = walk.shop, walk.stack.namespace
    for color in COLORS:
        wanted = shop.get(color)
        count = int(shop["replicas"]) if wanted else 0

        def fits(color: str = color, count: int = count) -> bool:
            return len(views.ready_pods(namespace, color=color)) == len(views.pods(namespace, color=color)) == count

        eventually(f"{count} pods of {color}{walk.said('')}", fits)
        if wanted:
            found = views.pods(namespace, color=color)
            assert views.images(found) == {wanted["image"].rpartition(":")[2]}, walk.said(color)
            assert all(runs(one, of_release(wanted)) for one in views.revisions(namespace, color=color)), walk.said("")
    app = walk.stack.services[APP]["release"]["image"].rpartition(":")[2]
    eventually("the rolling pod", lambda: views.images(views.ready_pods(namespace, APP)) == {app})
