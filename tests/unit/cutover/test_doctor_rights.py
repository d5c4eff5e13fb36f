"""The rights that the doctor looks for are those of docs/rbac.yaml, and what grants them is understood."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cutover.doctor.cluster import uses_of
from cutover.doctor.rights import ONLY_FOR, Right, in_words, lacking, needed
from cutover.project.roles import narrowed
from tests.unit.cutover.objects import blue_green, rolling, view

RBAC = Path(__file__).resolve().parents[3] / "docs" / "rbac.yaml"
Json = dict[str, Any]


def role_rules(text: str = RBAC.read_text()) -> list[Json]:
    role = next(one for one in yaml.safe_load_all(text) if one["kind"] == "Role")
    rules: list[Json] = role["rules"]
    return rules


def granted(rules: list[Json]) -> set[Right]:
    return {
        Right(group, name, verb)
        for rule in rules
        for group in rule["apiGroups"]
        for name in rule["resources"]
        for verb in rule["verbs"]
    }


def test_they_are_those_of_the_role() -> None:
    assert set(needed()) == granted(role_rules())
    assert lacking(role_rules(), needed()) == []


def test_a_new_project_s_role_has_what_every_service_needs_and_shows_the_rest() -> None:
    text = narrowed(RBAC.read_text(), "shop-eu")
    few = needed(())
    assert granted(role_rules(text)) == set(few)
    assert "#   kubectl apply -n shop-eu -f rbac.yaml\n" in text
    back = re.sub(r"^  # (- apiGroups:|  resources:|  verbs:)", r"  \1", text, flags=re.MULTILINE)
    assert role_rules(back) == role_rules()
    planner = narrowed(RBAC.with_name("rbac-plan.yaml").read_text(), "shop-eu")
    assert not {"httproutes", "grpcroutes", "virtualservices", "statefulsets", "scaledobjects"} & {
        name for rule in role_rules(planner) for name in rule["resources"]
    }


def test_who_may_only_plan_reads_no_secret_and_no_answer_and_writes_nothing() -> None:
    _, role, _ = yaml.safe_load_all(RBAC.with_name("rbac-plan.yaml").read_text())
    reads = {right for right in needed({*ONLY_FOR} - {"secrets"}) if right.verb in ("get", "list", "watch")}
    assert sorted(lacking(role["rules"], reads)) == [Right("", f"{kind}/proxy", "get") for kind in ("pods", "services")]
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"get", "list", "watch"}
    assert not {"secrets", "services/proxy", "pods/proxy", "*"} & {
        name for rule in role["rules"] for name in rule["resources"]
    }


@pytest.mark.parametrize(
    ("use", "resources"),
    [
        ("cutover by labels", {"pods"}),
        ("metadata by role", {"pods"}),
        ("secrets", {"secrets"}),
        ("HTTPRoute", {"httproutes"}),
        ("GRPCRoute", {"grpcroutes"}),
        ("VirtualService", {"virtualservices"}),
        ("restart", {"pods/eviction"}),
        ("stateful sets", {"statefulsets", "statefulsets/scale"}),
        ("KEDA", {"scaledobjects"}),
        ("preview pods", {"pods/proxy"}),
    ],
)
def test_what_only_some_need_is_asked_for_those(use: str, resources: set[str]) -> None:
    assert {right.resource for right in set(needed([use])) - set(needed(()))} == resources
    assert set(needed([use])) <= set(needed())


def test_each_use_is_told_by_the_services_that_have_it() -> None:
    services = {
        "labels": blue_green(cutover="labels", secrets={"A": "a"}),
        "http": blue_green(route={"http_route": "shop"}, smoke={"path": "/"}),
        "virtual": blue_green(route={"virtual_service": "shop"}),
        "set": rolling(workload="stateful-set"),
        "smoke": rolling(smoke={"path": "/"}),
        "roles": blue_green(preview_metadata={"labels": {"role": "preview"}}),
        "keda": rolling(autoscaler={"kind": "ScaledObject", "spec": {}}),
    }
    found = {name: {*uses_of(view(**{name: one}).services.values())} for name, one in services.items()}
    assert found == {
        "labels": {"cutover by labels", "secrets"},
        "http": {"HTTPRoute"},
        "virtual": {"VirtualService"},
        "set": {"stateful sets"},
        "smoke": {"preview pods"},
        "roles": {"metadata by role"},
        "keda": {"KEDA"},
    }


def test_without_rules_all_are_lacking() -> None:
    assert lacking([], needed()) == list(needed())


@pytest.mark.parametrize(
    ("rule", "granted"),
    [
        ({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, True),
        ({"apiGroups": [""], "resources": ["*/proxy"], "verbs": ["get"]}, True),
        ({"apiGroups": [""], "resources": ["services"], "verbs": ["get"]}, False),
        ({"apiGroups": ["apps"], "resources": ["services/proxy"], "verbs": ["get"]}, False),
        ({"apiGroups": [""], "resources": ["services/proxy"], "verbs": ["create"]}, False),
        ({"apiGroups": [""], "resources": ["services/proxy"], "verbs": ["get"], "resourceNames": ["one"]}, False),
    ],
)
def test_a_rule_grants_what_it_names(rule: Json, granted: bool) -> None:
    assert (lacking([rule], [Right("", "services/proxy", "get")]) == []) is granted


def test_rights_are_told_resource_by_resource() -> None:
    rights = [Right("", "pods", "get"), Right("apps", "deployments", "patch"), Right("apps", "deployments", "create")]
    assert in_words(rights) == "create, patch deployments.apps; get pods"


def test_the_question_names_a_subresource_apart() -> None:
    asked = Right("", "services/proxy", "get").review("shop")["spec"]["resourceAttributes"]
    assert asked == {"namespace": "shop", "resource": "services", "subresource": "proxy", "verb": "get"}
