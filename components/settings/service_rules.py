"""Cross-field rules of services: which release is where, how many pods, and names that must not meet."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from components.rules.surge import resolve, stuck_at_zero
from components.settings.base import GIVEN, Fault, Rule, Values
from components.settings.name_rules import no_shared_names

if TYPE_CHECKING:
    from components.settings.release import Release
    from components.settings.services import Autoscale


def _surge_moves(values: Values, replicas: int, field: str) -> Iterator[Fault]:
    surge, unavailable = values["max_surge"], values["max_unavailable"]
    if stuck_at_zero(surge, unavailable, replicas):
        yield Fault(
            ("max_unavailable",),
            f"max_surge {surge!r} and max_unavailable {unavailable!r} of {field} {replicas} round to "
            "{} and {} pods".format(*resolve(surge, unavailable, replicas)),
            "no pod could be added or taken away; Kubernetes would silently take 1 away all the same",
            "set max_surge: 1, or max_unavailable: 1 if a pod may be missing during an update",
        )


def _active_has_release(values: Values) -> Iterator[Fault]:
    """The active color must have a release."""
    active = values["active"]
    if active in values and values[active] is None:
        yield Fault(
            (active,),
            f"active is {active}, but {active} has no release",
            "the live Service would select no pod: every request would fail",
            f"give {active} a version, build and image, or set active to the other color",
        )


def _standby_within_replicas(values: Values) -> Iterator[Fault]:
    """`standby_replicas` may not exceed `replicas`, or `autoscale.max_replicas`."""
    standby, scale = values["standby_replicas"], values["autoscale"]
    replicas = scale.max_replicas if scale else values["replicas"]
    if standby is not None and standby > replicas:
        yield Fault(
            ("standby_replicas",),
            f"standby_replicas is {standby}, more than the {replicas} replicas that take the traffic",
            "the cutover would scale the new color down at the moment it gets the traffic",
            f"lower standby_replicas to {replicas} or less, or leave it out",
        )


def _one_id_one_content(values: Values) -> Iterator[Fault]:
    """`blue` and `green` of one version and build must be the same release."""
    blue: Release | None = values["blue"]
    green: Release | None = values["green"]
    if blue is None or green is None or blue.id != green.id or blue == green:
        return
    fields = ("image", "env", "config", "config_files", "secrets", "pod", "rollback")
    differing = ", ".join(name for name in fields if getattr(blue, name) != getattr(green, name))
    idle = "blue" if values.get("active") == "green" else "green"
    yield Fault(
        (idle, "build"),
        f"blue and green are both version {blue.version} build {blue.build}, but differ in {differing}",
        "one id would stand for two contents: gates, labels and the history could not tell them apart",
        f"give the release that changed a build of its own, for instance {idle}.build: {blue.build + 1}",
    )


def _replica_set_never_rolls(values: Values) -> Iterator[Fault]:
    """`workload: replica-set` takes no `max_surge` and no `max_unavailable`."""
    if values["workload"] == "replica-set":
        for name in ("max_surge", "max_unavailable"):
            if name in values[GIVEN]:
                yield Fault(
                    (name,),
                    f"{name} is set while workload is replica-set",
                    "a ReplicaSet never replaces its pods, so the setting would promise what nothing does",
                    f"remove {name}, or set workload: deployment",
                )


def _blue_green_surge(values: Values) -> Iterator[Fault]:
    """`max_surge` and `max_unavailable` may not both round to 0 pods, at the color with the fewest."""
    if values["workload"] == "deployment":
        standby, scale = values["standby_replicas"], values["autoscale"]
        live = ("autoscale.min_replicas", scale.min_replicas) if scale else ("replicas", values["replicas"])
        field, fewest = ("standby_replicas", standby) if standby else live
        yield from _surge_moves(values, fewest, field)


def _smoke_fits_timeout(values: Values) -> Iterator[Fault]:
    """`timeout_seconds` must leave time for all `successes`."""
    whole, waits = values["timeout_seconds"], (values["successes"] - 1) * values["interval_seconds"]
    if waits >= whole:
        yield Fault(
            ("timeout_seconds",),
            f"{values['successes']} successes {values['interval_seconds']:g} s apart take {waits:g} s, "
            f"but timeout_seconds is {whole:g} s",
            "the check could never pass, so no release would ever get traffic",
            f"raise timeout_seconds above {waits:g}, or ask for fewer successes",
        )


def _request_within_timeout(values: Values) -> Iterator[Fault]:
    """`request_timeout_seconds` may not exceed `timeout_seconds`."""
    request, whole = values["request_timeout_seconds"], values["timeout_seconds"]
    if request > whole and "request_timeout_seconds" in values[GIVEN]:
        yield Fault(
            ("request_timeout_seconds",),
            f"request_timeout_seconds is {request:g} s, more than the {whole:g} s of the whole check",
            "the first slow answer would use up the check without a word about why",
            f"lower request_timeout_seconds to {whole:g} or less, or raise timeout_seconds",
        )


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


def _rolling_surge(values: Values) -> Iterator[Fault]:
    """`max_surge` and `max_unavailable` may not both round to 0 pods, at the fewest replicas."""
    autoscale: Autoscale | None = values["autoscale"]
    if autoscale is None:
        yield from _surge_moves(values, values["replicas"], "replicas")
    else:
        yield from _surge_moves(values, autoscale.min_replicas, "autoscale.min_replicas")


def _something_runs(values: Values) -> Iterator[Fault]:
    """There is a service, or an environment."""
    if not values["services"] and values["environments"] is None:
        yield Fault(
            ("services",),
            f"services is {'empty' if 'services' in values[GIVEN] else 'missing'}, and there is no environment",
            "`up` would delete all that run",
            "write the services below cutover:services; to delete everything, `pulumi destroy`",
        )


def _members_exist(values: Values) -> Iterator[Fault]:
    """The members of a group are blue/green services of the stack, each in one group."""
    services, groups = values["services"], values["groups"]
    fitting = ", ".join(sorted(name for name, one in services.items() if one.strategy == "blue-green"))
    owner: dict[str, str] = {}
    for group, settings in groups.items():
        for number, member in enumerate(settings.services):
            path = ("groups", group, "services", number)
            kind = services[member].strategy if member in services else None
            if kind != "blue-green":
                yield Fault(
                    path,
                    f"{member!r} is {'no service of this stack' if kind is None else f'a {kind} service'}",
                    "the group could not cut it over, and its other members would move alone",
                    f"name blue/green services: {fitting or 'there is none'}",
                )
            elif member in owner:
                yield Fault(
                    path,
                    f"{member!r} is in {owner[member]!r} already",
                    "two keys would decide about one service",
                    "name it in one group, once",
                )
            elif services[member].active != settings.active:
                yield Fault(
                    ("services", member, "active"),
                    f"active is {services[member].active}, but {member!r} belongs to the group {group!r}, "
                    f"whose active is {settings.active}",
                    "the members of a group move together or not at all",
                    f"remove active from {member!r}; edit groups.{group}.active",
                )
            elif any(one and one.adopt for one in (services[member].blue, services[member].green)):
                yield Fault(
                    path,
                    f"{member!r} has an adopted color",
                    "adopted pods were never told the addresses of their color: they would call the other one",
                    f"give both colors of {member!r} a release of their own first, then let it join",
                )
            owner.setdefault(member, group)


SMOKE_RULES: tuple[Rule, ...] = (
    Rule(("timeout_seconds", "successes", "interval_seconds"), _smoke_fits_timeout),
    Rule(("timeout_seconds", "request_timeout_seconds"), _request_within_timeout),
)
AUTOSCALE_RULES: tuple[Rule, ...] = (Rule(("min_replicas", "max_replicas"), _autoscale_range),)
BLUE_GREEN_RULES: tuple[Rule, ...] = (
    Rule(("active",), _active_has_release),
    Rule(("autoscale",), _one_owner_of_replicas),
    Rule(("autoscale", "resources"), _autoscale_has_request),
    Rule(("standby_replicas", "replicas", "autoscale"), _standby_within_replicas),
    Rule(("blue", "green"), _one_id_one_content),
    Rule(("workload",), _replica_set_never_rolls),
    Rule(("workload", "max_surge", "max_unavailable", "standby_replicas", "replicas", "autoscale"), _blue_green_surge),
)
ROLLING_RULES: tuple[Rule, ...] = (
    Rule(("autoscale",), _one_owner_of_replicas),
    Rule(("autoscale", "resources"), _autoscale_has_request),
    Rule(("max_surge", "max_unavailable", "replicas", "autoscale"), _rolling_surge),
)
STACK_RULES: tuple[Rule, ...] = (
    Rule(("services", "environments"), _something_runs),
    Rule(("services", "environments"), no_shared_names),
    Rule(("services", "groups"), _members_exist),
)
