"""Texts of manifests are read as kubectl reads them."""

import json

import pytest

from components.takeover.reading import Unreadable, objects_in


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-01-31", "2024-01-31"),
        ("2024-01-31T10:00:00Z", "2024-01-31T10:00:00Z"),
        ("22:30", "22:30"),
        ("=", "="),
        ("0400", 256),
        ("0o400", 256),
        ("0x1f", 31),
        ("-0b11", -3),
        ("1_000", 1000),
        ("08", 8.0),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.10", 1.1),
        ("'1.10'", "1.10"),
        ("yes", True),
        ("~", None),
        ("1.2.3", "1.2.3"),
    ],
)
def test_plain_values_mean_what_they_mean_to_kubernetes(written: str, meant: object) -> None:
    assert objects_in(f"a: {written}\n") == [{"a": meant}]


def test_marks_of_windows_and_empty_documents_do_no_harm() -> None:
    windows = "\ufeffa: 1\r\n---\r\n# nothing\r\n---\r\nb: |\r\n  c\r\n"
    assert objects_in(windows.encode()) == [{"a": 1}, None, {"b": "c\n"}]
    assert objects_in("a: ü\n".encode("utf-16")) == [{"a": "ü"}]
    assert objects_in("") == []


def test_aliases_merges_and_keys_that_are_numbers_become_plain_data() -> None:
    assert objects_in("a: &x {b: 1}\nc: {<<: *x, d: 2}\n") == [{"a": {"b": 1}, "c": {"b": 1, "d": 2}}]
    assert objects_in("1: a\n") == [{"1": "a"}]


def test_json_may_have_tabs() -> None:
    value = {"kind": "List", "items": [{"a": [1, 2]}]}
    assert objects_in(json.dumps(value, indent="\t")) == [value]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name: {{ .Values.name }}", "unhashable key"),
        ("a: &x [*x]", "JSON does not have"),
        ("a: !!binary aGk=", "JSON does not have"),
        ("a: .inf", "JSON does not have"),
        ("a: !Ref b", "could not determine a constructor"),
        ("a: \x00", "control characters"),
        (b"\xc3\x28", ""),
        ("a:\n\t- b", "in line 2"),
        ("password: hunter2: x", ""),
    ],
)
def test_what_is_no_manifest_is_said_without_its_text(text: str | bytes, why: str) -> None:
    with pytest.raises(Unreadable) as raised:
        objects_in(text)
    assert why in str(raised.value)
    assert "hunter2" not in str(raised.value)
