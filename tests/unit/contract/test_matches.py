"""A condition as the Gateway API has it: the words that come back from it, and which cookies it takes."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.matches import Match, read_match, words

NAME = st.from_regex(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,12}", fullmatch=True)
OCTETS = st.from_regex(r"[!#-+\--:<-\[\]-~]{1,12}", fullmatch=True)
METHOD = st.none() | st.sampled_from(["GET", "POST"])


def expression(name: str, value: str) -> re.Pattern[str]:
    (header,) = Match(cookie=name, value=value).gateway()["headers"]
    assert (header["type"], header["name"]) == ("RegularExpression", "Cookie")
    return re.compile(header["value"])


@given(NAME, OCTETS, METHOD)
def test_a_condition_is_read_back_from_the_route_in_the_same_words(name: str, value: str, method: str | None) -> None:
    lead = f"{method}, " if method else ""
    for given_as, said in {
        "header": f"{name}: {value}",
        "query": f"?{name}={value}",
        "cookie": f"cookie {name}={value}",
    }.items():
        one = read_match({given_as: name, "value": value, "method": method})
        assert str(one) == words(one.gateway()) == lead + said


@pytest.mark.parametrize("grpc", ["shop.v1.Orders/Get", "shop.v1.Orders", "Orders"])
def test_so_is_a_method_of_grpc(grpc: str) -> None:
    for entry, said in (({}, grpc), ({"header": "x", "value": "1"}, f"{grpc}, x: 1")):
        one = read_match({**entry, "grpc": grpc})
        assert str(one) == words(one.gateway()) == said


@given(NAME, OCTETS, st.lists(st.tuples(NAME, OCTETS), max_size=3), st.integers(0, 3), st.sampled_from(["; ", ";"]))
def test_a_cookie_is_found_wherever_it_stands(
    name: str, value: str, others: list[tuple[str, str]], place: int, separator: str
) -> None:
    others = [(one, it) for one, it in others if one != name]
    found = expression(name, value)
    without = separator.join(f"{one}={it}" for one, it in others)
    cookies = [*others[:place], (name, value), *others[place:]]
    with_it = separator.join(f"{one}={it}" for one, it in cookies)
    for look in (found.fullmatch, found.search):
        assert look(with_it)
        assert not look(without)


@given(NAME, OCTETS, st.text("ab-_=", min_size=1, max_size=4))
def test_neither_another_cookie_nor_another_value_is_taken_for_it(name: str, value: str, more: str) -> None:
    found = expression(name, value)
    assert not found.search(f"{more}{name}={value}")
    assert not found.search(f"{name}={value}{more}")
    assert found.search(f"{name}={value}")


def test_what_others_wrote_is_told_as_it_is() -> None:
    theirs: dict[str, Any] = {
        "path": {"type": "PathPrefix", "value": "/"},
        "headers": [{"type": "RegularExpression", "name": "Cookie", "value": "^beta"}, {"name": "x", "value": "1"}],
    }
    assert words(theirs) == "Cookie like ^beta, x: 1"
    assert words({"method": {"type": "RegularExpression", "service": "a.*", "method": "Get"}}) == "like a.*/Get"
    assert words({"method": {"method": "Get"}}) == "*/Get"
    assert words({}) == ""
    assert words({"headers": None, "queryParams": "none"}) == ""
