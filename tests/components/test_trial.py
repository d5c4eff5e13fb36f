"""In a preview the API server tries each object: what it is asked, of which objects, and what is left out."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

from components.hooks.claim import Claim
from components.hooks.trial import refuse_unfit
from components.rules import ownership
from components.rules.errors import ObjectRefused
from components.rules.ownership import Existing
from components.rules.trial import Answer
from contract.annotations import STACK
from tests.components.fakes import FakeCluster

OURS = {STACK: "cutover/test"}
BAD = Answer(422, 'Deployment.apps "shop" is invalid: spec.template.spec.x: Invalid', ("spec.template.spec.x",))
MANAGED = {"__fieldManager": "pulumi-kubernetes-1a2b"}


@pytest.fixture(autouse=True)
def _program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi, "get_project", lambda: "cutover")
    monkeypatch.setattr(pulumi, "get_stack", lambda: "test")
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: True)
    monkeypatch.setattr(
        "components.hooks.claim.hook_with_arguments", lambda _, gate, **__: SimpleNamespace(callback=gate)
    )


def inputs(**spec: Any) -> dict[str, Any]:
    meta = {"name": "shop", "namespace": "ns", "annotations": OURS}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec}


def ask(cluster: FakeCluster, new: dict[str, Any], *, changed: bool = False, outputs: Any = MANAGED) -> None:
    """What happens before the object is created, or changed."""

    async def run() -> None:
        claim = Claim("web", "ns", cluster, ownership.ROLLING)
        hook: Any = claim.options().hooks.before_create[0]  # type: ignore[union-attr, index]
        old = {"old_inputs": inputs(), "old_outputs": outputs} if changed else {}
        await hook.callback(pulumi.ResourceHookArgs("", "", "shop", "", new_inputs=new, **old))

    asyncio.run(run())


def test_a_new_object_is_tried_as_the_server_would_get_it(cluster: FakeCluster) -> None:
    ask(cluster, {**inputs(replicas=2.0, weight=0.5, parts=[{"port": 80.0}], on=True), "__defaults": []})
    assert cluster.tried == [(inputs(replicas=2, weight=0.5, parts=[{"port": 80}], on=True), None)]
    assert isinstance(cluster.tried[0][0]["spec"]["replicas"], int)


def test_a_change_is_tried_as_the_engine_s_own_manager(cluster: FakeCluster) -> None:
    cluster.objects = [Existing("Deployment", "shop", {}, OURS, {})]
    ask(cluster, inputs(replicas=3), changed=True)
    assert cluster.tried == [(inputs(replicas=3), "pulumi-kubernetes-1a2b")]


def test_what_is_refused_ends_the_preview(cluster: FakeCluster) -> None:
    cluster.says = BAD
    with pytest.raises(ObjectRefused, match=r"deployment/shop: .*(?s:.)*mend pod\.spec\.x of web"):
        ask(cluster, inputs())
    with pytest.raises(ObjectRefused):
        ask(cluster, inputs(), changed=True)


@pytest.mark.parametrize("hidden", [pulumi.Output.secret, lambda _: pulumi.runtime.rpc.UNKNOWN, lambda _: object()])
def test_what_is_secret_or_not_known_yet_is_left_out(cluster: FakeCluster, hidden: Any) -> None:
    async def run() -> None:
        await refuse_unfit(cluster, "web", inputs(parts=[{"token": hidden("s3cret")}]), None)

    cluster.says = BAD
    asyncio.run(run())
    assert cluster.tried == []


@pytest.mark.parametrize("outputs", [{}, {"__fieldManager": "pulumi-kubernetes"}])
def test_a_provider_that_does_not_apply_on_the_server_s_side_is_not_imitated(
    cluster: FakeCluster, outputs: dict[str, str]
) -> None:
    ask(cluster, inputs(), changed=True, outputs=outputs)
    assert cluster.tried == []


def test_what_is_taken_over_or_made_anew_is_left_out(cluster: FakeCluster) -> None:
    cluster.objects = [Existing("Deployment", "shop", {}, OURS, {})]
    ask(cluster, inputs())
    assert cluster.tried == []


def test_a_run_itself_tries_nothing(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: False)
    ask(cluster, inputs())
    assert cluster.tried == []
