"""Who is let in, what every answer carries, and that the page is sound."""

import pytest
from starlette.testclient import TestClient

from cutover.dashboard import app as apps
from cutover.dashboard.app import FILES, Named, app
from cutover.dashboard.board import Board
from cutover.operations.history.updates import rows
from cutover.pages.cards import cards
from cutover.pages.report import command
from cutover.pages.stack import Parts, Plan, StackPage, Trouble
from cutover.pages.timeline import timeline
from cutover.pages.traffic import traffic
from tests.unit.cutover.page import Page
from tests.unit.cutover.released import cluster, document, refused, seen, stack, updates

TOKEN = "a-token-of-this-test"
STACKS = (Named("stack-0", "dev"), Named("stack-1", "prod"))
BAD = "<img src=x onerror=alert(1)>"


def page_of(key: str, **changes: object) -> StackPage:
    found = seen(cluster(refused=refused(why=f"{BAD} code: gate.smoke_failed")), stack())
    told = document() | {"message": BAD}
    given: dict[str, object] = {
        "cards": cards(found), "entries": timeline(rows(updates())), "command": command(told),
        "traffic": traffic(told["load"], {}), "plan": Plan(("shop (blue-green)", f"  live {BAD}")),
    }  # fmt: skip
    return StackPage(key, "dev", "shop", **given | changes)  # type: ignore[arg-type]


@pytest.fixture
def board() -> Board:
    made = Board()
    for each in STACKS:
        whole, parts = Parts().of(page_of(each.key))
        made.put(each.key, whole, parts, "2026-01-01T12:00:00Z")
    return made


@pytest.fixture
def client(board: Board) -> TestClient:
    return TestClient(app(board, STACKS, TOKEN), base_url="http://127.0.0.1:4000")


def test_the_page_is_sound_and_fetches_only_its_own(client: TestClient) -> None:
    answer = client.get(f"/{TOKEN}/")
    made = Page(answer.text)
    assert (answer.status_code, made.problems) == (200, [])
    assert sorted(made.fetched) == ["icon.svg", "live.js", "style.css"]
    assert made.headings[:3] == [1, 2, 3]
    assert {found["id"] for found in made.all("article")} >= {"stack-0-service-0", "stack-1-service-1"}
    assert BAD in made.text
    assert made.all("img") == []
    assert made.all("form") + made.all("button") + made.all("input") == []  # nothing to do here
    assert made.all("script") == [{"src": "live.js", "defer": ""}]
    assert made.all("p", role="status")


@pytest.mark.parametrize(
    "changes",
    [
        {"cards": (), "trouble": Trouble(BAD, "try `kubectl get --raw /readyz`", "2026-01-01T12:00:00Z")},
        {"cards": (), "entries": (), "note": BAD, "traffic": None, "command": None, "plan": None},
        {"plan": Plan(problem=BAD)},
    ],
)
def test_it_is_sound_with_less(changes: dict[str, object]) -> None:
    board = Board()
    board.put("stack-0", *Parts().of(page_of("stack-0", **changes)), "2026-01-01T12:00:00Z")
    client = TestClient(app(board, STACKS[:1], TOKEN), base_url="http://localhost")
    made = Page(client.get(f"/{TOKEN}/").text)
    assert made.problems == []
    assert made.all("img") == []


def test_what_was_never_read_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps, "PATIENCE_SECONDS", 0.1)
    client = TestClient(app(Board(), STACKS, TOKEN), base_url="http://localhost")
    made = Page(client.get(f"/{TOKEN}/").text)
    assert made.problems == []
    assert "prod It is being read." in " ".join(made.text.split())


@pytest.mark.parametrize("path", ["", *FILES])
def test_every_answer_has_the_headers_that_keep_it_here(client: TestClient, path: str) -> None:
    for answer in (client.get(f"/{TOKEN}/{path}"), client.get("/"), client.head(f"/{TOKEN}/{path}")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/x/", f"/{TOKEN}", f"/{TOKEN}x/", f"/{TOKEN[:-1]}/", f"//{TOKEN}/", "/ü/"])
def test_without_the_token_there_is_nothing(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "shop" not in answer.text
    assert TOKEN not in answer.text


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("127.0.0.1:4000", 200),
        ("localhost:9", 200),  # forwarded by ssh
        ("localhost", 200),
        ("[::1]:4000", 200),
        ("LOCALHOST:1", 200),
        ("evil.example", 421),
        ("evil.example:4000", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost:9@evil.example", 421),
        ("", 421),
    ],
)
def test_only_names_of_this_machine_are_answered(client: TestClient, host: str, code: int) -> None:
    assert client.get(f"/{TOKEN}/", headers={"host": host}).status_code == code


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_can_be_changed(client: TestClient, method: str) -> None:
    assert client.request(method, f"/{TOKEN}/").status_code == 405


@pytest.mark.parametrize(
    ("site", "mode", "code"),
    [
        ("cross-site", "no-cors", 403),
        ("same-site", "cors", 403),
        ("cross-site", "navigate", 200),
        ("same-origin", "cors", 200),
        ("none", "navigate", 200),
    ],
)
def test_another_site_may_lead_here_and_not_ask(client: TestClient, site: str, mode: str, code: int) -> None:
    headers = {"sec-fetch-site": site, "sec-fetch-mode": mode}
    assert client.get(f"/{TOKEN}/", headers=headers).status_code == code


def test_a_part_is_rendered_again_only_where_it_is_another() -> None:
    parts = Parts()
    _, first = parts.of(page_of("stack-0"))
    _, again = parts.of(page_of("stack-0"))
    assert all(again[key] is html for key, html in first.items())
    calm = cards(seen(cluster(), stack()))
    _, other = parts.of(page_of("stack-0", cards=calm))
    assert {key for key in other if other[key] != first[key]} == {"stack-0-head", "stack-0-service-0"}
