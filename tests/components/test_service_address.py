"""A Service that stands neither becomes headless nor ceases to be it: refused in a preview, and never made anew."""

import asyncio
import re
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components import BuildSettings, Environments, ReleaseGroup, SideBySide
from components.hooks.addresses import Addresses
from components.rules import service_address
from components.rules.errors import AddressChanged
from components.rules.facts import LiveService
from components.rules.labels import object_labels
from components.rules.ownership import Existing
from components.settings import Adopt
from components.strategies.rolling.settings import RollingSettings
from contract.annotations import STACK
from contract.labels import COLOR
from tests.components.fakes import START, FakeCluster, Recorder, run_program
from tests.components.service_programs import ONE, preview, rolling, two_colors

HEADLESS = {"spec": {"clusterIP": "None"}}
OURS = {STACK: "cutover/test"}


def stands(
    name: str, address: str, component: str = "live", *, stack: dict[str, str] = OURS, written: bool = False
) -> Existing:
    """A Service in the cluster. The engine wrote its address where it says so, and that it is headless in any case."""
    labels = object_labels(name, part_of="cutover", component=component)
    wrote = address if written or address == "None" else ""
    return Existing("Service", name, labels, stack, {}, address, wrote)


def versions(cluster: FakeCluster, **fields: Any) -> None:
    given: dict[str, Any] = {"versions": {"v1": ONE}, "active": "v1"}
    run_program(lambda: SideBySide("shop", namespace="ns", cluster=cluster, port=8080, **given, **fields))


def group(cluster: FakeCluster, **fields: Any) -> None:
    members = {"shop": {"port": 8080, "blue": ONE, **fields}}
    run_program(lambda: ReleaseGroup("all", namespace="ns", cluster=cluster, active="blue", services=members))


def environments(cluster: FakeCluster, **fields: Any) -> None:
    builds = {"coco-1": BuildSettings(services={"shop": RollingSettings(port=8080, release=ONE, **fields)})}
    run_program(lambda: Environments("all", namespace="ns", cluster=cluster, active="coco-1", builds=builds))


@pytest.mark.parametrize(
    ("program", "component", "name"),
    [
        (two_colors, "live", "shop"),
        (group, "live", "shop"),
        (rolling, "live", "shop"),
        (versions, "front", "shop"),
        (versions, "live", "shop-v1"),
        (environments, "front", "shop"),
        (environments, "live", "shop-coco-1"),
    ],
)
@pytest.mark.parametrize("now", ["10.0.0.7", "None"])
def test_the_service_of_clients_keeps_what_they_know_of_it(
    recorder: Recorder, cluster: FakeCluster, program: Any, component: str, name: str, now: str
) -> None:
    preview(recorder)
    cluster.objects = [stands(name, now, component)]
    said = r"is headless \(clusterIP: None\)" if now == "None" else f"has the address {now}"
    wants = "has no clusterIP" if now == "None" else "asks for clusterIP: None"
    with pytest.raises(
        pulumi.RunError, match=f"service/{name} {said}.*the config {wants}\n    Refused: traffic stays"
    ) as e:
        program(cluster, service={} if now == "None" else HEADLESS)
    assert str(e.value).endswith("code: address.changed")
    program(cluster, service=HEADLESS if now == "None" else {})


@pytest.mark.parametrize("program", [two_colors, rolling])
def test_further_services_too(recorder: Recorder, cluster: FakeCluster, program: Any) -> None:
    preview(recorder)
    cluster.objects = [stands("shop-peers", "None", "further")]
    with pytest.raises(pulumi.RunError, match=r"write clusterIP: None into services\.shop-peers\.spec again"):
        program(cluster, services={"shop-peers": {"spec": {"sessionAffinity": "ClientIP"}}})
    program(cluster, services={"shop-peers": HEADLESS})


