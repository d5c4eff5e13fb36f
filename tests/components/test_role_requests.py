"""Metadata by role over the API: who bears it, what is left alone, and what a write is bound to."""

from typing import Any

from components.rules.roles import Bearer
from kubeaccess import Access as ClusterAccess
from tests.components.api_server import Api, ask, kubeconfig

SHOP = {"app.kubernetes.io/instance": "shop"}
Json = dict[str, Any]


def item(name: str, template: Json | None = None, **more: Any) -> Json:
    """A pod, or with a `template` a ReplicaSet."""
    meta = {"name": name, "uid": f"uid-{name}", "labels": SHOP, "creationTimestamp": "2026-01-01T00:00:00Z"}
    spec = {"template": {"metadata": template}} if template else {}
    return {"metadata": meta | more.pop("meta", {}), "spec": spec, **more}


def test_pods_on_their_way_out_bear_it_and_those_that_have_ended_do_not(api: Api) -> None:
    leaving = item("leaving", meta={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    api.answers = [(200, {"items": [item("a"), leaving, item("over", status={"phase": "Failed"})]})]
    found = ask(ClusterAccess(kubeconfig(api)), "role_bearers", "pods", SHOP)
    assert [(one.kind, one.name, one.uid, one.labels) for one in found] == [
        ("pods", name, f"uid-{name}", SHOP) for name in ("a", "leaving")
    ]
    assert api.asked[0][1] == "/api/v1/namespaces/ns/pods?labelSelector=app.kubernetes.io%2Finstance%3Dshop"


def test_a_replica_set_of_a_deployment_is_no_bearer(api: Api) -> None:
    """Its Deployment would answer a change of the template with a rollout."""
    owned = item("owned", SHOP, meta={"ownerReferences": [{"kind": "Deployment", "name": "shop"}]})
    late = item("late", SHOP, meta={"generation": 2}, status={"observedGeneration": 1})
    seen = item("seen", SHOP | {"role": "active"}, meta={"generation": 2}, status={"observedGeneration": 2})
    api.answers = [(200, {"items": [owned, late, seen]})]
    found = ask(ClusterAccess(kubeconfig(api)), "role_bearers", "replicasets", SHOP)
    assert [(one.name, one.seen, one.metadata) for one in found] == [
        ("late", False, SHOP),
        ("seen", True, SHOP | {"role": "active"}),
    ]


def test_a_write_is_of_the_very_object_and_one_that_is_gone_is_left_alone(api: Api) -> None:
    change = {"labels": {"role": "active", "old": None}, "annotations": {}}
    pod, made = Bearer("pods", "a", "u1", {}), Bearer("replicasets", "r", "u2", {})
    api.answers = [(200, {}), (200, {}), (404, {}), (409, {"message": "another uid"})]
    for one in (pod, made, pod, made):
        ask(ClusterAccess(kubeconfig(api)), "write_role", one, change)
    assert [(verb, path.partition("?")[0], body) for verb, path, body in api.asked[:2]] == [
        ("PATCH", "/api/v1/namespaces/ns/pods/a", {"metadata": {**change, "uid": "u1"}}),
        (
            "PATCH",
            "/apis/apps/v1/namespaces/ns/replicasets/r",
            {"metadata": {"uid": "u2"}, "spec": {"template": {"metadata": change}}},
        ),
    ]
    assert len(api.asked) == 4
