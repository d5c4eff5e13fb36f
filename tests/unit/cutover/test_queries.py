"""Queries about the releases that are watched: what Prometheus is asked, and what an unknown placeholder ends with."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cutover.errors import UsageError
from cutover.operations.bake.queries import queries
from tests.unit.cutover.objects import V1, V2, blue_green, view
from tests.unit.cutover.servers import Reply, serve
from tests.unit.cutover.test_bake_blind import FakeApi
from tests.unit.cutover.test_bake_options import PROM, options

ZERO = Reply(body='{"status": "success", "data": {"resultType": "scalar", "result": [1, "0"]}}')
LABELS = 'namespace="{namespace}",app="{service}",color="{color}",revision="{revision}"'


def asked(switched: dict[str, str], *texts: str, stack: Any = None) -> tuple[list[str], list[str]]:
    """The names of the measurements, and the expressions that Prometheus was asked."""
    job: Any = SimpleNamespace(view=stack or view(shop=blue_green()))
    with FakeApi() as api, serve(ZERO) as prometheus:
        found: Any = queries(job, api, switched, options(prometheus=prometheus.url, queries=texts))  # type: ignore[arg-type]
        names = []
        for one in found:
            assert one.take().outcome == "passed"
            names.append(one.name)
        sent = [parse_qs(urlsplit(request.path).query)["query"][0] for request in prometheus.requests]
    return names, sent


def test_a_query_names_what_is_watched() -> None:
    names, sent = asked({"shop": "green"}, f"errors=sum(rate(e{{{LABELS}}}[1m]))<0.1", "load=max(l)<9")
    assert names == ["errors", "load"]
    assert sent == [
        'sum(rate(e{namespace="shop",app="shop",color="green",revision="1-1-0-b1"}[1m]))',
        "max(l)",
    ]


@pytest.mark.parametrize(
    ("text", "early"),
    [
        ('e{c="{color}"}<1', True),
        ('e{r="{revision}"}<1', True),
        ('e{app="{service}"}<1', False),
        ("e<1", False),
    ],
)
def test_only_what_names_the_release_itself_may_have_no_data_yet(text: str, early: bool) -> None:
    nothing = Reply(body='{"status": "success", "data": {"resultType": "vector", "result": []}}')
    job: Any = SimpleNamespace(view=view(shop=blue_green()))
    with FakeApi() as api, serve(nothing) as prometheus:
        fake: Any = api
        (one,) = queries(job, fake, {"shop": "green"}, options(prometheus=prometheus.url, queries=(text,)))
        reading = one.take()
    assert (reading.outcome, reading.said, reading.early) == ("unknown", "no data", early)


def test_a_query_may_hold_a_release_to_the_one_beside_it() -> None:
    _, sent = asked({"shop": "green"}, 'ratio=e{c="{color}"}/e{c="{baseline}",r="{baseline_revision}"}<1.2')
    assert sent == ['e{c="green"}/e{c="blue",r="1-0-0-b1"}']


def test_the_revision_of_a_release_that_has_no_pod_yet_is_that_of_the_file() -> None:
    stack = view(cart=blue_green(blue=V1, green=V2 | {"build": 9}))
    assert asked({"cart": "green"}, 'e{r="{revision}"}<1', stack=stack)[1] == ['e{r="1-1-0-b9"}']


def test_of_several_services_each_is_asked_about_and_a_query_without_placeholders_once() -> None:
    stack = view(shop=blue_green(), cart=blue_green())
    names, sent = asked({"shop": "green", "cart": "blue"}, 'errors=e{app="{service}"}<1', "load=l<9", stack=stack)
    assert names == ["errors (shop)", "errors (cart)", "load"]
    assert sent == ['e{app="shop"}', 'e{app="cart"}', "l"]


def test_unknown_placeholders_are_refused_by_name_with_those_that_are_known() -> None:
    with pytest.raises(UsageError) as refused:
        options(prometheus=PROM, queries=('e{c="{colour}",v="{version}"}<1',)).check()
    assert refused.value.what == "--query: {colour} stands for nothing\n--query: {version} stands for nothing"
    assert (
        refused.value.fix == "name one of {service}, {namespace}, {color}, {revision}, {baseline}, {baseline_revision}"
    )
