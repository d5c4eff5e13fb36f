"""Construct makes what the component makes in Python, and says what is wrong without a traceback."""

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
import pulumi
import pytest
from pulumi.errors import InputPropertiesError
from pulumi.resource import DependencyProviderResource, DependencyResource
from pulumi.runtime import rpc

from components import BlueGreenService, Environments, Release, ReleaseGroup, RollingApp, SideBySide
from components.plugin import construct as module
from components.plugin import server
from components.plugin.construct import Components, Given
from components.plugin.kinds import BY_TOKEN
from components.plugin.server import Servicer
from components.plugin.values import UNKNOWN, Secret
from components.rules.errors import NotReady
from tests.components.fakes import FakeCluster, Recorder, run_program

Json = dict[str, Any]
ONE: Json = {"version": "1.0.0", "build": 1, "image": "shop:1"}
TWO: Json = {"version": "2.0.0", "build": 1, "image": "shop:2"}
MADE = Release(version="1.0.0", build=1, image="shop:1")
SHOP: Json = {"port": 8080, "active": "blue", "drainSeconds": 3, "blue": ONE, "green": TWO}
SNAKE: Json = {"port": 8080, "active": "blue", "drain_seconds": 3, "blue": ONE, "green": TWO}
MEMBERS: Json = {one: {key: value for key, value in SNAKE.items() if key != "active"} for one in ("web", "api")}
BUILDS: Json = {"coco-1": {"services": {"cart": {"strategy": "rolling", "port": 80, "release": ONE}}}}

Make = Callable[[FakeCluster], pulumi.ComponentResource]
CASES: dict[str, tuple[Json, Make, Json]] = {
    "BlueGreenService": (
        SHOP,
        lambda at: BlueGreenService("shop", namespace="ns", cluster=at, **SNAKE),
        {
            "active": "blue",
            "address": "http://shop.ns.svc:80",
            "previewAddress": "http://shop-green.ns.svc:80",
            "releases": {"blue": "1-0-0-b1", "green": "2-0-0-b1"},
        },
    ),
    "RollingApp": (
        {"port": 80, "maxSurge": "50%", "release": ONE},
        lambda at: RollingApp("shop", namespace="ns", cluster=at, port=80, max_surge="50%", release=MADE),
        {"address": "http://shop.ns.svc:80", "release": "1-0-0-b1"},
    ),
    "SideBySide": (
        {"port": 80, "active": "v1", "versions": {"v1": ONE}},
        lambda at: SideBySide("shop", namespace="ns", cluster=at, port=80, active="v1", versions={"v1": MADE}),
        {
            "active": "v1",
            "address": "http://shop.ns.svc:80",
            "versions": {"v1": {"address": "http://shop-v1.ns.svc:80", "release": "1-0-0-b1"}},
        },
    ),
    "Environments": (
        {"active": "coco-1", "builds": BUILDS},
        lambda at: Environments("shop", namespace="ns", cluster=at, active="coco-1", builds=BUILDS),
        {
            "active": "coco-1",
            "addresses": {"cart": "http://cart.ns.svc:80"},
            "services": {"coco-1": {"cart": "http://cart-coco-1.ns.svc:80"}},
        },
    ),
    "ReleaseGroup": (
        {"active": "blue", "order": ["web", "api"], "services": MEMBERS},
        lambda at: ReleaseGroup("shop", namespace="ns", active="blue", services=MEMBERS, cluster=at),
        {
            "active": "blue",
            "members": {
                one: {
                    "active": "blue",
                    "address": f"http://{one}.ns.svc:80",
                    "previewAddress": f"http://{one}-green.ns.svc:80",
                    "releases": {"blue": "1-0-0-b1", "green": "2-0-0-b1"},
                }
                for one in MEMBERS
            },
        },
    ),
}


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, cluster: FakeCluster) -> None:
    monkeypatch.setattr(module, "Cluster", lambda _access, _namespace: cluster)


def construct(kind: str, inputs: Json, opts: pulumi.ResourceOptions | None = None, urns: tuple[str, ...] = ()) -> Json:
    """Make a component as the engine asks for it; its outputs."""
    told: Json = {}

    def program() -> pulumi.Output[None]:
        given = Given({"namespace": "ns", "cluster": {"context": "c"}, **inputs}, set(urns))
        made = Components().construct("shop", f"cutover:index:{kind}", given, opts)
        return pulumi.Output.all(**made.state).apply(told.update)

    run_program(program)
    return told


@pytest.mark.parametrize("kind", sorted(CASES))
def test_it_makes_what_python_makes_and_tells_its_outputs(kind: str, recorder: Recorder, cluster: FakeCluster) -> None:
    inputs, make, outputs = CASES[kind]
    assert construct(kind, inputs) == outputs
    theirs = sorted(recorder.resources, key=lambda one: (one.type, one.name))
    recorder.resources.clear()
    run_program(lambda: make(cluster).urn)
    assert theirs == sorted(recorder.resources, key=lambda one: (one.type, one.name))
    assert len(theirs) > 2


def test_every_component_has_a_case() -> None:
    assert {f"cutover:index:{kind}" for kind in CASES} == set(BY_TOKEN)


