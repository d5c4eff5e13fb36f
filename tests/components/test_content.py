"""What travels with a release: immutable objects of one color and content, and nothing secret in the clear."""

import base64
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi.runtime import rpc
from pulumi.runtime.config import set_all_config
from pydantic import SecretStr

from components import BlueGreenService, ConfigError, Release, ReleaseGroup, RollingApp
from components.manifests.content import content_of
from components.strategies.blue_green.plan import Planner
from components.strategies.blue_green.settings import BlueGreenSettings
from contract.releases import Color
from tests.components.fakes import FakeCluster, Recorder, run_program

CANARY = "c4n4ry"
KEYS = {"cutover:db-1": "first", "cutover:db-2": "second"}


@pytest.fixture(autouse=True)
def _secrets() -> Iterator[None]:
    set_all_config(dict(KEYS), list(KEYS))
    yield
    set_all_config({}, [])


def release(number: int, **changes: Any) -> Release:
    return Release(version=f"{number}.0.0", build=1, image=f"shop:{number}", **changes)


def build(cluster: FakeCluster, **fields: Any) -> None:
    values: dict[str, Any] = {"active": "blue", "port": 8080, "blue": release(1), "green": release(2)} | fields
    run_program(lambda: BlueGreenService("shop", namespace="ns", cluster=cluster, **values).active)


def made(recorder: Recorder, kind: str) -> dict[str, dict[str, Any]]:
    return {r.name: r.inputs for r in recorder.resources if r.type == f"kubernetes:core/v1:{kind}"}


def hidden(value: dict[str, Any]) -> dict[str, str]:
    """What the engine is given in an envelope that marks it secret."""
    assert value[rpc._special_sig_key] == rpc._special_secret_sig
    inside: dict[str, str] = value["value"]
    return inside


def encoded(**values: str) -> dict[str, str]:
    return {name: base64.b64encode(value.encode()).decode() for name, value in values.items()}


def container(recorder: Recorder, name: str) -> dict[str, Any]:
    found: dict[str, Any] = recorder.find("Deployment", name)["spec"]["template"]["spec"]["containers"][0]
    return found


def test_each_color_has_a_secret_of_its_own(recorder: Recorder, cluster: FakeCluster) -> None:
    build(cluster, secrets={"DB": "db-1"}, green=release(2, secrets={"DB": "db-2", "TOKEN": "cutover:db-1"}))
    secrets = made(recorder, "Secret")
    assert sorted(name.rpartition("-")[0] for name in secrets) == ["shop-blue", "shop-green"]
    blue, green = sorted(secrets)
    assert secrets[blue]["immutable"] is True
    assert secrets[blue]["metadata"]["name"] == blue
    assert hidden(secrets[blue]["data"]) == encoded(DB="first")
    assert hidden(secrets[green]["data"]) == encoded(DB="second", TOKEN="first")
    assert container(recorder, "shop-blue-1-0-0-b1")["envFrom"] == [{"secretRef": {"name": blue}}]
    assert container(recorder, "shop-green-2-0-0-b1")["envFrom"] == [{"secretRef": {"name": green}}]


def test_another_value_under_the_same_key_is_another_object(recorder: Recorder, cluster: FakeCluster) -> None:
    build(cluster, secrets={"DB": "db-1"})
    before = set(made(recorder, "Secret"))
    recorder.resources.clear()
    set_all_config({"cutover:db-1": "changed"}, ["cutover:db-1"])
    build(cluster, secrets={"DB": "db-1"})
    assert before.isdisjoint(made(recorder, "Secret"))


def test_another_name_of_the_stack_changes_no_name_and_no_pod(recorder: Recorder, cluster: FakeCluster) -> None:
    found = []
    for name in ("test", "renamed"):
        pulumi.runtime.set_mocks(recorder, project="cutover", stack=name, preview=False)
        recorder.resources.clear()
        build(cluster, workload="replica-set", secrets={"DB": "db-1"}, config={"MODE": "fast"})
        kinds = [r for r in recorder.resources if r.type.rpartition(":")[2] in ("Secret", "ConfigMap", "ReplicaSet")]
        found.append({r.name: r.inputs.get("spec") for r in kinds})
    assert found[0] == found[1]


def test_a_replica_set_s_revision_follows_its_secret(recorder: Recorder, cluster: FakeCluster) -> None:
    found = set()
    for value in ("one", "two"):
        set_all_config({"cutover:db-1": value}, ["cutover:db-1"])
        build(cluster, workload="replica-set", secrets={"DB": "db-1"}, green=None)
        found |= {r.name for r in recorder.resources if r.type.endswith(":ReplicaSet")}
    assert len(found) == 2


