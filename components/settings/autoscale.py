"""A HorizontalPodAutoscaler, for the strategies that can have one: on CPU by two numbers, or as a fragment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from components.settings.base import GIVEN, Fault, Rule, Settings, Values, Why
from components.settings.scaled_object import counts, is_scaled_object
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
    """`replicas` and `autoscale`, or `autoscaler`, exclude each other."""
    key = "autoscale" if values["autoscale"] is not None else "autoscaler"
    if values[key] and "replicas" in values[GIVEN]:
        field = "minReplicaCount" if is_scaled_object(values["autoscaler"]) else "minReplicas"
        least = "autoscale.min_replicas" if key == "autoscale" else f"autoscaler.spec.{field}"
        yield Fault(
            ("replicas",),
            f"replicas is set together with {key}",
            "each `up` would undo what the autoscaler did, in the middle of the load it reacted to",
            f"remove replicas; {least} is the number to start from",
        )


def _autoscale_has_request(values: Values) -> Iterator[Fault]:
    """`autoscale` needs `resources.requests.cpu`, unless `autoscaler` has metrics of its own."""
    own = is_scaled_object(values["autoscaler"]) or "metrics" in (values["autoscaler"].get("spec") or {})
    if values["autoscale"] is not None and not own and values["resources"].requests.cpu is None:
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


@dataclass(frozen=True, slots=True)
class Scaling:
    """Between which numbers of pods an autoscaler chooses."""

    min_replicas: int
    max_replicas: int
    field: str
    """The key that says the fewest."""


def scaling_of(autoscale: Autoscale | None, autoscaler: Mapping[str, Any]) -> Scaling | None:
    """The numbers of the autoscaler that two keys make; None where neither makes one, or one that is refused."""
    if autoscale:
        return Scaling(autoscale.min_replicas, autoscale.max_replicas, "autoscale.min_replicas")
    if is_scaled_object(autoscaler):
        found = counts(autoscaler)
        return Scaling(*found, "autoscaler.spec.minReplicaCount") if found else None
    spec = autoscaler.get("spec")
    if not isinstance(spec, Mapping) or not isinstance(spec.get("maxReplicas"), int):
        return None
    fewest = spec.get("minReplicas", 1)
    known = isinstance(fewest, int)
    return Scaling(fewest, spec["maxReplicas"], "autoscaler.spec.minReplicas") if known else None


SCALED_RULES: tuple[Rule, ...] = (
    Rule(("autoscale", "autoscaler"), _one_owner_of_replicas),
    Rule(("autoscale", "autoscaler", "resources"), _autoscale_has_request),
)
"""Of every model that has `autoscale` beside `replicas`."""