def test_a_secret_reaches_the_secret_of_the_release(recorder: Recorder, cluster: FakeCluster) -> None:
    construct("RollingApp", CASES["RollingApp"][0] | {"secrets": {"DB": Secret("hunter2")}})
    (found,) = [one for one in recorder.resources if one.type.endswith(":Secret")]
    assert "DB" in str(found.inputs)
    rest = [one for one in recorder.resources if one is not found]
    assert "hunter2" not in str(rest)


def test_a_preview_with_an_unknown_input_is_the_component_alone(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi, "warn", lambda text, _resource: said.append(text))
    pulumi.runtime.set_mocks(recorder, project="cutover", stack="test", preview=True)
    given = Given({"namespace": UNKNOWN, **SHOP, "blue": ONE | {"image": Secret(UNKNOWN)}}, set())
    state: Json = {}

    def program() -> pulumi.Output[str]:
        made = Components().construct("shop", "cutover:index:BlueGreenService", given)
        state.update(made.state)
        return pulumi.Output.from_input(made.urn)

    run_program(program)
    assert [(one.type, one.name) for one in recorder.resources] == [("cutover:index:BlueGreenService", "shop")]
    assert state == dict.fromkeys(("active", "address", "previewAddress", "releases"), rpc.UNKNOWN)
    assert len(said) == 1
    assert "not known before the run: namespace, blue.image" in said[0]


def refused(kind: str, inputs: Json, opts: pulumi.ResourceOptions | None = None) -> dict[str, str]:
    with pytest.raises(InputPropertiesError) as caught:
        construct(kind, inputs, opts)
    return {one["property_path"]: one["reason"] for one in caught.value.errors or ()}


def test_an_unknown_input_in_a_run_is_refused(recorder: Recorder) -> None:
    assert "is not known in this run" in refused("BlueGreenService", SHOP | {"port": UNKNOWN})["port"]
    assert recorder.resources == []


def test_what_the_component_itself_refuses_is_told_beside_its_property(recorder: Recorder) -> None:
    found = refused("BlueGreenService", SHOP | {"blue": ONE | {"secrets": {"DB": "db-password"}}})
    assert "the stack's config has no cutover:db-password" in found["shop.blue.secrets.DB"]


def test_a_provider_of_its_own_needs_a_cluster(recorder: Recorder) -> None:
    own = "urn:pulumi:test::cutover::pulumi:providers:kubernetes::mine::id"
    opts = pulumi.ResourceOptions(providers={"kubernetes": DependencyProviderResource(own)})
    assert "kubeconfig" in refused("BlueGreenService", SHOP | {"cluster": None}, opts)["cluster"]
    assert construct("BlueGreenService", SHOP, opts)["active"] == "blue"
    foreign = "urn:pulumi:test::cutover::pulumi:providers:aws::mine::id"
    opts = pulumi.ResourceOptions(providers={"aws": DependencyProviderResource(foreign)})
    assert construct("BlueGreenService", SHOP, opts)["active"] == "blue"


def test_what_the_inputs_come_from_is_deleted_after_it(recorder: Recorder) -> None:
    opts = pulumi.ResourceOptions(depends_on=[DependencyResource("urn:a")])
    construct("BlueGreenService", SHOP, opts, urns=("urn:b",))
    after = opts.depends_on
    assert isinstance(after, list)
    assert len(after) == 2


def test_there_is_no_other_component(recorder: Recorder) -> None:
    with pytest.raises(
        pulumi.RunError, match="there is no component cutover:index:Shop; there are: cutover:index:Blue"
    ):
        run_program(lambda: Components().construct("shop", "cutover:index:Shop", Given({}, set())).urn)


class Context:
    """What the server tells the engine."""

    def __init__(self) -> None:
        self.told: list[tuple[grpc.StatusCode, str]] = []

    async def abort(self, code: grpc.StatusCode, details: str) -> None:
        self.told.append((code, details))
        raise EOFError

    async def abort_with_status(self, status: Any) -> None:
        self.told.append((status.code, status.details))
        assert status.trailing_metadata[0][0] == "grpc-status-details-bin"
        raise EOFError


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (NotReady("blue is not ready", "why", "fix"), grpc.StatusCode.FAILED_PRECONDITION, "code: gate.not_ready"),
        (pulumi.RunError("said"), grpc.StatusCode.FAILED_PRECONDITION, "said"),
        (InputPropertiesError("all", [{"property_path": "a", "reason": "b"}]), grpc.StatusCode.INVALID_ARGUMENT, "all"),
        (KeyError("a bug"), grpc.StatusCode.INTERNAL, "RuntimeError: of the SDK"),
    ],
)
def test_what_a_construct_ends_with(
    error: Exception,
    code: grpc.StatusCode,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def fails(*_: Any) -> None:
        raise RuntimeError("of the SDK") from error

    monkeypatch.setattr(server, "_require_version", lambda _engine: asyncio.sleep(0))
    monkeypatch.setattr(Servicer, "_construct", fails)
    context = Context()
    with pytest.raises(EOFError):
        asyncio.run(Servicer(Components(), [], "nowhere").Construct(None, context))  # type: ignore[arg-type]
    ((told, said),) = context.told
    assert told == code
    assert words in said
    # Only what nobody foresaw is a traceback.
    assert ("Traceback" in capsys.readouterr().err) == isinstance(error, KeyError)
