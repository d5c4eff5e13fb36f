"""An adopted service in the cluster: its status, the switch at once, and what else finds its pods."""

import copy
from dataclasses import replace
from typing import Any

from components.stack.load import parse
from contract.labels import COLOR, INSTANCE, REVISION
from cutover.adopt.findings import findings
from cutover.adopt.found import Found
from cutover.observe.adopted import adopts, described, selector_of
from cutover.observe.facts import gather
from cutover.observe.judge import judge
from tests.unit.cutover.objects import NOW, V2, blue_green, view
from tests.unit.cutover.test_adopt import (
    OLD,
    SELECTOR,
    Json,
    deployment,
    entry,
    found,
    pod,
    service,
)


def status(active: str, live_selector: Json) -> Any:
    config = blue_green(adopt_service=True, active=active, blue=OLD, green=V2)
    stack = view(shop=config)
    assert adopts(stack)
    live = service()
    live["spec"]["selector"] = live_selector
    live["metadata"]["annotations"]["cutover.dev/completed"] = live_selector.get(REVISION, "1-0-0-b0")
    lists = {
        "services": [live, {"metadata": {"name": "other"}, "spec": {}}],
        "deployments": [deployment()],
        "pods": [*(pod(f"web-{i}") for i in range(3)), {"metadata": {"name": "stranger"}}],
    }
    before = copy.deepcopy(lists)
    shown = described(stack, lists)
    assert lists == before
    assert [item["metadata"]["name"] for item in shown["services"]] == ["shop"]
    assert len(shown["pods"]) == 3
    return judge(stack, gather(shown["services"], shown["deployments"], shown["pods"], NOW))["shop"]


def test_an_adopted_color_shows_as_what_serves() -> None:
    seen = status("blue", SELECTOR)
    assert (seen.live_color, seen.live_revision, seen.completed) == ("blue", "1-0-0-b0", True)
    blue = seen.colors["blue"]
    assert (blue.role, blue.release, blue.wanted, blue.ready, blue.image) == (
        "live", "1.0.0 build 0", 3, 3, "shop:1.0.0",
    )  # fmt: skip
    assert [line for line in seen.drift if "green" not in line] == []


def test_and_as_the_standby_after_the_first_cutover() -> None:
    green = {INSTANCE: "shop", COLOR: "green", REVISION: "1-1-0-b1"}
    seen = status("green", green)
    assert (seen.live_color, seen.colors["blue"].role) == ("green", "standby")


def test_the_switch_at_once_knows_both_selectors() -> None:
    shop = view(shop=blue_green(adopt_service=True, blue=OLD, green=V2)).services["shop"]
    assert selector_of(shop, "blue", "1-0-0-b0") == SELECTOR
    assert selector_of(shop, "green", "1-1-0-b1") == {INSTANCE: "shop", COLOR: "green", REVISION: "1-1-0-b1"}


def beside_service(name: str, selector: Json) -> Json:
    return {"metadata": {"name": name}, "spec": {"selector": selector}}


def policy(name: str, selector: Json, **spec: Any) -> Json:
    return {"metadata": {"name": name}, "spec": {"podSelector": {"matchLabels": selector}, **spec}}


def labeled(**labels: str) -> Found:
    live = found()
    live.deployment["spec"]["template"]["metadata"]["labels"] |= labels
    return live


def test_what_else_finds_the_pods_is_said_and_its_labels_are_carried() -> None:
    live = labeled(tier="front", team="a")
    live.services.extend(
        [service(), beside_service("metrics", {"tier": "front"}), beside_service("other", {"tier": "x"})]
    )
    assert live.policies is not None
    live.policies.append(policy("let-in", {}, ingress=[{"from": [{"podSelector": {"matchLabels": {"team": "a"}}}]}]))
    said = [one for one in findings(live) if "finds its pods too" in one.what]
    assert [one.what.partition(" finds")[0] for one in said] == ["the Service metrics", "the NetworkPolicy let-in"]
    assert all("written as `pod_labels`" in one.why and not one.refuses for one in said)
    made = entry(live)
    assert made.settings["pod_labels"] == {"tier": "front", "team": "a"}
    assert "metadata" not in made.settings["pod"]
    assert parse("ns", {"shop": made.settings}).blue_green("shop").pod_labels == {"tier": "front", "team": "a"}


def test_labels_that_would_let_the_adopted_selector_find_new_pods_are_not_carried() -> None:
    live = labeled(tier="front")
    live.services.extend(
        [beside_service("metrics", dict(SELECTOR)), beside_service("both", {**SELECTOR, "tier": "front"})]
    )
    said = [one for one in findings(live) if "finds its pods too" in one.what]
    assert ["its clients meet nobody" in one.why for one in said] == [True, True]
    assert "app.kubernetes.io/instance: shop" in said[0].fix
    assert entry(live).settings["pod_labels"] == {"tier": "front"}


def test_all_labels_are_carried_but_those_by_which_the_old_pods_are_found() -> None:
    live = labeled(team="a", owner="b", **{"app.kubernetes.io/name": "x"})
    live.budgets.append({"metadata": {"name": "b"}, "spec": {"selector": {"matchLabels": {"owner": "b"}}}})
    made = entry(live)
    assert made.settings["pod_labels"] == {"team": "a"}
    assert [line.partition(":")[0] for line in made.lost] == ["pod label app", "pod label owner"]


def test_policies_that_may_not_be_read_are_said() -> None:
    assert any("may not read NetworkPolicies" in one.what for one in findings(replace(found(), policies=None)))
