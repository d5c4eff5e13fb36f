"""What the engine sends is read with every mark where it is."""

from typing import Any

from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc

from components.plugin.values import REFERENCE, UNKNOWN, Secret, depends_on, places, read

SIGN = rpc._special_sig_key
KEYS = st.text(st.characters(codec="utf-8"), max_size=4)
PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), st.text(max_size=4)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def struct(value: dict[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(value)
    return made


def secret(value: Any) -> Any:
    return {SIGN: rpc._special_secret_sig, "value": value}


def output(**parts: Any) -> Any:
    return {SIGN: rpc._special_output_value_sig, **parts}


@given(st.dictionaries(KEYS, PLAIN, max_size=4))
def test_plain_data_comes_as_it_was_sent_its_keys_in_one_order(value: dict[str, Any]) -> None:
    found = read(struct(value))
    assert found == value
    assert list(found) == sorted(value)
    assert not list(places(found, float))


def test_whole_numbers_are_integers_and_others_are_not() -> None:
    found = read(struct({"a": 3.0, "b": 0.2, "c": [1e300]}))
    assert (found, [type(one) for one in (found["a"], found["b"], found["c"][0])]) == (
        {"a": 3, "b": 0.2, "c": [1e300]},
        [int, float, float],
    )


@given(PLAIN)
def test_a_secret_marks_its_own_value_and_no_more(value: Any) -> None:
    found = read(struct({"secrets": {"A": secret(value), "B": "key"}}))
    assert found == {"secrets": {"A": Secret(value), "B": "key"}}
    assert list(places(found, Secret)) == [("secrets", "A")]


def test_a_secret_is_in_no_repr() -> None:
    assert "hunter2" not in repr(read(struct({"a": secret("hunter2")})))


def test_outputs_are_their_values_and_unknown_without_one() -> None:
    sent = struct(
        {
            "known": output(value="x", dependencies=["urn:a"]),
            "hidden": output(value="y", secret=True),
            "later": output(dependencies=["urn:b"]),
            "hidden_later": output(secret=True),
            "computed": [rpc.UNKNOWN],
        }
    )
    assert read(sent) == {
        "known": "x",
        "hidden": Secret("y"),
        "later": UNKNOWN,
        "hidden_later": Secret(UNKNOWN),
        "computed": [UNKNOWN],
    }
    assert depends_on(sent) == {"urn:a", "urn:b"}
    assert sorted(places(read(sent), type(UNKNOWN))) == [("computed", 0), ("hidden_later",), ("later",)]


def test_a_secret_twice_is_a_secret_once() -> None:
    assert read(struct({"a": secret(output(value="x", secret=True))})) == {"a": Secret("x")}


def test_resources_and_assets_are_no_values() -> None:
    sent = {"a": {SIGN: rpc._special_resource_sig, "urn": "u"}, "b": {SIGN: rpc._special_asset_sig, "text": "t"}}
    assert read(struct(sent)) == {"a": REFERENCE, "b": REFERENCE}
