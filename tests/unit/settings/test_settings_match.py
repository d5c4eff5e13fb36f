"""What `canary.match` may say, and what is said where it may not."""

from typing import Any

import pytest

from components import CanaryMatch, ConfigError

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"header": "x-canary", "value": "always"}, "x-canary: always"),
        ({"query": "beta", "value": "1"}, "?beta=1"),
        ({"cookie": "group", "value": "a=b"}, "cookie group=a=b"),
        ({"method": "POST"}, "POST"),
        ({"method": "PUT", "header": "x-canary", "value": "always"}, "PUT, x-canary: always"),
    ],
)
def test_a_condition_in_words(given: Json, words: str) -> None:
    assert str(CanaryMatch(**given).match) == words


@pytest.mark.parametrize(
    ("given", "path", "what"),
    [
        ({}, "header", "the entry names no header, query, cookie, method or grpc"),
        ({"header": "a", "cookie": "b", "value": "c"}, "cookie", "header and cookie are given in one entry"),
        ({"header": "a"}, "value", "value is missing beside header"),
        ({"method": "GET", "value": "c"}, "value", "value is given without header, query or cookie"),
        ({"query": "b", "value": "a b"}, "value", "'a b' is no value of a query that is the same for every gateway"),
        ({"query": "b", "value": "a" * 1025}, "value", "is no value of a query"),
        ({"query": "b&c", "value": "1"}, "query", "'b&c'"),
        ({"cookie": "b", "value": "a;b"}, "value", "'a;b' is no value of a cookie"),
        ({"cookie": "b", "value": 'say"so'}, "value", "is no value of a cookie"),
        ({"cookie": "a b", "value": "c"}, "cookie", "'a b'"),
        ({"method": "get"}, "method", "'get'"),
        ({"method": "BREW"}, "method", "'BREW'"),
    ],
)
def test_what_is_no_condition_is_refused(given: Json, path: str, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        CanaryMatch(**given)
    found = {problem.path.partition(".")[2]: problem for problem in caught.value.problems}
    assert what in found[path].what
    assert found[path].why
    assert found[path].fix