@pytest.mark.parametrize(
    ("written", "asked", "fix"),
    [
        (False, "10.0.0.7", r"take clusterIP out of service\.spec\."),
        (False, "10.0.0.9", r"take clusterIP out of service\.spec\."),
        (True, "10.0.0.9", r"write clusterIP: 10\.0\.0\.7 into service\.spec again"),
        (True, "", r"write clusterIP: 10\.0\.0\.7 into service\.spec again"),
        (True, "10.0.0.7", ""),
        (False, "", ""),
    ],
)
def test_an_address_is_neither_written_down_nor_taken_out(written: bool, asked: str, fix: str) -> None:
    """The engine goes by what it wrote: one that is as it was is nothing new to the cluster, and yet made anew."""
    refused = service_address.refusal(asked, stands("shop", "10.0.0.7", written=written), "ns")
    assert bool(refused) is bool(fix)
    assert re.search(fix, refused.fix if refused else "")


@pytest.mark.parametrize("stack", [{}, {STACK: "cutover/other"}])
def test_what_is_not_ours_is_asked_for_its_owner_alone(
    recorder: Recorder, cluster: FakeCluster, stack: dict[str, str]
) -> None:
    cluster.objects = [stands("shop", "None", stack=stack)]
    rolling(cluster)


def test_what_was_adopted_is_left_as_it_is(recorder: Recorder, cluster: FakeCluster) -> None:
    cluster.objects = [stands("shop", "None")]
    cluster.live = LiveService({"app": "web"}, START, {})
    preview(recorder)
    release = ONE.model_copy(update={"adopt": Adopt(deployment="web", selector={"app": "web"})})
    two_colors(cluster, adopt_service=True, blue=release)
    assert recorder.find("Service", "shop")["spec"] == {"selector": {"app": "web"}}


def test_a_color_s_own_service_has_no_key_and_was_made_by_hand(recorder: Recorder, cluster: FakeCluster) -> None:
    preview(recorder)
    own = stands("shop-blue", "None", "preview")
    cluster.objects = [replace(own, labels={**own.labels, COLOR: "blue"})]
    with pytest.raises(pulumi.RunError, match="kubectl delete -n ns service/shop-blue` once nobody calls it"):
        two_colors(cluster)


def test_a_service_without_an_address_yet_is_no_other_one() -> None:
    assert service_address.refusal("None", stands("shop", ""), "ns") is None


@pytest.mark.parametrize("dry_run", [False, True])
def test_each_service_is_looked_at_before_the_engine_hears_of_it(
    recorder: Recorder, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, *, dry_run: bool
) -> None:
    """The engine asks no hook before it deletes what it makes anew. A preview deletes nothing."""
    pulumi.runtime.set_mocks(recorder, project="cutover", stack="test", preview=dry_run)
    asked: list[str] = []
    look = Addresses.before_registration

    def noted(self: Addresses, name: str, metadata: Any) -> Any:
        asked.append(name)
        return look(self, name, metadata)

    monkeypatch.setattr(Addresses, "before_registration", noted)
    rolling(cluster, services={"shop-peers": HEADLESS})
    assert asked == ([] if dry_run else ["shop", "shop-peers"])
    assert recorder.find("Service", "shop-peers")["metadata"]["name"] == "shop-peers"


def test_the_program_ends_before_it_tells_the_engine(cluster: FakeCluster) -> None:
    async def registered(address: str) -> Any:
        cluster.objects = [stands("shop", address)]
        addresses = Addresses(cluster, "ns", OURS[STACK])
        addresses.know("shop", HEADLESS["spec"])
        return await addresses.before_registration("shop", {"name": "shop"})

    assert asyncio.run(registered("None")) == {"name": "shop"}
    with pytest.raises(pulumi.RunError, match=r"address\.changed"):
        asyncio.run(registered("10.0.0.7"))


def test_no_member_of_a_group_is_switched_where_one_is_refused(recorder: Recorder, cluster: FakeCluster) -> None:
    """Each member's gate asks all, so one that has nothing else to object to is not switched before it is known."""
    preview(recorder)
    cluster.objects = [stands("api", "10.0.0.7")]
    made: list[ReleaseGroup] = []
    services = {"shop": {"port": 8080, "blue": ONE}, "api": {"port": 8080, "blue": ONE, "service": HEADLESS}}
    with pytest.raises(pulumi.RunError):
        run_program(
            lambda: made.append(ReleaseGroup("all", namespace="ns", cluster=cluster, active="blue", services=services))
        )
    with pytest.raises(AddressChanged):
        asyncio.run(made[0].members["api"].stages.gate.check())
