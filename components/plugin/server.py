"""The plugin's process: a gRPC server that the engine starts, and asks for components."""

import argparse
import asyncio
import signal
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import grpc
from google.protobuf import struct_pb2
from pulumi.errors import InputPropertiesError, RunError
from pulumi.provider.server import ProviderServicer
from pulumi.runtime import proto
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2_grpc

from components.hooks.engine import interrupt_gates, leave_now, until_others_are_done
from components.plugin.construct import Components, Given
from components.plugin.values import depends_on, read
from components.rules.errors import CutoverError
from contract.text import one_line

_LAST_WORDS_SECONDS = 1.0  # the language host kills what is there 3 s after its signal
OLDEST_ENGINE = "3.238.0"
"""Before that version a failing `after` hook failed nothing. A project in Python says so in its Pulumi.yaml."""


class Servicer(ProviderServicer):
    """The SDK's server of components, with inputs that keep their marks, and errors that are no traceback."""

    @staticmethod
    async def _construct_inputs(inputs: struct_pb2.Struct, input_dependencies: Any) -> Given:
        urns = {urn for one in input_dependencies.values() for urn in one.urns}
        return Given(read(inputs), urns | depends_on(inputs))

    async def Construct(  # noqa: N802 - as gRPC calls it
        self, request: proto.ConstructRequest, context: Any
    ) -> proto.ConstructResponse:
        """Make a component, its gates and its end included; a failure waits for the gates of other services."""
        try:
            await _require_version(self.engine_address)
            return await self._construct(request, context)
        except Exception as error:
            await until_others_are_done()
            for one in _causes(error):
                if isinstance(one, InputPropertiesError):
                    status = self.create_grpc_invalid_properties_status(one.message, one.errors)
                    await context.abort_with_status(status)
                if isinstance(one, CutoverError | RunError):
                    await context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(one))
            print("".join(traceback.format_exception(error)), file=sys.stderr)
            await context.abort(grpc.StatusCode.INTERNAL, one_line(f"{type(error).__name__}: {error}"))
            raise


async def _require_version(engine: str) -> None:
    """Raises RunError where the engine is too old; those that cannot be asked are."""
    wanted = engine_pb2.RequirePulumiVersionRequest(pulumi_version_range=f">={OLDEST_ENGINE}")
    async with grpc.aio.insecure_channel(engine) as channel:
        try:
            await engine_pb2_grpc.EngineStub(channel).RequirePulumiVersion(wanted)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNIMPLEMENTED:
                raise RunError(f"{error.details()}. {_UPGRADE}") from None
            raise RunError(f"The Pulumi CLI is older than {OLDEST_ENGINE}. {_UPGRADE}") from None


_UPGRADE = (
    f"A gate after a switch could fail there and nothing would say so: use the Pulumi CLI {OLDEST_ENGINE} or later"
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__


def _end(provider: Components) -> None:
    """On SIGINT, which the engine or the language host sends: at once, unless gates may have to say so."""
    if interrupt_gates() or provider.canceled:
        asyncio.get_running_loop().call_later(_LAST_WORDS_SECONDS, leave_now)
    else:
        leave_now()


async def _serve(engine: str) -> None:
    provider = Components()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, _end, provider)
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(provider, [], engine), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)  # the engine reads it from the first line
    await server.wait_for_termination()


def main() -> None:
    """Serve until the engine ends the process: `pulumi-resource-cutover <address of the engine>`."""
    parser = argparse.ArgumentParser(
        prog="pulumi-resource-cutover", description="The components of cutover, as a Pulumi plugin."
    )
    parser.add_argument("engine", help="the engine's address; the Pulumi CLI gives it")
    known, _ = parser.parse_known_args()  # the rest are flags of logging and tracing
    asyncio.run(_serve(known.engine))