def test_files_are_mounted_one_by_one_from_a_map_that_is_no_source_of_variables(
    recorder: Recorder, cluster: FakeCluster
) -> None:
    build(
        cluster,
        config={"MODE": "fast"},
        config_files={"/etc/shop/app.yaml": "a: 1\n", "/etc/shop/a b": "x"},
        writable_paths=("/tmp",),  # noqa: S108
        green=release(2, config_files={"/etc/shop/app.yaml": "a: 2\n"}),
    )
    maps = made(recorder, "ConfigMap")
    blue = {name: one for name, one in maps.items() if name.startswith("shop-blue-")}
    files = next(name for name, one in blue.items() if "MODE" not in one["data"])
    variables = next(name for name, one in blue.items() if "MODE" in one["data"])
    assert blue[files]["data"] == {"0-a-b": "x", "1-app.yaml": "a: 1\n"}
    assert [one["immutable"] for one in blue.values()] == [True, True]
    app = container(recorder, "shop-blue-1-0-0-b1")
    assert app["envFrom"] == [{"configMapRef": {"name": variables}}]
    assert app["volumeMounts"] == [
        {"name": "writable-0", "mountPath": "/tmp"},  # noqa: S108
        {"name": "files", "mountPath": "/etc/shop/a b", "subPath": "0-a-b", "readOnly": True},
        {"name": "files", "mountPath": "/etc/shop/app.yaml", "subPath": "1-app.yaml", "readOnly": True},
    ]
    volumes = recorder.find("Deployment", "shop-blue-1-0-0-b1")["spec"]["template"]["spec"]["volumes"]
    assert volumes[1:] == [{"name": "files", "configMap": {"name": files}}]
    green = [one["data"] for name, one in maps.items() if name.startswith("shop-green-")]
    assert {"0-a-b": "x", "1-app.yaml": "a: 2\n"} in green


def test_a_rolling_app_has_both_too(recorder: Recorder) -> None:
    app = release(1, secrets={"DB": "db-1"}, config_files={"/etc/app": "x"})
    run_program(lambda: RollingApp("worker", namespace="ns", cluster=FakeCluster(), port=80, release=app).release)
    (secret,), (files,) = made(recorder, "Secret"), made(recorder, "ConfigMap")
    spec = recorder.find("Deployment", "worker")["spec"]["template"]["spec"]
    assert spec["containers"][0]["envFrom"] == [{"secretRef": {"name": secret}}]
    assert spec["volumes"] == [{"name": "files", "configMap": {"name": files}}]


def test_a_variable_of_ones_own_wins_over_a_peer_s_address(recorder: Recorder, cluster: FakeCluster) -> None:
    fields: dict[str, Any] = {"port": 80, "blue": release(1)}
    members = {"api": fields, "web": {**fields, "secrets": {"API_URL": "db-1"}}, "shop": fields}
    run_program(lambda: ReleaseGroup("all", namespace="ns", active="blue", services=members, cluster=cluster).active)
    variables = {entry["name"] for entry in container(recorder, "web-blue-1-0-0-b1")["env"]}
    assert variables == {"SHOP_URL"}


def test_values_of_a_program_s_own_are_taken_as_they_are(recorder: Recorder, cluster: FakeCluster) -> None:
    build(cluster, green=None, secrets={"DB": SecretStr(CANARY)})
    (secret,) = made(recorder, "Secret").values()
    assert hidden(secret["data"]) == encoded(DB=CANARY)


def test_an_output_is_refused_with_what_to_do_instead(recorder: Recorder) -> None:
    def program() -> pulumi.Output[str]:
        value = pulumi.Output.secret(CANARY)
        with pytest.raises(ConfigError, match="An Output cannot be taken either") as error:
            release(1, secrets={"DB": value})
        assert CANARY not in str(error.value)
        return value

    run_program(program)


def test_every_missing_key_is_a_problem_before_anything_is_registered(recorder: Recorder, cluster: FakeCluster) -> None:
    with pytest.raises(ConfigError) as error:
        build(cluster, secrets={"A": "none"}, green=release(2, secrets={"B": "neither"}))
    assert [problem.path for problem in error.value.problems] == ["shop.secrets.A", "shop.green.secrets.B"]
    assert recorder.resources == []
    with pytest.raises(ConfigError, match=r"worker\.release\.secrets\.A"):
        run_program(
            lambda: RollingApp("worker", namespace="ns", port=80, release=release(1, secrets={"A": "none"})).release
        )


def test_a_plan_does_not_show_what_it_holds() -> None:
    settings = BlueGreenSettings(port=80, active="blue", blue=release(1))

    def planned(color: Color, of: Release) -> Any:
        return content_of("shop", color, settings, of, {"DB": SecretStr(CANARY)}, ("p", "s", "ns", "shop"))

    slot = Planner("shop", "p", settings, planned).color("blue")
    assert slot is not None
    assert slot.content.secrets["DB"].get_secret_value() == CANARY
    assert CANARY not in repr(slot)
    assert encoded(DB=CANARY)["DB"] not in repr(slot)
