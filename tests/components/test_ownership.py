"""Whose an object is: asked before it is made or changed, refused with both names and the way to adopt it."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

from components import BlueGreenService, Release, RollingApp
from components.hooks.claim import Claim
from components.rules import ownership
from components.rules.errors import CutoverError, NamespaceMissing, NotOurs, StrategyChanged
from components.rules.labels import object_labels, selector_labels
from components.rules.ownership import Existing
from contract.annotations import STACK
from tests.components.fakes import FakeCluster, Recorder, run_program

OURS = {STACK: "cutover/test"}
LIVE = object_labels("shop", part_of="cutover", component="live")


def existing(kind: str = "Service", annotations: dict[str, str] | None = None, **changes: Any) -> Existing:
    values: dict[str, Any] = {"name": "shop", "labels": {}, "selector": {}} | changes
    return Existing(kind, annotations=annotations or {}, **values)


def ask(
    cluster: FakeCluster,
    kind: str = "Service",
    *,
    of: str = ownership.TWO_COLORS,
    old: dict[str, str] | None = None,
    declared: dict[str, str] | None = OURS,
) -> None:
    """What happens before an object `shop` is created or, with the annotations of its state, updated."""

    def arguments(annotations: dict[str, str] | None) -> dict[str, Any]:
        return {"apiVersion": "v1", "kind": kind, "metadata": {"name": "shop", "annotations": annotations}}

    async def run() -> None:
        hook: Any = Claim("shop", "ns", cluster, of).options().hooks.before_create[0]  # type: ignore[union-attr, index]
        new, had = arguments(declared), arguments(old) if old is not None else None
        await hook.callback(pulumi.ResourceHookArgs("", "", "shop", "", new_inputs=new, old_inputs=had))

    asyncio.run(run())


@pytest.fixture(autouse=True)
def _program(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Claims know the project and the stack; where there is no program, a hook is no more than what it calls."""
    if "recorder" not in request.fixturenames:
        monkeypatch.setattr(pulumi, "get_project", lambda: "cutover")
        monkeypatch.setattr(pulumi, "get_stack", lambda: "test")
        monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: True)
        monkeypatch.setattr(
            "components.hooks.claim.hook_with_arguments", lambda _, gate, **__: SimpleNamespace(callback=gate)
        )


def test_what_is_not_there_may_be_made(cluster: FakeCluster) -> None:
    ask(cluster)


@pytest.mark.parametrize("annotations", [{}, {STACK: "cutover/other"}, {"meta.helm.sh/release-name": "blog"}])
def test_what_is_somebody_elses_is_not_taken_over(cluster: FakeCluster, annotations: dict[str, str]) -> None:
    cluster.objects = [existing(annotations=annotations)]
    with pytest.raises(NotOurs) as refused:
        ask(cluster)
    said = str(refused.value)
    assert "service/shop in ns is there already" in said
    assert "not that of cutover/test" in said
    assert "cutover adopt shop" in said
    assert all(name in said for name in annotations.values())


def test_what_a_run_that_died_left_is_taken_over(cluster: FakeCluster) -> None:
    cluster.objects = [existing(annotations=OURS)]
    ask(cluster)


def test_what_is_adopted_on_purpose_carries_no_identity_yet(cluster: FakeCluster) -> None:
    cluster.objects = [existing()]
    ask(cluster, declared=None)
    cluster.objects = [existing(annotations={STACK: "cutover/other"})]
    with pytest.raises(NotOurs):
        ask(cluster, declared=None)


def test_what_two_stacks_have_is_refused_to_the_one_that_it_is_not_of(cluster: FakeCluster) -> None:
    cluster.objects = [existing(annotations={STACK: "cutover/other"})]
    with pytest.raises(NotOurs, match="both would change it in turn"):
        ask(cluster, old=OURS)


