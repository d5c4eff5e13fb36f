"""The settings of a container: its CPU and memory, its rights."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from components.rules.quantity import parse_quantity
from components.settings.base import Fault, Rule, Settings, Values, Why
from components.settings.values import Capabilities, Cpu, Memory, UserId


class Compute(Settings):
    """An amount of CPU and memory."""

    cpu: Cpu | None = Field(default=None, description="CPU as a Kubernetes quantity: `250m`, `1.5`.")
    memory: Memory | None = Field(default=None, description="Memory as a Kubernetes quantity: `512Mi`, `2Gi`.")


def _request_within_limit(values: Values) -> Iterator[Fault]:
    """A request may not exceed its limit."""
    requests: Compute = values["requests"]
    limits: Compute = values["limits"]
    for kind, request, limit in (("cpu", requests.cpu, limits.cpu), ("memory", requests.memory, limits.memory)):
        if request is not None and limit is not None and parse_quantity(request) > parse_quantity(limit):
            yield Fault(
                ("requests", kind),
                f"requests {request} of {kind}, more than the limit of {limit}",
                "the API server refuses the pod, so the release never starts",
                f"lower requests.{kind} or raise limits.{kind}",
            )


class Resources(Settings):
    """The amounts that each container asks for and may at most use."""

    requests: Annotated[Compute, Why("pods without a request are the first that a full node evicts")] = Field(
        default=Compute(), description="Reserved on the node."
    )
    limits: Annotated[Compute, Why("a CPU limit throttles, a memory limit kills: none unasked")] = Field(
        default=Compute(), description="The most a container may use."
    )

    rules = (Rule(("requests", "limits"), _request_within_limit),)


def _root_and_non_root(values: Values) -> Iterator[Fault]:
    """`run_as_user: 0` needs `run_as_non_root: false`."""
    if values["run_as_non_root"] and values["run_as_user"] == 0:
        yield Fault(
            ("run_as_user",),
            "run_as_user is 0 (root) while run_as_non_root is true",
            "the kubelet refuses to start such a container, so no pod of the release gets ready",
            "choose another user id, or, if the image must run as root, set run_as_non_root: false",
        )


def _admin_without_escalation(values: Values) -> Iterator[Fault]:
    """`SYS_ADMIN` needs `allow_privilege_escalation: true`."""
    if "SYS_ADMIN" in values["add_capabilities"] and not values["allow_privilege_escalation"]:
        yield Fault(
            ("add_capabilities",),
            "adds SYS_ADMIN while allow_privilege_escalation is false",
            "the API server refuses the pod: SYS_ADMIN is an escalation",
            "leave SYS_ADMIN out, or set allow_privilege_escalation: true",
        )


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

    rules = (
        Rule(("run_as_user", "run_as_non_root"), _root_and_non_root),
        Rule(("add_capabilities", "allow_privilege_escalation"), _admin_without_escalation),
    )
