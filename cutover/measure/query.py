"""PromQL with a threshold: reads `name=expression<limit`, asks Prometheus, judges every series of the answer."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cutover.measure.http import Fetch
from cutover.measure.records import Reading

_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
# A name ends in one `=` that starts no comparison; the threshold is the last comparison with a plain number.
_QUERY = re.compile(
    rf"(?:(?P<name>[A-Za-z_][\w.-]*)=(?![=~]))?(?P<expression>.+?)\s*(?P<operator><=|>=|==|!=|<|>)\s*(?P<limit>{_NUMBER})\s*",
    re.DOTALL,
)
PLACEHOLDERS = ("service", "namespace", "color", "revision", "baseline", "baseline_revision")
"""What a query may name in braces: of the release that is watched, and the color and revision beside it."""
# A bare word in braces is no PromQL outside a string; within one `${name}` is a group, `\\p{Greek}` a class of letters.
_PLACEHOLDER = re.compile(r"(?<!\$)(?<!\\[pP])\{([A-Za-z_]\w*)\}")


def placeholders(text: str) -> list[str]:
    """The placeholders of a query, known or not, each once."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """A query with the values of its placeholders. Raises KeyError for one that has none."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


@dataclass(frozen=True)
class Query:
    """A PromQL expression and what its value must be. It fails where any series of the answer breaks the limit. `own`
    tells that it is about the one release alone, of which there is no data before its first requests are counted.
    """

    name: str
    expression: str
    operator: str
    limit: float
    own: bool = False

    def holds(self, value: float) -> bool:
        """Whether the value is within the limit."""
        return _HOLDS[self.operator](value, self.limit)


def parse_query(text: str) -> Query:
    """`errors=sum(rate(failed[1m]))/sum(rate(all[1m]))<0.01`; the name may be left out. Raises ValueError."""
    found = _QUERY.fullmatch(text.strip())
    if found is None or found["expression"].endswith(("=", "<", ">", "!")):
        raise ValueError(
            f"{text!r} is no query with a threshold: write NAME=PROMQL<LIMIT with one of {' '.join(_HOLDS)} "
            "and a number last, such as 'errors=sum(rate(http_errors_total[1m]))<0.5'"
        )
    expression = found["expression"].strip()
    return Query(found["name"] or expression, expression, found["operator"], float(found["limit"]))


@dataclass(frozen=True)
class PrometheusMeasurement:
    """A query as a measurement. `fetch` asks Prometheus's HTTP API below its base address."""

    query: Query
    fetch: Fetch
    unit: str = ""
    indirect: bool = False

    @property
    def name(self) -> str:
        """The query's own name."""
        return self.query.name

    @property
    def expectation(self) -> str:
        """`< 0.01`."""
        return f"{self.query.operator} {self.query.limit:g}"

    def take(self) -> Reading:
        """Ask for the value now."""
        answer = self.fetch("/api/v1/query", {"query": self.query.expression})
        if answer.problem:
            return Reading("unknown", None, f"Prometheus: {answer.problem}", reached=False)
        try:
            content = answer.json()
        except (ValueError, RecursionError):
            return Reading("unknown", None, f"Prometheus: HTTP {answer.status}, no JSON", reached=False)
        return judge_answer(self.query, content)


def judge_answer(query: Query, answer: Any) -> Reading:
    """The reading that Prometheus's answer to an instant query gives by the query's limit.

    No series, or only NaN (nothing divided by nothing: no traffic), is unknown. With several series the worst one
    is the value: it fails if any does.
    """
    if not isinstance(answer, dict) or answer.get("status") != "success":
        said = answer.get("error") if isinstance(answer, dict) else None
        return Reading("unknown", None, f"Prometheus: {said or 'an answer of another shape'}", reached=False)
    try:
        series = list(_values(answer["data"]))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        said = "Prometheus: the answer is neither a scalar nor an instant vector"
        return Reading("unknown", None, said, reached=False)
    numbers = [(labels, value) for labels, value in series if value == value]  # NaN equals nothing
    if not numbers:
        said = "no data" if not series else "not a number (no data to divide by)"
        return Reading("unknown", None, said, early=query.own)
    broken = [(labels, value) for labels, value in numbers if not query.holds(value)]
    labels, value = (broken or numbers)[0]
    return Reading("failed" if broken else "passed", value, f"{value:.6g}{labels}")


def _values(data: dict[str, Any]) -> list[tuple[str, float]]:
    if data["resultType"] == "scalar":
        return [("", float(data["result"][1]))]
    if data["resultType"] != "vector":
        raise ValueError(data["resultType"])
    return [(_labels(item["metric"]), float(item["value"][1])) for item in data["result"]]


def _labels(metric: dict[str, str]) -> str:
    shown = ", ".join(f'{key}="{value}"' for key, value in sorted(metric.items()) if key != "__name__")
    return f" ({shown})" if shown else ""
