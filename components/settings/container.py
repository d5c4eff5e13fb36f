"""Parts of a container's settings: its CPU and memory, its probes, its rights."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from components.settings import pod_rules
from components.settings.base import PROBED, UNPROBED, Settings, Why
from components.settings.values import (
    Arguments,
    Capabilities,
    Count,
    Cpu,
    HeaderName,
    HttpPath,
    Memory,
    PortOrName,
    Positive,
    Text,
    UserId,
)


class Compute(Settings):
    """An amount of CPU and memory."""

    cpu: Cpu | None = Field(default=None, description="CPU as a Kubernetes quantity: `250m`, `1.5`.")
    memory: Memory | None = Field(default=None, description="Memory as a Kubernetes quantity: `512Mi`, `2Gi`.")


class Resources(Settings):
    """What each container asks for and may at most use."""

    requests: Annotated[Compute, Why("pods without a request are the first that a full node evicts")] = Field(
        default=Compute(), description="Reserved on the node."
    )
    limits: Annotated[Compute, Why("a CPU limit throttles, a memory limit kills: none unasked")] = Field(
        default=Compute(), description="The most a container may use."
    )

    rules = (pod_rules.REQUEST_WITHIN_LIMIT,)


class HttpProbe(Settings):
    """A check that the kubelet makes of each pod: an HTTP GET, a TCP connection, a gRPC health check or a command."""

    kind: Annotated[
        Literal["http", "tcp", "grpc", "exec"], Why("an open port is no proof that the application answers")
    ] = Field(default="http", description="What is done: HTTP GET, open a TCP connection, gRPC health check, command.")
    path: HttpPath = Field(default="/readyz", description="`http`: path that answers 200-399 when all is well.")
    port: PortOrName | None = Field(
        default=None, description="Port to ask, by number or by its name in `ports`, if not the container's own."
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

    rules = pod_rules.PROBE_RULES


def _which(value: Any) -> str:
    return UNPROBED if value == "none" else PROBED


Readiness = Annotated[
    Annotated[HttpProbe, Tag(PROBED)] | Annotated[Literal["none"], Tag(UNPROBED)], Discriminator(_which)
]


class Security(Settings):
    """The container's rights. The defaults pass the 'restricted' Pod Security Standard."""

    run_as_user: Annotated[UserId, Why("root that breaks out of its container owns the node")] = Field(
        default=65532, description="User id of the process (65532 is 'nonroot' in distroless images)."
    )
    run_as_group: UserId = Field(default=65532, description="Group id of the process and of its volumes.")
    run_as_non_root: Annotated[bool, Why("an image rebuilt to run as root goes unnoticed otherwise")] = Field(
        default=True, description="Let the kubelet refuse an image that runs as root."
    )
    read_only_root_filesystem: Annotated[bool, Why("an intruder cannot change the program he got into")] = Field(
        default=True, description="Mount the image read-only; see `writable_paths`."
    )
    allow_privilege_escalation: Annotated[bool, Why("one setuid program in the image gives root away")] = Field(
        default=False, description="Allow setuid programs to gain rights."
    )
    add_capabilities: Capabilities = Field(
        default=(), description="Capabilities on top of none, such as `NET_BIND_SERVICE`; all others are dropped."
    )
    seccomp: Annotated[
        Literal["RuntimeDefault", "Unconfined"], Why("system calls no web service needs are how kernels get attacked")
    ] = Field(default="RuntimeDefault", description="System call filter.")

    rules = (pod_rules.ROOT_AND_NON_ROOT, pod_rules.ADMIN_WITHOUT_ESCALATION)
