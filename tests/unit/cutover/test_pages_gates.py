"""What the gates of a service say: of a release that waits, serves, was refused, or lost its traffic again."""

from dataclasses import replace
from typing import Any

import pytest

from contract.refusal import Kind
from cutover.observe.records import JobStatus, ServiceStatus
from cutover.observe.shares import PodShares, RouteStatus
from cutover.pages.cards import cards, web_link
from cutover.pages.gates import Answer, answers
from tests.unit.cutover.objects import V1, V2, blue_green, deployment, pods, rolling, service, view
from tests.unit.cutover.released import SMOKE, WHY, Answers, cluster, refused, seen, stack

READY, SMOKED, MOVED = (
    "2 of 2 pods ready within 120 s",
    "smoke GET /version: HTTP 200 with '{version}'",
    "endpoints verified after the switch",
)


def shop(**notes: str) -> ServiceStatus:
    return seen(cluster(**notes), stack())["shop"]


def said(service_status: ServiceStatus) -> list[tuple[str, str]]:
    return [(answer.gate, answer.said) for answer in answers(service_status)]


def test_a_release_that_waits_has_its_pods_counted_and_the_rest_before_it() -> None:
    assert said(shop()) == [(READY, "now"), (SMOKED, "waits"), (MOVED, "waits")]
    assert answers(shop())[0].words == "1 of 2 pods are ready now"


def test_what_serves_passed() -> None:
    api = Answers(services=[service()], deployments=[deployment()], pods=pods())
    found = seen(api, view(shop=blue_green(smoke=SMOKE, green=None)))["shop"]
    assert said(found) == [(READY, "passed"), (SMOKED, "passed"), (MOVED, "passed")]
    begun = replace(found, completed=False)
    assert said(begun) == [(READY, "passed"), (SMOKED, "now"), (MOVED, "now")]


def test_a_refusal_is_at_the_gate_that_said_no_without_the_advice() -> None:
    found = answers(shop(refused=refused()))
    assert [(one.gate, one.said) for one in found] == [(READY, "now"), (SMOKED, "refused"), (MOVED, "waits")]
    assert found[1].words == (
        "2026-01-01T11:59:00Z: shop-green: GET /version failed its smoke check for 5 s: the body lacks '\"1.1.0\"'"
    )


@pytest.mark.parametrize(
    ("kind", "why", "gate"),
    [
        ("refused", "no code at its end", "the gates"),
        ("reverted", "errors: 7", "the watch after it got traffic"),
        ("refused", "1 of 2 ready\n    code: gate.not_ready", READY),
        ("refused", f"the body lacks {'a' * 900}\n    code: gate.smoke_failed", SMOKED),
        ("refused", "it answered 'x code: gate.verify_failed y'\n    why: w\n    code: gate.smoke_failed", SMOKED),
        ("refused", "it answered 'x'\n    code: made.up", "the gates"),
    ],
)
def test_a_refusal_is_told_whatever_it_is_of(kind: Kind, why: str, gate: str) -> None:
    found = answers(shop(refused=refused(kind, why)))
    assert [one.gate for one in found if one.said == "refused"] == [gate]


def test_a_rollback_is_no_refusal() -> None:
    assert [one.said for one in answers(shop(refused=refused("rolled back")))] == ["now", "waits", "waits"]


def test_the_job_before_a_cutover_says_its_own_state() -> None:
    job = blue_green(before_cutover={"image": "migrate:1"})
    api = Answers(
        services=[service()], deployments=[deployment(), deployment("green", V2, minutes=10)],
        pods=[*pods(), *pods("green", V2)], jobs=[],
    )  # fmt: skip
    found = seen(api, view(shop=job))["shop"]
    gate = "before_cutover Job, once per release, within 600 s"
    assert (gate, "waits") in said(found)
    failed = JobStatus("before_cutover", "migrate", "failed", "no such table")
    green = replace(found.colors["green"], jobs=(failed,))
    told = answers(replace(found, colors={**found.colors, "green": green}))
    assert Answer(gate, "refused", "the Job failed: no such table") in told


def test_a_rollout() -> None:
    api = Answers(services=[service(color=None)], deployments=[deployment(None)], pods=pods(None))
    found = seen(api, view(shop=rolling()))["shop"]
    assert [(one.said, one.words) for one in answers(found)] == [("passed", "done: 2 of 2 pods are ready now")]
    half = replace(found.colors["release"], ready=1, staying=1)
    partly = answers(replace(found, colors={"release": half}))[0]
    assert (partly.said, partly.words) == (
        "passed",
        "done: 1 of 1 pods are ready now, 1 stay on the release before",
    )
    stuck = replace(found.colors["release"], stuck="no such image")
    assert answers(replace(found, colors={"release": stuck}))[0].said == "refused"
    assert answers(seen(Answers(), view(shop=rolling()))["shop"])[0].said == "waits"


def test_a_card_says_who_serves_and_what_became_of_the_other() -> None:
    card, worker = cards(seen(cluster(refused=refused()), stack()))
    assert (card.headline, card.state) == ("blue takes the traffic with 1.0.0 build 1", "degraded")
    assert [(side.name, side.tone, side.words) for side in card.colors] == [
        ("blue", "blue", "takes the traffic"),
        ("green", "green", "was refused"),
    ]
    assert card.reason.endswith("the body lacks '\"1.1.0\"'")
    assert WHY[-20:] not in card.reason
    facts = {fact.label: fact for fact in card.colors[1].facts}
    assert (facts["deployed by"].value, facts["run"].link) == ("ann", facts["run"].value)
    assert (worker.headline, worker.colors[0].words) == ("nothing takes the traffic", "")


@pytest.mark.parametrize(
    ("address", "works"),
    [
        ("https://forge.example/runs/7", True),
        ("http://forge.example", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//forge.example", False),
        ("https://", False),
        ("https://[", False),
        ("https://ann:pw@forge.example", False),
        ("not a link", False),
    ],
)
def test_only_addresses_of_the_web_become_links(address: str, works: bool) -> None:
    assert web_link(address) == (address if works else "")


def test_shares_of_a_route_are_on_the_colors() -> None:
    found: Any = seen(cluster(), stack())
    route = RouteStatus("public", {"blue": 90, "green": 10}, (("web", {"blue": 90.0, "green": 10.0}),), settled=True)
    card, _ = cards({**found, "shop": replace(found["shop"], route=route)})
    assert ([side.share for side in card.colors], card.route) == ([90.0, 10.0], "blue 90 %, green 10 %")
    assert [(bar.tone, bar.x, bar.width) for bar in card.bar] == [("blue", 0, 90.0), ("green", 90.0, 10.0)]
    assert [side.words for side in card.colors] == ["takes the traffic", "canary"]
    assert V1["version"] in card.headline


def test_a_canary_of_single_pods_has_its_share_too() -> None:
    found: Any = seen(cluster(), stack())
    canary = PodShares("green", wanted=1, attached=1, serving=1, active=3)
    card, _ = cards({**found, "shop": replace(found["shop"], canary=canary)})
    assert [(side.words, side.share) for side in card.colors] == [("takes the traffic", 75.0), ("canary", 25.0)]
    assert (card.canary, [bar.width for bar in card.bar]) == (str(canary), [75.0, 25.0])
    unknown = replace(canary, unknown="no right to list endpoints")
    card, _ = cards({**found, "shop": replace(found["shop"], canary=unknown)})
    assert card.bar == ()
    assert "no right to list endpoints" in card.canary
