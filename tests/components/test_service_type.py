"""A Service whose type is to become less: what clients outside of the cluster lose is said before it is applied."""

import asyncio
from dataclasses import replace
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.cluster.readings import read_existing
from components.hooks.addresses import Addresses
from components.rules import service_address
from components.rules.labels import object_labels
from components.rules.ownership import Existing
from contract.annotations import STACK
from tests.components.fakes import FakeCluster, Recorder
from tests.components.service_programs import rolling, two_colors

TYPES = ("ClusterIP", "NodePort", "LoadBalancer")
TYPE = st.sampled_from(TYPES)
OURS = {STACK: "cutover/test"}
LABELS = object_labels("shop", part_of="cutover", component="live")
BALANCED = Existing(
    "Service", "shop", LABELS, OURS, {}, "10.0.0.7", "", "LoadBalancer", "LoadBalancer", ("203.0.113.7", "lb.example")
)
ON_NODES = replace(BALANCED, service_type="NodePort", written_type="NodePort", outside=("30080",))


@given(TYPE, TYPE)
def test_only_less_is_a_loss(has: str, asked: str) -> None:
    live = replace(BALANCED, service_type=has, written_type=has)
    assert bool(service_address.lost_outside(asked, live)) == (TYPES.index(asked) < TYPES.index(has))


@given(TYPE, st.booleans())
def test_a_type_taken_out_goes_only_where_the_engine_wrote_it(has: str, written: bool) -> None:
    live = replace(BALANCED, service_type=has, written_type=has if written else "")
    assert bool(service_address.lost_outside("", live)) == (written and has != "ClusterIP")


@pytest.mark.parametrize("other", ["", "ExternalName"])
def test_a_type_that_is_none_of_these_is_no_address_of_ours(other: str) -> None:
    assert service_address.lost_outside("ClusterIP", replace(BALANCED, service_type=other)) is None


@pytest.mark.parametrize(
    ("live", "asked", "said"),
    [
        (
            BALANCED,
            "NodePort",
            "LoadBalancer, at 203.0.113.7, lb.example in the cluster, and the config makes it NodePort",
        ),
        (BALANCED, "", "LoadBalancer, at 203.0.113.7, lb.example in the cluster, and the config makes it ClusterIP"),
        (ON_NODES, "ClusterIP", "NodePort, ports 30080 in the cluster, and the config makes it ClusterIP"),
        (replace(BALANCED, outside=()), "", "LoadBalancer in the cluster, and the config makes it ClusterIP"),
        (replace(BALANCED, outside=("a\x1b[31m\nb",)), "", "LoadBalancer, at a b in the cluster"),
    ],
)
def test_what_is_lost_is_named(live: Existing, asked: str, said: str) -> None:
    assert f"service/shop is of the type {said}" in (service_address.lost_outside(asked, live) or "")


@pytest.mark.parametrize("program", [two_colors, rolling])
@pytest.mark.parametrize("dry_run", [True, False])
def test_it_is_said_in_a_preview_and_in_a_run(
    recorder: Recorder, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, program: Any, *, dry_run: bool
) -> None:
    pulumi.runtime.set_mocks(recorder, project="cutover", stack="test", preview=dry_run)
    said: list[str] = []
    monkeypatch.setattr("pulumi.warn", lambda line, *_: said.append(line))
    cluster.objects = [BALANCED]
    program(cluster, service={"spec": {"type": "LoadBalancer"}})
    assert said == []
    program(cluster)
    assert [line for line in said if "lb.example" in line] == said
    assert len(said) == 1


def test_once_a_run_and_not_of_what_is_anothers(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("pulumi.warn", said.append)

    async def look(stack: str) -> None:
        addresses = Addresses(cluster, "ns", stack)
        addresses.know("shop", {})
        await addresses.refuse_new()
        await addresses.refuse_new()

    cluster.objects = [BALANCED]
    asyncio.run(look("cutover/other"))
    assert said == []
    asyncio.run(look(OURS[STACK]))
    assert len(said) == 1


def test_the_type_and_where_it_is_found_are_read_from_the_cluster() -> None:
    def service(spec: dict[str, Any], manager: str = "pulumi-kubernetes-1a2b", **status: Any) -> Existing:
        fields = [{"manager": manager, "fieldsV1": {"f:spec": {"f:type": {}}}}]
        return read_existing(
            "Service", {"metadata": {"name": "shop", "managedFields": fields}, "spec": spec, "status": status}
        )

    ports = [{"port": 80, "nodePort": 30080}, {"port": 53}]
    nodes = service({"type": "NodePort", "ports": ports})
    assert (nodes.service_type, nodes.written_type, nodes.outside) == ("NodePort", "NodePort", ("30080",))
    by_hand = service(
        {"type": "LoadBalancer", "ports": ports},
        "kubectl-edit",
        loadBalancer={"ingress": [{"ip": "203.0.113.7"}, {"hostname": "lb.example"}]},
    )
    assert (by_hand.written_type, by_hand.outside) == ("", ("203.0.113.7", "lb.example"))
    assert service({"type": "LoadBalancer"}, loadBalancer={}).outside == ()
    assert service({"type": "ClusterIP", "ports": ports}).outside == ()
