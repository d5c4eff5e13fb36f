"""The settings of a probe: what the kubelet asks of a pod."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from components.settings.base import GIVEN, PROBED, UNPROBED, Fault, Rule, Settings, Values, Why
from components.settings.values import Arguments, Count, HeaderName, HttpPath, PortOrName, Positive, Text
from contract.text import quoted

_OF_KIND = {
    "host": ("http", "tcp"),
    "path": ("http",),
    "scheme": ("http",),
    "headers": ("http",),
    "grpc_service": ("grpc",),
    "command": ("exec",),
}


def _of_its_kind(values: Values) -> Iterator[Fault]:
    """A probe has the keys of its `kind` only; `exec` needs `command`, and `grpc` a port by number."""
    kind = values["kind"]
    for name, wanted in _OF_KIND.items():
        if name in values[GIVEN] and kind not in wanted:
            yield Fault(
                (name,),
                f"{name} is set while kind is {kind}",
                "the probe would not do what it says",
                f"remove {name}, or set kind: {wanted[0]}",
            )
    if kind == "exec" and not values.get("command"):
        yield Fault(
            ("command",),
            "kind is exec, and command is not given",
            "nobody knows what to run: no pod would ever get ready",
            "add command: [program, argument]",
        )
    if kind == "exec" and values.get("port") is not None:
        yield Fault(("port",), "port is set while kind is exec", "a command asks no port", "remove port")
    if kind == "grpc" and isinstance(values.get("port"), str):
        yield Fault(
            ("port",),
            f"port is {quoted(values['port'])} while kind is grpc",
            "Kubernetes takes only a number there, and refuses the pod",
            "write the number of the port",
        )


class HttpProbe(Settings):
    """A check that the kubelet makes of each pod: an HTTP GET, a TCP connection, a gRPC health check or a command."""

    kind: Annotated[
        Literal["http", "tcp", "grpc", "exec"], Why("an open port is no proof that the application answers")
    ] = Field(default="http", description="What is done: HTTP GET, open a TCP connection, gRPC health check, command.")
    path: HttpPath = Field(default="/readyz", description="`http`: path that answers 200-399 when all is well.")
    port: PortOrName | None = Field(
        default=None, description="Port to ask, by number or by its name in `ports`, if not the container's own."
    )
    host: Text | None = Field(
        default=None,
        description="`http`, `tcp`: address to ask instead of the pod's own, such as 127.0.0.1 in a pod with "
        "`hostNetwork`; the `Host` of a request is one of `headers`.",
    )
    scheme: Literal["HTTP", "HTTPS"] = Field(
        default="HTTP", description="`http`: whether the port speaks TLS; no certificate is checked."
    )
    headers: dict[HeaderName, Text] = Field(default={}, description="`http`: headers of the request.")
    grpc_service: Text | None = Field(
        default=None, description="`grpc`: name of the service to ask for; none asks for the server as a whole."
    )
    command: Arguments | None = Field(
        default=None,
        description="`exec`: program and arguments, run in the container; all is well when it ends with 0.",
    )
    period_seconds: Annotated[Positive, Why("at 10 s a pod that went bad keeps its traffic for half a minute")] = Field(
        default=2, description="Time between two probes."
    )
    timeout_seconds: Annotated[Positive, Why("a pod too slow to answer a probe is too slow for users")] = Field(
        default=1, description="Time in which the probe must be answered."
    )
    failure_threshold: Annotated[Positive, Why("one lost packet must not take a pod out of traffic")] = Field(
        default=3, description="Failures in a row that count as failed."
    )
    success_threshold: Positive = Field(default=1, description="Successes in a row that count as well again.")
    initial_delay_seconds: Annotated[Count, Why("a wait here delays every pod of every rollout")] = Field(
        default=0, description="Time before the first probe; for slow starts use `startup`."
    )

    rules = (Rule(("kind",), _of_its_kind),)


def _which(value: Any) -> str:
    return UNPROBED if value == "none" else PROBED


Readiness = Annotated[
    Annotated[HttpProbe, Tag(PROBED)] | Annotated[Literal["none"], Tag(UNPROBED)], Discriminator(_which)
]
