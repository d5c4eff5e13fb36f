"""Label selectors, as budgets have them: whether they find a pod by its labels. Pure."""

from collections.abc import Mapping
from typing import Any

Labels = Mapping[str, Any]


def matches(selector: Any, labels: Labels) -> bool:
    """Whether a selector with `matchLabels` and `matchExpressions` finds the labels; an empty one finds all, one of
    another form none.
    """
    if not isinstance(selector, Mapping):
        return False
    wanted, expressions = selector.get("matchLabels") or {}, selector.get("matchExpressions") or []
    formed = isinstance(wanted, Mapping) and isinstance(expressions, list)
    return formed and wanted.items() <= labels.items() and all(_holds(one, labels) for one in expressions)


def _holds(expression: Any, labels: Labels) -> bool:
    if not isinstance(expression, Mapping) or not isinstance(expression.get("key"), str):
        return False
    there, value = expression["key"] in labels, labels.get(expression["key"])
    values = expression.get("values") or []
    answers = {
        "In": there and value in values,
        "NotIn": value not in values,
        "Exists": there,
        "DoesNotExist": not there,
    }
    return answers.get(str(expression.get("operator")), False)
