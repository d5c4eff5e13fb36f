"""Cross-field rules of several versions of a service at once."""

from collections.abc import Iterator

from components.settings.base import Fault, Rule, Values


def _active_is_a_version(values: Values) -> Iterator[Fault]:
    """`active` must be one of `versions`."""
    active, versions = values["active"], values["versions"]
    if active is not None and active not in versions:
        yield Fault(
            ("active",),
            f"active is {active}, which is none of the versions ({', '.join(versions)})",
            "the Service would select no pod: every request would fail",
            f"set active to one of {', '.join(versions)}; put a version back under versions to send to it again",
        )


def _versions_forbid_nothing(values: Values) -> Iterator[Fault]:
    """`rollback` is for releases of blue/green and rolling services."""
    for key, release in values["versions"].items():
        if release.rollback is not None:
            yield Fault(
                ("versions", key, "rollback"),
                f"rollback is {release.rollback}, but versions side by side serve at once",
                "nothing would hold anybody to it: the other versions go on with the same data",
                "remove it; take a version that may not serve any more out of versions",
            )


SIDE_BY_SIDE_RULES: tuple[Rule, ...] = (
    Rule(("active", "versions"), _active_is_a_version),
    Rule(("versions",), _versions_forbid_nothing),
)
