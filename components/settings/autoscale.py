"""A HorizontalPodAutoscaler on CPU, for the strategies that can have one."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from components.settings.base import GIVEN, Fault, Rule, Settings, Values, Why
from components.settings.values import Percent, Positive


def _autoscale_range(values: Values) -> Iterator[Fault]:
    """`min_replicas` may not exceed `max_replicas`."""
    fewest, most = values["min_replicas"], values["max_replicas"]
    if fewest > most:
        yield Fault(
            ("min_replicas",),
            f"min_replicas is {fewest}, more than max_replicas of {most}",
            "the API server refuses such an autoscaler",
            "swap the two, or raise max_replicas",
        )


def _one_owner_of_replicas(values: Values) -> Iterator[Fault]:
    """`replicas` and `autoscale` exclude each other."""
    if values["autoscale"] is not None and "replicas" in values[GIVEN]:
        yield Fault(
            ("replicas",),
            "replicas is set together with autoscale",
            "each `up` would undo what the autoscaler did, in the middle of the load it reacted to",
            "remove replicas; autoscale.min_replicas is the number to start from",
        )


def _autoscale_has_request(values: Values) -> Iterator[Fault]:
    """`autoscale` needs `resources.requests.cpu`."""
    if values["autoscale"] is not None and values["resources"].requests.cpu is None:
        yield Fault(
            ("autoscale", "cpu_percent"),
            f"autoscale aims at {values['autoscale'].cpu_percent} % of a CPU request that is not set",
            "the autoscaler cannot compute a percentage of nothing and never scales",
            "set resources.requests.cpu, for instance 250m",
        )


class Autoscale(Settings):
    """A HorizontalPodAutoscaler on CPU; it owns the number of pods, the program never writes it."""

    min_replicas: Annotated[Positive, Why("fewer than two are an outage when one dies")] = Field(
        description="The fewest pods."
    )
    max_replicas: Annotated[Positive, Why("without a limit a runaway load fills the cluster")] = Field(
        description="The most pods."
    )
    cpu_percent: Annotated[Percent, Why("the rest is what carries the load until a new pod is ready")] = Field(
        default=70, description="CPU use, in percent of the request, to aim at."
    )

    rules = (Rule(("min_replicas", "max_replicas"), _autoscale_range),)


SCALED_RULES: tuple[Rule, ...] = (
    Rule(("autoscale",), _one_owner_of_replicas),
    Rule(("autoscale", "resources"), _autoscale_has_request),
)
"""Of every model that has `autoscale` beside `replicas`."""
