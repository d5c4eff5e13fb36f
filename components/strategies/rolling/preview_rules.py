"""Cross-field rules of a rolling service's `smoke`: where one more pod of a release may run beside the others."""

from collections.abc import Iterator

from components.settings.base import Fault, Rule, Values
from components.strategies.rolling.set_rules import STATEFUL_SET


def _smoke_can_be_asked(values: Values) -> Iterator[Fault]:
    """`smoke` needs a `port`, and goes with no `workload: stateful-set` and no `update: recreate`."""
    if not values["smoke"]:
        return
    if values["port"] is None:
        yield Fault(
            ("smoke",),
            "smoke is set while port is not",
            "a worker answers no request: no release would ever pass",
            "remove smoke; a before_cutover Job can try the release",
        )
    if values["workload"] == STATEFUL_SET:
        yield Fault(
            ("smoke",),
            f"smoke is set while workload is {STATEFUL_SET}",
            "the pod that is asked would have neither name nor claims of the others, so its answer proves little",
            "remove smoke; a before_cutover Job can try the release",
        )
    if values["update"] == "recreate":
        yield Fault(
            ("smoke",),
            "smoke is set while update is recreate",
            "the pod that is asked would run beside the one that may run only once",
            "remove smoke, or set update: rolling",
        )


PREVIEW_RULES: tuple[Rule, ...] = (Rule(("smoke", "port", "workload", "update"), _smoke_can_be_asked),)
