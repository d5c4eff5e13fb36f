"""Cross-field rules of how a rolling service replaces its pods."""

from collections.abc import Iterator

from components.settings.base import GIVEN, Fault, Rule, Values


def _recreate_has_no_surge(values: Values) -> Iterator[Fault]:
    """`update: recreate` takes no `max_surge` and no `max_unavailable`."""
    if values["update"] == "recreate":
        for name in ("max_surge", "max_unavailable"):
            if name in values[GIVEN]:
                yield Fault(
                    (name,),
                    f"{name} is set while update is recreate",
                    "all pods stop before the first new one starts, so the setting would promise what nothing does",
                    f"remove {name}, or set update: rolling",
                )


UPDATE_RULES: tuple[Rule, ...] = (Rule(("update",), _recreate_has_no_surge),)
