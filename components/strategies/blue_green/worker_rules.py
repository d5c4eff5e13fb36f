"""Cross-field rules of a blue/green service with `port: null`: a worker, both colors of which would work at once."""

from collections.abc import Iterator

from components.settings.base import GIVEN, Fault, Rule, Values
from components.settings.worker_rules import WORKER_RULES

_ASKS = "there is nothing to ask, and nobody to send"
_OF_CALLERS = {
    "smoke": ("a worker answers no request: no release would ever pass", "use smoke_job or verify"),
    "route": (_ASKS, "remove route"),
    "canary": (_ASKS, "remove canary"),
    "expose_both": (_ASKS, "remove expose_both"),
    "services": (_ASKS, "remove services, or set port"),
}


def _nobody_calls(values: Values) -> Iterator[Fault]:
    """With `port: null` nothing is about callers: no `smoke`, `route`, `canary`, `expose_both` or
    `services`."""
    if values["port"] is None:
        for name, (why, fix) in _OF_CALLERS.items():
            if name in values[GIVEN]:
                yield Fault((name,), f"{name} is set, and port is null", why, fix)


def _moves_by_selector(values: Values) -> Iterator[Fault]:
    """With `port: null` it is `cutover: selector`."""
    if values["port"] is None and values["cutover"] == "labels":
        yield Fault(
            ("cutover",),
            "cutover is labels, and port is null",
            "a label moves connections, and a worker has none: its old pods would go on working beside the new ones",
            "remove cutover",
        )


BLUE_GREEN_WORKER_RULES: tuple[Rule, ...] = (
    *WORKER_RULES,
    Rule(("port",), _nobody_calls),
    Rule(("port", "cutover"), _moves_by_selector),
)
