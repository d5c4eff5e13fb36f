"""The history as a reader sees it: what each update moved, from where, and what is not known."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cutover.engine.records import Update
from cutover.operations.history.updates import name_contents, rows
from cutover.output.history import blocks, table

Json = dict[str, Any]
BEGUN = datetime(2026, 11, 21, 16, 8, 33, tzinfo=UTC)
DIGEST = "sha256:" + "d" * 64
BLUE, GREEN = {"version": "1.0.0", "build": 1, "image": "shop:1.0.0"}, {"version": "1.1.0", "build": 4}
WORKER = {"strategy": "rolling", "release": {"version": "3.0", "build": 9, "image": f"worker:3.0@{DIGEST}"}}


def update(number: int, active: str, message: str, **changes: Any) -> Update:
    shop = {"active": active, "blue": BLUE, "green": GREEN | {"image": "shop:1.1.0"}}
    values: Json = {
        "kind": "update",
        "result": "succeeded",
        "started": BEGUN + timedelta(minutes=number),
        "ended": BEGUN + timedelta(minutes=number, seconds=17),
        "environment": {"git.head": "15ab2fc" + "0" * 33, "git.author": "ann", "git.dirty": "true"},
        "services": {"shop": shop, "worker": WORKER},
        "groups": {},
        "changes": {"update": 1},
    }
    return Update(number=number, message=message, **values | changes)


HISTORY = [
    update(4, "green", "switch\nand more", result="failed", environment={}),
    update(3, "green", "promote shop", environment={"vcs.kind": "github.com", "vcs.owner": "t", "vcs.repo": "s"}),
    update(2, "blue", "release shop"),
    update(1, "blue", ""),
]


def test_a_line_per_update_says_what_moved() -> None:
    assert table(rows(HISTORY)) == [
        "N  WHEN (UTC)           RESULT     LIVE                                         WHO  COMMIT    MESSAGE",
        "4  2026-11-21 16:12:33  failed                                                                 switch",
        "3  2026-11-21 16:11:33  succeeded  shop green 1.1.0 build 4                                    promote shop",
        "2  2026-11-21 16:10:33  succeeded  as before                                    ann  15ab2fc+  release shop",
        "1  2026-11-21 16:09:33  succeeded  shop blue 1.0.0 build 1, worker 3.0 build 9  ann  15ab2fc+",
    ]


def test_a_destroy_leaves_nothing_and_what_comes_after_is_new() -> None:
    listed = table(rows([update(3, "blue", "again"), update(2, "blue", "gone", kind="destroy"), update(1, "blue", "")]))
    assert "KIND" in listed[0]
    assert "again" in listed[1]
    assert "shop blue 1.0.0 build 1, worker 3.0 build 9" in listed[1]
    assert "destroy  succeeded  nothing" in listed[2]


@pytest.mark.parametrize("kind", ["refresh", "resource-import", "import", "rename"])
def test_what_carries_nothing_out_moves_nothing(kind: str) -> None:
    """Somebody sets `active: green` and looks for drift; the `up` after it is refused, and the next one succeeds."""
    refused, looked = update(3, "green", "up", result="failed"), update(2, "green", "", kind=kind)
    good = rows([update(4, "green", "again"), refused, looked, update(1, "blue", "")])
    assert [row["moved"] for row in good] == [["shop"], [], [], ["shop", "worker"]]
    assert (good[2]["live"], good[2]["wanted"]["shop"]["color"]) == (good[3]["live"], "green")
    listed = table(good)
    assert "succeeded  shop green 1.1.0 build 4" in listed[1]
    assert "succeeded  as before" in listed[3]
    name_contents(looked_alone := good[2:3], {("shop", "1.0.0 build 1", "shop:1.0.0"): DIGEST})
    assert f"shop:1.0.0  runs as {DIGEST}" in "\n".join(blocks(looked_alone))


def test_after_a_destroy_a_refresh_finds_nothing_live() -> None:
    looked, _, _ = rows([update(3, "blue", "", kind="refresh"), update(2, "blue", "", kind="destroy"), HISTORY[3]])
    assert (looked["live"], looked["moved"], rows([update(1, "blue", "", kind="refresh")])[0]["live"]) == ({}, [], {})


def test_a_failed_update_is_no_evidence_of_what_is_live() -> None:
    failed, promoted, *_ = rows(HISTORY)
    assert (failed["live"], failed["wanted"]["shop"]["color"], failed["moved"]) == ({}, "green", [])
    assert promoted["live"]["worker"] == {
        "color": None,
        "version": "3.0",
        "build": 9,
        "image": f"worker:3.0@{DIGEST}",
        "digest": DIGEST,
        "digestFrom": "config",
    }
    assert (promoted["moved"], promoted["repository"]) == (["shop"], "https://github.com/t/s")


def test_a_block_per_update_says_where_it_came_from() -> None:
    found = rows(HISTORY)
    name_contents(found, {("shop", "1.1.0 build 4", "shop:1.1.0"): DIGEST, ("shop", "1.0.0 build 1", "other:1"): "no"})
    text = "\n".join(blocks(found[:3]))
    assert (
        text
        == f"""\
4  2026-11-21T16:12:33Z  update failed in 17 s: switch
   wanted      shop green 1.1.0 build 4
                 shop:1.1.0  runs as {DIGEST}
   wanted      worker 3.0 build 9
                 worker:3.0@{DIGEST}
3  2026-11-21T16:11:33Z  update succeeded in 17 s: promote shop
   repository  https://github.com/t/s
   live        shop green 1.1.0 build 4
                 shop:1.1.0  runs as {DIGEST}
   live        worker 3.0 build 9  (as before)
                 worker:3.0@{DIGEST}
2  2026-11-21T16:10:33Z  update succeeded in 17 s: release shop
   commit      15ab2fc{"0" * 33} and uncommitted changes
   author      ann
   live        shop blue 1.0.0 build 1  (as before)
                 shop:1.0.0  (a tag: what it named then is not known)
   live        worker 3.0 build 9  (as before)
                 worker:3.0@{DIGEST}"""
    )
    assert found[1]["live"]["shop"]["digestFrom"] == "cluster"


def test_where_the_config_names_no_services_nothing_is_said_of_them() -> None:
    listed = rows([update(1, "blue", "up", services={})])
    assert "LIVE" not in table(listed)[0]
    assert "nothing" not in "\n".join(blocks(listed))
    gone = rows([update(2, "blue", "gone", kind="destroy"), update(1, "blue", "up")])
    assert blocks(gone[:1])[-1] == "   live        nothing"


def test_a_front_over_versions_is_said_to_move() -> None:
    def api(active: str) -> Json:
        versions = {"v1": BLUE, "v2": GREEN | {"image": "shop:1.1.0"}}
        return {"api": {"strategy": "side-by-side", "active": active, "versions": versions}}

    found = rows([update(2, "", "to v2", services=api("v2")), update(1, "", "up", services=api("v1"))])
    name_contents(found, {("api-v2", "1.1.0 build 4", "shop:1.1.0"): DIGEST})
    moved, made = table(found)[1:]
    assert "succeeded  api sends to api-v2  " in moved
    assert "api-v1 1.0.0 build 1, api-v2 1.1.0 build 4, api sends to api-v1" in made
    assert found[0]["live"]["api"]["digest"] == DIGEST
    assert blocks(found[:1])[-1] == "   live        api sends to api-v2"
