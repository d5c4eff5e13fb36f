"""Cross-field rules of a cutover by labels."""

from collections.abc import Iterator

from components.settings.base import GIVEN, Fault, Rule, Values


def _replica_sets_only(values: Values) -> Iterator[Fault]:
    """`cutover: labels` needs `workload: replica-set`."""
    if values["cutover"] == "labels" and values["workload"] != "replica-set":
        yield Fault(
            ("cutover",),
            f"cutover is labels while workload is {values['workload']}",
            "a label in a Deployment's pod template is a change of it: every cutover would restart the pods of both "
            "colors, those that serve included",
            "set workload: replica-set, or leave cutover at selector",
        )


def _overlap_needs_labels(values: Values) -> Iterator[Fault]:
    """`overlap_seconds` needs `cutover: labels`."""
    if values["cutover"] != "labels" and "overlap_seconds" in values[GIVEN]:
        yield Fault(
            ("overlap_seconds",),
            f"overlap_seconds is set while cutover is {values['cutover']}",
            "a selector finds one revision at a time, so the setting would promise what nothing does",
            "remove overlap_seconds, or set cutover: labels",
        )


LABEL_RULES: tuple[Rule, ...] = (
    Rule(("cutover", "workload"), _replica_sets_only),
    Rule(("cutover",), _overlap_needs_labels),
)
