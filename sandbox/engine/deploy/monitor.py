"""The two gRPC services that the SDK talks to: ResourceMonitor and Engine."""

import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, resource_pb2, resource_pb2_grpc

from sandbox.engine.deploy.control import StepError, StoppedError
from sandbox.engine.deploy.events import Severity
from sandbox.engine.deploy.hooks import LIMITS, HookError, Hooks
from sandbox.engine.deploy.registrar import Registrar
from sandbox.engine.deploy.steps import Steps
from sandbox.engine.properties import values

_FEATURES = {
    "secrets": "SECRETS",
    "resourceReferences": "RESOURCE_REFERENCES",
    "outputValues": "OUTPUT_VALUES",
    "aliasSpecs": "ALIAS_SPECS",
    "deletedWith": "DELETED_WITH",
    "resourceHooks": "RESOURCE_HOOKS",
}
_SEVERITIES: tuple[Severity | None, ...] = (None, "info", "warning", "error")


class Monitor(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """Answers the program; `finish` is called once the program has registered everything."""

    def __init__(self, steps: Steps, hooks: Hooks, registrar: Registrar, finish: Callable[[], None]):
        self._steps = steps
        self._hooks = hooks
        self._registrar = registrar
        self._finish = finish
        self._root = ""

    # The names are the services' own.
    def GetDeploymentInfo(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Describe the run and what this engine can do."""
        op = self._steps.op
        prefix = "RESOURCE_MONITOR_FEATURE_"
        return resource_pb2.DeploymentInfo(
            project=op.project,
            stack=op.stack,
            organization="organization",
            dryRun=op.preview,
            parallel=op.parallel,
            supportedFeatures=[resource_pb2.ResourceMonitorFeature.Value(prefix + one) for one in _FEATURES.values()],
        )

    def SupportsFeature(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Answer SDKs that ask feature by feature."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _FEATURES)

    def RegisterResourceHook(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Keep a hook for the resources that will name it."""
        try:
            self._hooks.register(request)
        except HookError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return empty_pb2.Empty()

    def RegisterResource(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Bring a resource to its goal; no answer at all once the run is failing, as with the real engine."""
        try:
            row = self._registrar.register(request)
        except (StepError, StoppedError):
            self._hang_up(context)
        except Exception as error:  # a fault of the engine: said as such, and never taken for the program's
            message = f"internal error of the engine: {error!r}\n{traceback.format_exc()}"
            self._steps.events.say("error", self._registrar.root, message)
            self._steps.control.fail(message)
            self._hang_up(context)
        outputs = dict(row.get("outputs") or {}) if request.custom else {}
        return resource_pb2.RegisterResourceResponse(
            urn=row["urn"], id=row.get("id", ""), object=values.encode(outputs), result=resource_pb2.SUCCESS
        )

    def ReadResource(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Read an object that somebody else owns."""
        try:
            row = self._registrar.read(request)
        except (StepError, StoppedError):
            self._hang_up(context)
        return resource_pb2.ReadResourceResponse(
            urn=row["urn"], id=row["id"], properties=values.encode(row["outputs"]), result=resource_pb2.SUCCESS
        )

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Complete a component."""
        self._registrar.outputs(request.urn, values.decode(request.outputs))
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Delete what the program no longer has, while its hooks can still be called."""
        self._finish()
        if self._steps.control.stopping:
            self._hang_up(context)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Look a resource of this run up; other functions belong to providers."""
        if request.tok != "pulumi:pulumi:getResource":
            self._refuse(context, f"the function {request.tok}")
        urn = values.plain(values.decode(request.args)).get("urn", "")
        row = self._registrar.lookup(urn)
        if row is None:
            context.abort(grpc.StatusCode.NOT_FOUND, f"unknown resource {urn}")
        found = {"urn": urn, "id": (row or {}).get("id", ""), "state": (row or {}).get("outputs") or {}}
        return provider_pb2.InvokeResponse(**{"return": values.encode(found)})

    def Call(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Refuse: methods belong to remote components."""
        self._refuse(context, f"the method {request.tok}")

    def RegisterStackTransform(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Refuse."""
        self._refuse(context, "transforms")

    def RegisterStackInvokeTransform(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Refuse."""
        self._refuse(context, "invoke transforms")

    def RegisterErrorHook(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Refuse."""
        self._refuse(context, "error hooks")

    def RegisterPackage(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Refuse."""
        self._refuse(context, f"parameterized packages ({request.name})")

    def Log(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Pass the program's messages on; an error fails the run, though not at once."""
        severity = _SEVERITIES[request.severity]
        # What the SDK says about the engine hanging up would bury the error that made it hang up.
        if severity is None or (self._steps.control.closed.is_set() and severity == "error"):
            return empty_pb2.Empty()
        urn = request.urn or self._registrar.root
        self._steps.events.say(severity, urn, request.message, stream=request.streamId, ephemeral=request.ephemeral)
        if severity == "error":
            self._steps.control.fail(request.message, stop=False)
        return empty_pb2.Empty()

    def GetRootResource(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Return the root that an older SDK set."""
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Keep the root for an older SDK."""
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def _hang_up(self, context: Any) -> NoReturn:
        # Answering would let the program go on; it is ended by the supervisor once the steps under way are done.
        self._steps.control.closed.wait()
        context.abort(grpc.StatusCode.UNAVAILABLE, "resource monitor shut down")
        raise AssertionError("abort raises")

    def _refuse(self, context: Any, what: str) -> NoReturn:
        message = f"this engine does not support {what}; run the program with the Pulumi CLI"
        context.abort(grpc.StatusCode.UNIMPLEMENTED, message)
        raise AssertionError("abort raises")


def serve(monitor: Monitor, parallel: int) -> tuple[grpc.Server, str]:
    """Start serving on a free local port and return the server and its address."""
    # A registration holds its thread for the whole of its wait, so there are as many as the SDK can have calls open.
    server = grpc.server(ThreadPoolExecutor(parallel * 4 + 16), options=LIMITS)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    engine_pb2_grpc.add_EngineServicer_to_server(monitor, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, f"127.0.0.1:{port}"
