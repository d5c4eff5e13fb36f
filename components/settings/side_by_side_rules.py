"""Cross-field rules of what stands side by side."""

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


SIDE_BY_SIDE_RULES: tuple[Rule, ...] = (Rule(("active", "versions"), _active_is_a_version),)
