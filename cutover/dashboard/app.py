"""The pages of the dashboard: the page, what changes of it as server-sent events, its style and its script."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from cutover.dashboard.board import Board
from cutover.dashboard.guard import Guard
from cutover.pages.render import TEMPLATES, render

FRESH_SECONDS = 10.0  # what was read is shown at once when it is no older
PATIENCE_SECONDS = 6.0  # of a page, for what was never read; then it says so
BEAT_SECONDS = 15.0  # between two signs of life to a viewer
FILES = {"style.css": "text/css", "live.js": "text/javascript", "icon.svg": "image/svg+xml"}


@dataclass(frozen=True)
class Named:
    """A stack on the page."""

    key: str
    name: str


def app(board: Board, stacks: Sequence[Named], token: str) -> Guard:
    """The whole application, for whoever knows the token."""

    async def page(_: Request) -> Response:
        await _read(board, stacks)
        revision = board.revision  # before the sections: what comes between is sent again
        sections = [(stack, board.section(stack.key)) for stack in stacks]
        html = render("dashboard.html", sections=sections, revision=revision, read_at=board.read_at)
        return HTMLResponse(html)

    async def events(request: Request) -> Response:
        known = request.headers.get("last-event-id") or request.query_params.get("since", "")
        revision = int(known) if known.isascii() and known.isdigit() else 0
        headers = {"X-Accel-Buffering": "no"}
        return StreamingResponse(_events(board, revision), media_type="text/event-stream", headers=headers)

    async def file(request: Request) -> Response:
        name = request.url.path.rpartition("/")[2]
        return Response((TEMPLATES / name).read_bytes(), media_type=FILES[name])

    routes = [Route("/", page), Route("/events", events), *(Route(f"/{name}", file) for name in FILES)]
    return Guard(Starlette(routes=routes), token)


async def _read(board: Board, stacks: Sequence[Named]) -> None:
    """Wait until every stack was read just now, for a while."""
    board.attend()
    end = time.monotonic() + PATIENCE_SECONDS
    while not all(board.looked_within(stack.key, FRESH_SECONDS) for stack in stacks):
        if board.closed or time.monotonic() > end:
            return
        await asyncio.sleep(0.05)


async def _events(board: Board, revision: int) -> AsyncIterator[str]:
    viewer = board.enter()
    read_at = ""
    try:
        yield "retry: 2000\n\n"
        while not board.closed:
            viewer.news.clear()
            now, parts = board.revision, board.since(revision)
            for part in parts:
                yield _event("part", json.dumps({"id": part.key, "html": part.html}), now)
            revision = max(revision, now)
            if board.read_at != read_at:
                read_at = board.read_at
                yield _event("read", read_at, revision)
            try:
                await asyncio.wait_for(viewer.news.wait(), BEAT_SECONDS)
            except TimeoutError:
                yield ": here\n\n"
    finally:
        board.leave(viewer)


def _event(name: str, data: str, revision: int) -> str:
    return f"id: {revision}\nevent: {name}\ndata: {data}\n\n"
