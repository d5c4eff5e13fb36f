"""PromQL with a threshold: how it is read, and what Prometheus's answers mean."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.measure import Query, parse_query
from cutover.measure.query import PLACEHOLDERS, filled, judge_answer, placeholders

Json = dict[str, Any]
ERRORS = Query("errors", "e", "<", 0.01)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("errors=sum(rate(e[1m]))<0.01", Query("errors", "sum(rate(e[1m]))", "<", 0.01)),
        ("up == 1", Query("up", "up", "==", 1.0)),
        ('up{job="a"}>=1', Query('up{job="a"}', 'up{job="a"}', ">=", 1.0)),
        ('p99=max(x{app=~"a.*"}) <= 2.5e-1', Query("p99", 'max(x{app=~"a.*"})', "<=", 0.25)),
        ("a=b > bool 1 != 0", Query("a", "b > bool 1", "!=", 0.0)),
        ("saturation=cpu>-.5", Query("saturation", "cpu", ">", -0.5)),
    ],
)
def test_a_query_is_read(text: str, query: Query) -> None:
    assert parse_query(text) == query


@pytest.mark.parametrize("text", ["", "up", "errors=", "errors=<1", "up<limit", "up=1"])
def test_what_is_no_query_is_said_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="NAME=PROMQL<LIMIT"):
        parse_query(text)


@given(
    st.from_regex(r"[A-Za-z_][\w.-]*", fullmatch=True),
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_what_is_written_is_what_is_read(name: str, operator: str, limit: float) -> None:
    assert parse_query(f"{name}=sum(x){operator}{limit!r}") == Query(name, "sum(x)", operator, limit)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('rate(e{app="{service}",color="{color}"}[1m])/rate(a{app="{service}"}[1m])<1', ["service", "color"]),
        ('up{version=~"{revision}.*",ns="{namespace}"}==1', ["revision", "namespace"]),
        ("up{colour}<1", ["colour"]),
        ('up{job="a"}<1', []),
        ('up{job=~"a{2,3}",pod=~"x{1}"}<1', []),
        ('label_replace(up,"a","${name}","b","(?P<name>.*)")<1', []),
        (r'up{pod=~"\\p{Greek}+\\P{Latin}"}<1', []),
        ("{job}<1", ["job"]),
    ],
)
def test_a_bare_word_in_braces_is_a_placeholder_and_nothing_of_promql(text: str, found: list[str]) -> None:
    assert placeholders(text) == found


@given(st.dictionaries(st.sampled_from(PLACEHOLDERS), st.from_regex(r"[a-z0-9-]+", fullmatch=True), min_size=1))
def test_values_take_the_place_of_placeholders_and_of_nothing_else(values: dict[str, str]) -> None:
    text = ",".join(f'{key}="{{{key}}}"' for key in values)
    query = f'errors=sum(e{{{text},pod=~"a{{2,3}}"}})<0.1'
    wanted = ",".join(f'{key}="{value}"' for key, value in values.items())
    assert filled(query, values) == f'errors=sum(e{{{wanted},pod=~"a{{2,3}}"}})<0.1'
    assert placeholders(filled(query, values)) == []


def vector(*values: float | str) -> Json:
    series = [{"metric": {"__name__": "e", "pod": f"p{i}"}, "value": [0, str(value)]} for i, value in enumerate(values)]
    return {"status": "success", "data": {"resultType": "vector", "result": series}}


@given(st.lists(st.floats(0, 1), min_size=1))
def test_one_series_over_the_limit_is_enough(values: list[float]) -> None:
    reading = judge_answer(ERRORS, vector(*values))
    over = [value for value in values if not value < ERRORS.limit]
    assert reading.outcome == ("failed" if over else "passed")
    assert reading.value == (over or values)[0]


ODD = [
    {"resultType": "scalar", "result": [0, 10**400]},
    {"resultType": "vector", "result": [{"metric": 1, "value": [0, "1"]}]},
    {"resultType": "vector", "result": 7}, {"resultType": "scalar", "result": {}}, "vector", None, [],
    {"resultType": ["vector"], "result": []},
]  # fmt: skip


@pytest.mark.parametrize("data", ODD, ids=lambda data: str(data)[:40])
def test_an_answer_of_another_shape_is_unknown(data: object) -> None:
    assert judge_answer(ERRORS, {"status": "success", "data": data}).outcome == "unknown"


def test_a_failure_names_the_series_that_broke_the_limit() -> None:
    assert judge_answer(ERRORS, vector(0, 0.25)).said == '0.25 (pod="p1")'


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (vector(), "no data"),
        (vector(math.nan), "not a number"),
        ({"status": "error", "error": "parse error"}, "parse error"),
        ({"status": "success", "data": {"resultType": "matrix", "result": []}}, "neither a scalar"),
        ({"status": "success", "data": {"resultType": "scalar", "result": []}}, "neither a scalar"),
        ({"status": "success"}, "neither a scalar"),
        ([], "another shape"),
        (None, "another shape"),
    ],
)
def test_what_was_not_measured_is_unknown_and_not_failed(answer: Any, said: str) -> None:
    reading = judge_answer(ERRORS, answer)
    assert (reading.outcome, reading.value) == ("unknown", None)
    assert said in reading.said


def test_a_scalar_is_judged_too() -> None:
    answer = {"status": "success", "data": {"resultType": "scalar", "result": [1700000000, "0.5"]}}
    assert judge_answer(ERRORS, answer).outcome == "failed"


def test_infinity_breaks_a_limit() -> None:
    assert judge_answer(ERRORS, vector(math.inf)).outcome == "failed"
