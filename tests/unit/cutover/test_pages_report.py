"""The report: what it says, that it stands alone, that others' text stays text, and that everybody can read it."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.measure.account import account_of
from cutover.observe.records import ServiceStatus
from cutover.observe.scale_down import ScaleDown
from cutover.operations.history.updates import rows
from cutover.pages.cards import cards
from cutover.pages.markdown import code, markdown
from cutover.pages.render import TEMPLATES, commands, render, utc
from cutover.pages.report import ReportPage, report
from cutover.pages.timeline import came
from cutover.pages.traffic import traffic
from tests.unit.cutover.page import Page, contrast
from tests.unit.cutover.released import Answers, cluster, document, refused, seen, sent, stack, updates
from tests.unit.cutover.test_history import update

MADE = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
BAD = "<script>alert(1)</script>\" ' onload=x `x` | @ann #1 http://evil.example\n::error::x\x1b[2J"
SECRET = "hunter2secret"


def page(api: Answers | None = None, **given_: Any) -> ReportPage:
    view = stack()
    found: dict[str, Any] = {"change": document(), "load": document(), "made": MADE} | given_
    listed = found.pop("rows", rows(updates()))
    return report(view.name, view.namespace, seen(api or cluster(refused=refused()), view), listed, **found)


def test_it_says_what_is_released_and_how_it_came_there() -> None:
    made = Page(render("report.html", page=page()))
    text = " ".join(made.text.split())
    for said in (
        "blue takes the traffic with 1.0.0 build 1",
        "1.1.0 build 1 on green was refused at 2026-01-01T11:59:00Z",
        "before it 1.1.0 build 4",
        "update 4, 2026-11-21 16:12:33 UTC: roll back shop",
        "20 of 800 requests failed, 20 per second for 40 s",
        "1.1.0 280 16:09:10.2 16:09:25.1",
        "status: 20, such as: HTTP 503",
        "the bake of 12 s did not pass: 6 of 21 requests failed",
        "config deployed, cluster not there",
        "cutover up --stack test",
    ):
        assert said in text, said


def test_it_stands_alone_and_is_sound() -> None:
    made = Page(render("report.html", page=page()))
    assert made.problems == []
    assert made.fetched == []
    assert made.all("script") == []
    assert "url(" not in made.content
    assert {found["rel"] for found in made.all("a") if not found["href"].startswith("#")} == {"noreferrer noopener"}
    assert [found["scope"] for found in made.all("th")]
    assert len(made.all("section", **{"aria-labelledby": "traffic"})) == 1


@pytest.mark.parametrize(
    "given_",
    [
        {"change": None, "load": None},
        {"rows": [], "history": "The history gives no answer: no login"},
        {"api": Answers()},
        {"load": {"load": {"requests": "many"}}, "change": {"verb": 7}},
        {"load": {}, "change": {}},
    ],
)
def test_it_is_sound_with_less(given_: dict[str, Any]) -> None:
    made = Page(render("report.html", page=page(**given_)))
    assert made.problems == []
    assert str(given_.get("history", "")) in made.text


def test_others_text_stays_text() -> None:
    api = cluster(refused=refused(why=BAD))
    green = api.lists["deployments"][1]["metadata"]["annotations"]
    green |= {"cutover.dev/run": f"javascript:{BAD}", "cutover.dev/deployed-by": BAD, "cutover.dev/commit": BAD}
    listed = rows([update(1, "blue", BAD, environment={"git.author": BAD, "git.head": BAD, "ci.build.url": BAD})])
    told = document() | {"message": BAD, "fix": BAD, "code": BAD}
    told["load"] |= {"url": BAD, "failures": [{"class": BAD, "count": 1, "example": BAD}]}
    written = page(api, rows=listed, change=told, load=told)
    html = render("report.html", page=written)
    made = Page(html)
    assert made.problems == []
    assert made.all("script") == []
    assert [found["href"] for found in made.all("a") if not found["href"].startswith("#")] == []
    assert "<script>alert(1)</script>" in made.text
    assert "\x1b" not in html
    text = markdown(written)
    outside = re.sub(r"`[^`\n]*`", "", text)
    assert text.count("`") % 2 == 0
    for sign in ("<script", "@ann", "http:", "evil.example", "\x1b"):
        assert sign not in outside, sign
    for line in text.splitlines():
        assert not line.startswith("|") or line.count("|") in (5, 7), line


def test_secrets_are_not_in_it() -> None:
    told = document() | {"message": f"could not log in: password={SECRET}", "fix": f"--token {SECRET}"}
    listed = rows([update(1, "blue", f"API_KEY={SECRET} and more")])
    written = page(rows=listed, change=told, load=told)
    assert SECRET not in render("report.html", page=written) + markdown(written)
    assert "could not log in" in markdown(written)


def test_a_comment_is_short() -> None:
    text = markdown(page())
    assert "| `shop` | ✖ degraded | `blue 1.0.0 build 1` | `1.1.0 build 4` |" in text
    assert "**Under load**: 20 of 800 requests failed" in text
    assert "`smoke GET /version: HTTP 200 with '{version}'` `2026-01-01T11:59:00Z: shop-green" in text
    assert len(text) < 4000
    assert "](" not in text


def test_a_color_that_keeps_its_size_for_a_while_has_its_time_on_the_page_and_in_the_comment() -> None:
    kept = seen_to_be_kept()
    words = "blue will be scaled down from 2 to 1 pod after 2999-01-01 08:30 UTC"
    (card,) = cards({"shop": kept})
    assert card.scale_down == words
    assert words in Page(render("stack_card.html", card=card, key="s")).text
    due = replace(kept, scale_down=ScaleDown("test", "blue", 2, 1, MADE))
    html = render("stack_card.html", card=cards({"shop": due})[0], key="s")
    told = "blue is to be scaled down from 2 to 1 pod since 12:00 UTC: "
    assert f"{told}<code>cutover tidy --stack test</code>" in html
    assert f"◌ `shop`: {told}`cutover tidy --stack test`" in markdown(
        report("test", "shop", {"shop": due}, [], made=MADE)
    )
    (none,) = cards({"shop": replace(kept, scale_down=None)})
    assert "scaled down" not in render("stack_card.html", card=none, key="s")


def seen_to_be_kept() -> ServiceStatus:
    """Green serves, and blue keeps its pods until some day."""
    later = ScaleDown("test", "blue", 2, 1, datetime(2999, 1, 1, 8, 30, tzinfo=UTC))
    return replace(seen(cluster(), stack())["shop"], scale_down=later)


def test_what_the_history_does_not_tell_is_not_told() -> None:
    listed = rows(updates())
    known = came(listed, "shop", "blue", "1.0.0 build 1")
    assert (known.entry and known.entry.number, known.before) == (4, "1.1.0 build 4")
    assert came(listed, "shop", "green", "1.1.0 build 4").entry is None  # it serves by somebody's hand
    assert came(listed, "other", "blue", "1.0.0 build 1").entry is None
    assert came(listed[3:], "shop", "blue", "1.0.0 build 1").before == ""
    looked = rows([update(3, "green", "promote"), update(2, "green", "", kind="refresh"), update(1, "blue", "")])
    known = came(looked, "shop", "green", "1.1.0 build 4")
    assert (known.entry and known.entry.number, known.before) == (3, "1.0.0 build 1")  # a refresh moved nothing


def test_the_picture_has_each_answer_and_each_failure_in_its_second() -> None:
    found = traffic(account_of(sent()).to_json(), {"1.0.0": "blue", "1.1.0": "green"})
    assert found is not None
    assert found.picture is not None
    old, new = found.picture.bands
    assert (old.version, old.tone, old.answers, new.tone, new.answers) == ("1.0.0", "blue", 500, "green", 280)
    assert (old.line.count("M"), new.line.count("M")) == (2, 1)  # it came back
    assert (old.path.count("M"), new.path.count("M")) == (25, 15)
    assert found.picture.failed_path.count("M") == 2
    assert found.picture.highest == 20
    assert [mark.text for mark in found.picture.phases] == ["", "up", "bake", "going back"]


def numbers(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path)]


@given(st.recursive(st.none() | st.text(max_size=5) | st.integers() | st.floats(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["load", "series", "answered", "phases", "latencyMs", "url", "requests", "p50", "failed", "versions", "binSeconds"]), inner, max_size=5), max_leaves=12))  # fmt: skip  # noqa: E501
def test_an_account_that_somebody_changed_is_no_fault(value: Any) -> None:
    base = account_of(sent()).to_json()
    for changed in (value, {**base, "series": value}, {**base, "phases": value}, {**base, "answered": value}):
        if isinstance(changed, dict):
            found = traffic(changed, {})
            if found and found.picture:
                assert all(number == number for number in numbers(found.picture.failed_path))


@given(st.text())
def test_a_code_span_is_one_cell_on_one_line(text: str) -> None:
    made = code(text)
    assert made == "" or (made.startswith("`") and made.endswith("`") and made.count("`") == 2)
    assert not set(made) & {"|", "\n", "\r"}


@given(st.text())
def test_commands_keep_the_text_and_escape_it(text: str) -> None:
    made = str(commands(text))
    assert "<" not in made.replace("<code>", "").replace("</code>", "")
    assert utc(text) == text or utc(text).endswith(" UTC")


PAIRS = [
    ("ink", "page"), ("ink", "card"), ("muted", "card"), ("muted", "page"), ("blue", "card"), ("good", "good-soft"),
    ("wait", "wait-soft"), ("bad", "bad-soft"), ("ink", "bad-soft"), ("ink", "wait-soft"), ("ink", "blue-soft"),
    ("ink", "green-soft"), ("muted", "blue-soft"), ("muted", "green-soft"), ("blue", "blue-soft"),
    ("green", "green-soft"), ("green", "card"), ("plain", "card"), ("plain", "plain-soft"), ("bad", "blue-soft"),
    ("bad", "green-soft"), ("muted", "wait-soft"), ("muted", "plain-soft"),
]  # fmt: skip


def test_every_text_stands_out_from_what_it_is_on_light_and_dark() -> None:
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", (TEMPLATES / "style.css").read_text(), re.DOTALL)
    )
    assert light.keys() == dark.keys()
    low = {
        (name, one, other): round(contrast(colors[one], colors[other]), 2)
        for name, colors in (("light", light), ("dark", dark))
        for one, other in PAIRS
        if contrast(colors[one], colors[other]) < 4.5
    }
    assert low == {}
    bars = [(colors[f"other-{n}"], colors["card"]) for colors in (light, dark) for n in range(3)]
    assert [pair for pair in bars if contrast(*pair) < 3] == []
