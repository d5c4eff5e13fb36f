"""The inputs of a component in any language, other than its settings, as models: its place, its cluster, a group."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, SecretStr, WithJsonSchema

from components.settings.base import Fault, Rule, Settings, Values, Why, refusal
from components.settings.values import Members, Namespace, ServiceName, Text
from components.strategies.blue_green.group_settings import ColorHeader, GroupCanary
from components.strategies.blue_green.settings import BlueGreenSettings
from contract.releases import Color
from contract.text import quoted
from kubeaccess import Access as ClusterAccess


def _hidden(value: Any) -> SecretStr:
    """A text that is shown nowhere, whether it was marked secret or not."""
    if isinstance(value, str):
        value = SecretStr(value)
    if isinstance(value, SecretStr) and value.get_secret_value():
        return value
    raise refusal(
        "kubeconfig is no text, or an empty one",
        "the gates would ask another cluster than the one that is deployed to",
        "pass the content of a kubeconfig, or its path",
    )


class ClusterInputs(Settings):
    """The cluster that the gates ask. Its parts are as the Kubernetes provider's."""

    kubeconfig: Annotated[
        SecretStr | None, PlainValidator(_hidden), WithJsonSchema({"type": "string", "writeOnly": True})
    ] = Field(default=None, description="Content of a kubeconfig, or its path; without it, what kubectl would take.")
    context: Text | None = Field(default=None, description="The context in it, if not its current one.")
    cluster: Text | None = Field(default=None, description="A cluster in it, in place of the context's.")

    @property
    def access(self) -> ClusterAccess:
        """The same, as those who ask take it."""
        hidden = self.kubeconfig.get_secret_value() if self.kubeconfig else None
        return ClusterAccess(hidden, self.context, self.cluster, folder=Path())


class Place(Settings):
    """The place of a component: its namespace and its cluster."""

    namespace: Annotated[Namespace, Why("the objects would land among others' where their names may clash")] = Field(
        description="Existing namespace that everything goes into."
    )
    cluster: Annotated[ClusterInputs | None, Why("the gates would ask one cluster about pods that run in another")] = (
        Field(
            default=None,
            description="Where the gates look; needed with a Kubernetes provider of your own, whose kubeconfig it "
            "repeats. Unless given: where the stack's `kubernetes:` config, or else kubectl, points.",
        )
    )


def _all_in_order(values: Values) -> Iterator[Fault]:
    """`order` names each of `services` once: a map of another language has no order."""
    order, services = values["order"], values["services"]
    for name in sorted({*services} - {*order}):
        yield Fault(("order",), f"{name} is in services and not in order", _WHY, f"add {name} to order, at its place")
    for number, name in enumerate(order):
        if name not in services:
            yield Fault(("order", number), f"{quoted(name)} is not in services", _WHY, "remove it, or add the service")
        elif name in order[:number]:
            yield Fault(("order", number), f"{name} is in order twice", _WHY, "name it once")


_WHY = "a member that is called must be switched before its caller"


class GroupInputs(Settings):
    """Blue/green services that cut over together: all gates, then all switches."""

    active: Annotated[Color, Why("it decides which release of every member takes the traffic")] = Field(
        description="The color that takes the traffic, of every member. To cut over or roll back, change this."
    )
    services: Annotated[dict[ServiceName, BlueGreenSettings], Field(min_length=1)] = Field(
        description="The members, by name; their `active` is the group's."
    )
    order: Annotated[Members, Why(_WHY)] = Field(
        description="Names of the members, in the order of their switches: what is called before what calls it."
    )
    canary: GroupCanary = None
    color_header: ColorHeader = None
    switch: Literal["in-order", "at-once"] = Field(
        default="in-order", description="Whether each switch waits for the one before."
    )

    rules = (Rule(("order", "services"), _all_in_order),)
