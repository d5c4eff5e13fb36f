"""A path stays below the address that it is asked of, however it is written."""

from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.rules.http_path import confined


@pytest.mark.parametrize(
    "path",
    [
        "/", "/readyz",
        "/a/b.c/..d/...", "/x?y=../z&q=%20", "/a%20b", "/v1/{id}", "/a:b@c;d=e,f", "/a//b", "/%C3%BC", "/~u",
    ],
)  # fmt: skip
def test_confined(path: str) -> None:
    assert confined(path)


@pytest.mark.parametrize(
    "path",
    [
        "", "readyz", "//host/x", "/../../../secrets/x", "/a/../b", "/.", "/a/.", "/%2e%2e/x", "/%2E./x", "/a%2f..%2fb",
               "/%252e%252e/x", "/..\\x", "/%5c..%5cx", "/a#b", "/a b", "/a\tb", "/a\nb",
        "/a\x00b", "/a%00b", "/%zz", "/%", "/\u202e",
        "/a%0d%0aX: y", "/%25252525252525252e%252e/x",
    ],
)  # fmt: skip
def test_not_confined(path: str) -> None:
    assert not confined(path)


@given(
    st.lists(st.sampled_from(["..", ".", "a", "%", "2", "e", "E", "f", "/", "\\", "?", "25"]), max_size=12).map("".join)
)
def test_no_decoding_of_a_confined_path_has_a_way_up(text: str) -> None:
    path = f"/{text}"
    if confined(path):
        plain = path.partition("?")[0]
        for _ in range(4):
            assert not {".", ".."} & set(plain.replace("\\", "/").split("/"))
            plain = unquote(plain)


@given(st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_quoted_names_are_confined(text: str) -> None:
    assert confined(f"/{quote(text, safe='')}")
