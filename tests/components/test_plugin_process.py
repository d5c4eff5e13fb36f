"""The plugin as a process, without an engine: what it says of itself, how it refuses, how it ends."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, errors_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from components.plugin.package import text, version
from tests.packaged import ROOT


class Engine(engine_pb2_grpc.EngineServicer):
    """The one question that the plugin asks an engine before it makes anything."""

    refusal = ""

    def RequirePulumiVersion(self, request: Any, context: Any) -> Any:  # noqa: N802
        assert request.pulumi_version_range == ">=3.238.0"
        if self.refusal:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, self.refusal)
        return engine_pb2.RequirePulumiVersionResponse()


@pytest.fixture
def engine() -> Iterator[tuple[Engine, str]]:
    served = grpc.server(ThreadPoolExecutor(1))
    port, made = served.add_insecure_port("127.0.0.1:0"), Engine()
    engine_pb2_grpc.add_EngineServicer_to_server(made, served)
    served.start()
    yield made, f"127.0.0.1:{port}"
    served.stop(None).wait()


@pytest.fixture
def plugin(engine: tuple[Engine, str]) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, str(ROOT / "plugin"), engine[1], "--logflow"], env={"PYTHONPATH": str(ROOT)}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as started:  # fmt: skip
        yield started
        started.kill()


@pytest.fixture
def asked(plugin: "subprocess.Popen[str]") -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    assert plugin.stdout
    with grpc.insecure_channel(f"127.0.0.1:{int(plugin.stdout.readline())}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)


def test_what_it_is(asked: provider_pb2_grpc.ResourceProviderStub) -> None:
    assert asked.GetSchema(provider_pb2.GetSchemaRequest()).schema == text()
    assert asked.GetPluginInfo(struct_pb2.Value()).version == version()


def test_wrong_inputs_are_details_of_the_answer(asked: provider_pb2_grpc.ResourceProviderStub) -> None:
    inputs = struct_pb2.Struct()
    inputs.update({"namespace": "ns", "port": 99980.0, "release": {"build": 1.5}})
    request = provider_pb2.ConstructRequest(type="cutover:index:RollingApp", name="app", inputs=inputs)
    with pytest.raises(grpc.RpcError) as caught:
        asked.Construct(request)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    status, found = status_pb2.Status(), errors_pb2.InputPropertiesError()
    status.ParseFromString(dict(caught.value.trailing_metadata())["grpc-status-details-bin"])
    assert status.details[0].Unpack(found)
    assert {one.property_path for one in found.errors} == {
        "port",
        "release.build",
        "release.version",
        "release.image",
    }


def test_an_engine_that_is_too_old_is_refused(
    asked: provider_pb2_grpc.ResourceProviderStub, engine: tuple[Engine, str]
) -> None:
    engine[0].refusal = "Pulumi CLI version 3.200.0 does not satisfy the version range"
    with pytest.raises(grpc.RpcError) as caught:
        asked.Construct(provider_pb2.ConstructRequest(type="cutover:index:RollingApp", name="app"))
    assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert str(caught.value.details()).startswith(
        "Pulumi CLI version 3.200.0 does not satisfy the version range. A gate"
    )


def test_it_ends_at_once_when_the_engine_ends_it(
    plugin: "subprocess.Popen[str]", asked: provider_pb2_grpc.ResourceProviderStub
) -> None:
    asked.GetPluginInfo(struct_pb2.Value())
    plugin.send_signal(signal.SIGINT)
    _, said = plugin.communicate(timeout=10)
    assert plugin.returncode == 1
    assert said == ""