@pytest.mark.parametrize("live", [{}, OURS, {STACK: "cutover/before"}])
def test_a_stack_that_was_renamed_or_had_no_identity_goes_on(cluster: FakeCluster, live: dict[str, str]) -> None:
    cluster.objects = [existing(annotations=live)]
    ask(cluster, old={STACK: "cutover/before"} if live != OURS else {})


@pytest.mark.parametrize("state", ["missing", "Terminating"])
def test_without_a_namespace_nothing_is_tried(cluster: FakeCluster, state: str) -> None:
    cluster.phase = state
    with pytest.raises(NamespaceMissing, match="kubectl create namespace ns"):
        ask(cluster)


@pytest.mark.parametrize("stack", [{}, OURS])
@pytest.mark.parametrize(
    ("role", "selector", "of", "words"),
    [
        ("live", selector_labels("shop"), ownership.TWO_COLORS, "a rolling service"),
        ("live", selector_labels("shop", color="blue"), ownership.ROLLING, "a blue/green service"),
        ("live", {"cutover.dev/live": "true"}, ownership.ROLLING, "a blue/green service"),
        ("front", selector_labels("shop-v1"), ownership.ROLLING, "a front"),
        ("live", selector_labels("shop"), ownership.WORKER, "a rolling service.*a worker, which has no Service"),
    ],
)
def test_a_service_of_another_kind_is_refused_before_any_pod_is_made(
    cluster: FakeCluster, stack: dict[str, str], role: str, selector: dict[str, str], of: str, words: str
) -> None:
    labels = object_labels("shop", part_of="cutover", component=role)
    cluster.objects = [existing(annotations=stack, labels=labels, selector=selector)]
    with pytest.raises(StrategyChanged, match=words):
        ask(cluster, "Deployment", of=of)


def test_a_front_takes_the_service_of_its_name_over(cluster: FakeCluster) -> None:
    cluster.objects = [existing(annotations=OURS, labels=LIVE, selector=selector_labels("shop"))]
    ask(cluster, of=ownership.FRONT)


def test_every_object_carries_the_stack_and_is_asked_for(
    recorder: Recorder, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[pulumi.ResourceOptions] = []
    made = Claim.options

    def noted(self: Claim, **options: Any) -> pulumi.ResourceOptions:
        asked.append(made(self, **options))
        return asked[-1]

    monkeypatch.setattr(Claim, "options", noted)

    def program() -> None:
        release = Release(version="1.0.0", build=1, image="shop:1")
        BlueGreenService(
            "shop", namespace="ns", cluster=cluster, active="blue", port=80, blue=release, expose_both=True
        )
        RollingApp("worker", namespace="ns", cluster=cluster, port=80, release=release)

    run_program(program)
    objects = [one for one in recorder.resources if one.type.startswith("kubernetes:")]
    assert {one.inputs["metadata"]["annotations"][STACK] for one in objects} == {"cutover/test"}
    assert len(asked) == len(objects)
    templates = [one.inputs["spec"]["template"]["metadata"] for one in objects if one.type.endswith("Deployment")]
    assert [STACK in template.get("annotations", {}) for template in templates] == [False, False]


def test_a_refusal_is_a_cutover_error() -> None:
    assert issubclass(NotOurs, CutoverError)


@pytest.mark.parametrize(("kind", "other"), [("StatefulSet", "Deployment"), ("Deployment", "StatefulSet")])
def test_a_workload_does_not_become_another_kind_under_its_name(kind: str, other: str) -> None:
    cluster = FakeCluster()
    cluster.objects = [existing(other, OURS)]
    with pytest.raises(StrategyChanged, match=f"{other.lower()}/shop runs its pods, and the config makes it a {kind}"):
        ask(cluster, kind, of=ownership.ROLLING)
    ask(cluster, kind, of=ownership.TWO_COLORS)  # whose workloads are called after their releases
    cluster.objects = [existing(other, {STACK: "cutover/other"})]
    ask(cluster, kind, of=ownership.ROLLING)
