"""Cross-field rules of a canary by pods, with no route: what such a service may be, and which share its pods make."""

from collections.abc import Iterator

from components.settings.base import Fault, Rule, Values
from components.settings.route import Canary
from contract.pod_shares import most, pods_for
from contract.releases import other

_UNEVEN = {"trafficDistribution": None, "internalTrafficPolicy": "Local", "externalTrafficPolicy": "Local"}
"""What of a Service has its clients choose among the pods that are near, and the value that does; None: any."""


def _by_pods(values: Values) -> Canary | None:
    return values["canary"] if values["route"] is None else None


def _pods_are_counted(values: Values) -> Iterator[Fault]:
    """Without a `route`, `canary` goes neither with `autoscale` nor with `autoscaler`."""
    if _by_pods(values) is None:
        return
    for key in ("autoscale", "autoscaler"):
        if values[key]:
            yield Fault(
                (key,),
                f"{key} is set on a service whose canary is a number of pods",
                "the autoscaler changes the pods of the color that serves, and each change would be another share",
                f"remove {key}, or the canary",
            )


def _no_look_at_requests(values: Values) -> Iterator[Fault]:
    """Without a `route`, `canary` has no `match`."""
    canary = _by_pods(values)
    if canary and canary.match:
        yield Fault(
            ("canary", "match"),
            "match is given, and the share is made of pods",
            "a Service looks at no header: the requests would meet either color",
            f"remove match; who wants one release asks its color's own Service, <service>-{other(values['active'])}",
        )


def _evenly_spread(values: Values) -> Iterator[Fault]:
    """Without a `route`, `canary` does not go with a `service` whose clients choose among some of its pods."""
    spec = values["service"].get("spec") or {}
    if _by_pods(values) is None:
        return
    for field, local in _UNEVEN.items():
        if field in spec and local in (None, spec[field]):
            yield Fault(
                ("service", "spec", field),
                f"{field} is {spec[field]} on a service whose canary is a number of pods",
                "who is near one pod meets that one: the share would be another in each place, and is not known",
                f"remove {field}, or the canary",
            )


def _nothing_adopted(values: Values) -> Iterator[Fault]:
    """Without a `route`, `canary` does not go with `adopt_service`."""
    if _by_pods(values) and values["adopt_service"]:
        yield Fault(
            ("adopt_service",),
            "adopt_service is set on a service whose canary is a number of pods",
            "pods of others' making carry none of the labels by which both colors are found",
            "remove canary for as long as the Service is an adopted one",
        )


def _pods_make_the_share(values: Values) -> Iterator[Fault]:
    """Without a `route`, a `weight` of `canary` takes at most as many pods of the idle color as the active one has;
    with `cutover: labels` of its `standby_replicas`.
    """
    canary = _by_pods(values)
    if canary is None or values["autoscale"] or values["autoscaler"]:
        return
    replicas, standby, idle = values["replicas"], values["standby_replicas"], other(values["active"])
    at_most = most(replicas, replicas)
    needs = pods_for(canary.weight, replicas) if canary.weight <= at_most else 0
    has = replicas if standby is None or values["cutover"] == "selector" else standby
    if canary.weight > at_most:
        yield Fault(
            ("canary", "weight"),
            f"weight is {canary.weight}, and {at_most} is the most that pods make",
            f"the active color keeps its {replicas} pods, and {idle} has no more than as many",
            f"lower canary.weight to {at_most} or less, or cut over: active: {idle}, without canary",
        )
    elif needs > has:
        yield Fault(
            ("canary", "weight"),
            f"weight {canary.weight} takes {needs} of {idle}'s pods beside {replicas} of {values['active']}'s, and "
            f"{idle} has {has} (standby_replicas)",
            "the share would be smaller than it says" if has else "a share of the users would meet nobody",
            f"set standby_replicas to {needs}" + (f", or canary.weight to {most(has, replicas)}" if has else ""),
        )


POD_CANARY_RULES: tuple[Rule, ...] = (
    Rule(("canary", "route", "autoscale", "autoscaler"), _pods_are_counted),
    Rule(("canary", "route", "active"), _no_look_at_requests),
    Rule(("canary", "route", "service"), _evenly_spread),
    Rule(("canary", "route", "adopt_service"), _nothing_adopted),
    Rule(
        ("canary", "route", "cutover", "active", "replicas", "standby_replicas", "autoscale", "autoscaler"),
        _pods_make_the_share,
    ),
)
