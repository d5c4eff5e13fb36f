"""The board that all viewers look at, and what each is sent: every change once, in order, whoever comes when."""

import asyncio
import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.dashboard import board as boards
from cutover.dashboard.app import _events
from cutover.dashboard.board import Board
from tests.patience import PATIENCE_SECONDS


def put(board: Board, parts: dict[str, str], at: str = "t", section: str = "s") -> None:
    board.put(section, f"<{''.join(parts.values())}>", parts, at)


def told(board: Board, revision: int) -> list[tuple[str, str]]:
    return [(part.key, part.html) for part in board.since(revision)]


def test_a_part_is_news_once_and_the_section_where_its_parts_are_others() -> None:
    board = Board()
    put(board, {"a": "1", "b": "1"})
    first = board.revision
    assert told(board, 0) == [("s", "<11>")]
    put(board, {"a": "1", "b": "1"})
    assert (board.revision, told(board, first)) == (first, [])
    put(board, {"a": "1", "b": "2"})
    assert told(board, first) == [("b", "2")]
    assert told(board, 0) == [("s", "<12>")]
    second = board.revision
    put(board, {"a": "1", "c": "1"})
    assert told(board, second) == [("s", "<11>")]
    assert board.section("s") == "<11>"


PARTS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("12"))


@given(st.lists(st.tuples(st.sampled_from(["s", "r"]), PARTS)), st.data())
def test_who_follows_has_what_is_there_however_often_they_ask(
    looks: list[tuple[str, dict[str, str]]], data: st.DataObject
) -> None:
    """A viewer that replaces what it is sent has the same page as one that comes at the end."""
    board = Board()
    shown: dict[str, dict[str, str]] = {}
    revision = 0
    now: dict[str, dict[str, str]] = {}

    def follow() -> None:
        nonlocal revision
        for part in board.since(revision):
            if part.key in ("s", "r"):
                shown[part.key] = dict(now[part.key])
            else:
                shown[part.key[0]][part.key] = part.html
        revision = board.revision

    for section, parts in looks:
        now[section] = {f"{section}{key}": html for key, html in parts.items()}
        put(board, now[section], section=section)
        if data.draw(st.booleans()):
            follow()
    follow()
    assert shown == now


def test_readers_rest_while_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "ATTENDED_SECONDS", 0.0)
    board = Board()
    assert not board.is_attended()
    rested = threading.Thread(target=board.attended.wait, args=(PATIENCE_SECONDS,))
    rested.start()
    board.attend()
    rested.join()
    assert board.attended.is_set()

    async def visit() -> None:
        viewer = board.enter()
        assert board.is_attended()
        board.leave(viewer)

    asyncio.run(visit())
    assert not board.is_attended()
    board.close()
    assert board.attended.is_set()


def read_events(lines: str) -> list[tuple[str, Any]]:
    found = []
    for block in lines.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in fields:
            data = json.loads(fields["data"]) if fields["event"] == "part" else fields["data"]
            found.append((fields["event"], data))
    return found


def test_a_viewer_is_sent_what_changed_since_its_page_and_then_each_change() -> None:
    board = Board()
    put(board, {"a": "1", "b": "1"}, at="t1")
    begun = board.revision
    put(board, {"a": "2\n<>", "b": "1"}, at="t2")

    async def follow() -> str:
        said = ""
        events = _events(board, begun)
        async for event in events:
            said += event
            if "t2" in event:
                threading.Thread(target=put, args=(board, {"a": "3", "b": "1"}, "t3")).start()
            if "t3" in event:
                board.close()
        return said

    said = asyncio.run(asyncio.wait_for(follow(), PATIENCE_SECONDS))
    assert read_events(said) == [
        ("part", {"id": "a", "html": "2\n<>"}),
        ("read", "t2"),
        ("part", {"id": "a", "html": "3"}),
        ("read", "t3"),
    ]
    assert board._viewers == set()
