"""`pulumi.com/waitFor`: conditions of the user's own, instead of the kind's rule.

One expression or a JSON list of them, all of which must hold: `jsonpath={.a.b}`, `jsonpath={.a.b}=value`,
`condition=Type` or `condition=Type=Status`.
"""

import json
import re
from typing import Any

from sandbox.engine.kube.awaits.base import Checker, Verdict, annotation, condition, status
from sandbox.engine.kube.client import Client, Object
from sandbox.engine.kube.errors import KubeError

_STEP = re.compile(
    r"""\.(?P<name>[\w-]+)|\['(?P<quoted>[^']+)'\]|\[(?P<index>-?\d+)\]|\[(?P<star>\*)\]
    |\[\?\(@\.(?P<key>[\w.-]+)\s*==\s*["'](?P<want>[^"']*)["']\)\]""",
    re.VERBOSE,
)


class WaitForChecker(Checker):
    """Evaluates the expressions of the annotation."""

    custom = True

    def __init__(self, client: Client, live: Object, before: Object | None):
        super().__init__(client, live, before)
        self._expressions = parse(annotation(live, "pulumi.com/waitFor"))

    def look(self, live: Object) -> Verdict:
        """Judge the object as it is now."""
        seen = status(live).get("observedGeneration")
        if seen is not None and seen < live["metadata"].get("generation", 0):
            return Verdict(False, "Waiting for the controller")
        unmet = self.reasons(live)
        return Verdict(not unmet, unmet[0] if unmet else "")

    def reasons(self, live: Object) -> list[str]:
        """The expressions that do not hold, with what was found instead."""
        return [text for one in self._expressions if (text := _unmet(one, live))]


def parse(text: str) -> list[str]:
    """Split the annotation into checked expressions.

    Raises:
        KubeError: an expression is neither a jsonpath nor a condition, or does not parse.
    """
    try:
        given = json.loads(text)
    except ValueError:
        given = text
    expressions = [str(one) for one in given] if isinstance(given, list) else [text]
    if not expressions:
        raise KubeError("pulumi.com/waitFor: at least one condition must be specified")
    for one in expressions:
        if one.startswith("condition="):
            continue
        if not one.startswith("jsonpath="):
            raise KubeError(f'pulumi.com/waitFor: expected a "jsonpath=" or "condition=" prefix, got "{one}"')
        path = _split(one)[0]
        if _STEP.sub("", path):
            raise KubeError(f'pulumi.com/waitFor: "{one}" is not understood; write jsonpath={{.a.b}} or {{.a.b}}=value')
    return expressions


def select(obj: Any, path: str) -> list[Any]:
    """Evaluate a JSONPath of names, indexes, `[*]` and `[?(@.key=="value")]`."""
    found = [obj]
    for step in _STEP.finditer(path):
        found = [item for one in found for item in _next(one, step)]
    return found


def _next(value: Any, step: re.Match[str]) -> list[Any]:
    name = step["name"] or step["quoted"]
    if name:
        return [value[name]] if isinstance(value, dict) and name in value else []
    items = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
    if step["index"]:
        return items[int(step["index"]) :][:1] if isinstance(value, list) else []
    if step["star"]:
        return items
    return [one for one in items if [str(x) for x in select(one, "." + step["key"])] == [step["want"]]]


def _split(expression: str) -> tuple[str, str | None]:
    match = re.fullmatch(r"jsonpath=\{\s*\$?(.*?)\s*\}(?:=(.+))?", expression)
    return (match[1], match[2]) if match else ("?", None)


def _unmet(expression: str, live: Object) -> str:
    if expression.startswith("condition="):
        type_, _, wanted = expression.removeprefix("condition=").partition("=")
        found = str(condition(live, type_).get("status") or "")
        met = found.lower() == (wanted or "True").lower()
        return "" if met else f"Waiting for {expression}" + (f' (found "{found}")' if found else "")
    path, value = _split(expression)
    selected = select(live, path)
    if not selected:
        return f"Waiting for {expression} ({{{path}}} selected nothing)"
    text = selected[0] if isinstance(selected[0], str) else json.dumps(selected[0])
    return "" if value is None or text == value else f'Waiting for {expression} (found "{text}")'
