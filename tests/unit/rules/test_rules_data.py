"""Digests, labels and quantities: stable, legal, exact."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.rules.digest import stable_digest
from components.rules.labels import is_label_value, label_value, object_labels, pod_labels, selector_labels
from components.rules.quantity import parse_quantity
from contract.labels import COLOR, INSTANCE, REVISION
from contract.releases import Color

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
plain = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


def turned(data: object) -> object:
    """The same data with every mapping's keys in the opposite order."""
    if isinstance(data, dict):
        return {key: turned(data[key]) for key in reversed(data)}
    return [turned(item) for item in data] if isinstance(data, list) else data


@given(plain)
def test_the_order_of_keys_does_not_change_a_digest(data: object) -> None:
    assert stable_digest(turned(data)) == stable_digest(data)


@given(plain, plain)
def test_other_content_has_another_digest(data: object, other: object) -> None:
    same = json.dumps(data, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (stable_digest(data) == stable_digest(other)) == same


def test_a_digest_is_the_same_on_every_machine() -> None:
    # printf '{"a":"x","b":[1,2]}' | sha256sum
    assert stable_digest({"b": [1, 2], "a": "x"}) == "721ef82f2d"
    assert stable_digest({"b": (1, 2), "a": "x"}, length=8) == "721ef82f"


@pytest.mark.parametrize("data", [{1: "a"}, {"a": {1, 2}}, object(), float("nan"), float("inf"), b"bytes"])
def test_what_has_no_one_form_has_no_digest(data: object) -> None:
    with pytest.raises(TypeError, match="a digest needs plain data"):
        stable_digest(data)


@given(st.text(min_size=1))
def test_every_text_becomes_a_legal_label_value(text: str) -> None:
    assert is_label_value(label_value(text))


@given(st.text(min_size=1), st.text(min_size=1))
def test_other_texts_become_other_label_values(text: str, other: str) -> None:
    assert (label_value(text) == label_value(other)) == (text == other)


def test_a_legal_value_is_left_alone() -> None:
    assert label_value("1.5.0_rc-1") == "1.5.0_rc-1"
    assert label_value("1.5.0+rc") != label_value("1.5.0 rc")


@given(st.sampled_from(["blue", "green", None]), st.sampled_from(["1-5-0-b3", None]))
def test_a_selector_finds_the_pods_of_its_own_service(color: Color | None, revision: str | None) -> None:
    pods = pod_labels("shop", part_of="cutover", version="1.5.0", color=color, revision=revision)
    assert selector_labels("shop", color=color, revision=revision).items() <= pods.items()
    assert selector_labels("shop").items() <= pods.items()


def test_a_selector_holds_nothing_that_people_read() -> None:
    wanted = {INSTANCE: "shop", COLOR: "blue", REVISION: "1-5-0-b3"}
    assert selector_labels("shop", color="blue", revision="1-5-0-b3") == wanted
    assert selector_labels("shop") == {INSTANCE: "shop"}


def test_an_object_carries_the_recommended_labels() -> None:
    made = object_labels("shop", part_of="cutover", component="live", version="1.5.0+x", color="green")
    assert made == {
        "app.kubernetes.io/name": "shop",
        "app.kubernetes.io/instance": "shop",
        "app.kubernetes.io/version": label_value("1.5.0+x"),
        "app.kubernetes.io/component": "live",
        "app.kubernetes.io/part-of": "cutover",
        "app.kubernetes.io/managed-by": "pulumi",
        "cutover.dev/color": "green",
    }


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("250m", Decimal("0.25")),
        ("1.5", Decimal("1.5")),
        (".5", Decimal("0.5")),
        ("2k", Decimal(2000)),
        ("1e3", Decimal(1000)),
        ("1E", Decimal(10**18)),
        ("512Mi", Decimal(512 * 1024**2)),
        ("1.5Gi", Decimal(3 * 1024**3) / 2),
    ],
)
def test_a_quantity_is_exact(text: str, wanted: Decimal) -> None:
    assert parse_quantity(text) == wanted


@given(st.integers(0, 10**9))
def test_a_thousand_thousandths_are_one(count: int) -> None:
    assert parse_quantity(f"{count}m") * 1000 == parse_quantity(str(count))


@pytest.mark.parametrize("text", ["", "m", "1 Gi", "512MB", "1K", "-1", "1,5", "1ei"])
def test_what_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="is not a Kubernetes quantity"):
        parse_quantity(text)
