"""What `release` writes beside version, build and image, and when it says that colors differ."""

from typing import Any

import pytest

from cutover.errors import UsageError
from cutover.operations.release.content import content_edits, differing, refuse_other_secrets, secrets_of
from cutover.stackfile.edit import ABSENT, set_values
from cutover.strategies.registry import parse_service
from cutover.strategies.service import ServiceView

BLUE: dict[str, Any] = {"version": "1.0.0", "build": 1, "image": "shop:1", "secrets": {"A": "a-1", "B": "b-1"}}
GREEN: dict[str, Any] = {"version": "0.9.0", "build": 1, "image": "shop:0", "config": {"X": "old"}}


def service(**settings: Any) -> ServiceView:
    return parse_service("shop", {"strategy": "blue-green", "active": "blue", "port": 80, **settings})


def test_secrets_are_named_by_variable_and_key() -> None:
    assert secrets_of(["A=a-2", "B=shop:b=2"]) == {"A": "a-2", "B": "shop:b=2"}
    for wrong in ("hunter2", "=x", "A="):
        with pytest.raises(UsageError) as error:
            secrets_of([wrong])
        assert "hunter2" not in str(error.value)


def test_without_options_nothing_else_is_written_and_the_difference_is_said() -> None:
    shop = service(blue=BLUE, green=GREEN)
    assert content_edits(shop, {}, like_live=False) == {}
    assert differing(shop, {}) == ["config", "secrets"]
    assert differing(service(blue=GREEN), {}) == ["config"]
    assert differing(service(blue=BLUE, green={**GREEN, "config": {}, "secrets": BLUE["secrets"]}), {}) == []


def test_a_secret_goes_over_those_that_the_color_has() -> None:
    shop = service(blue=BLUE, green={**GREEN, "secrets": {"B": "b-0"}})
    edits = content_edits(shop, {"A": "a-2"}, like_live=False)
    assert edits == {"secrets": {"B": "b-0", "A": "a-2"}}
    assert differing(shop, edits) == ["config"]


def test_like_live_takes_all_over_and_leaves_nothing_of_the_old_one() -> None:
    shop = service(blue=BLUE, green=GREEN)
    edits = content_edits(shop, {"A": "a-2"}, like_live=True)
    assert edits == {"config": ABSENT, "secrets": {"A": "a-2", "B": "b-1"}}
    assert differing(shop, edits) == []
    assert content_edits(service(blue=GREEN), {}, like_live=True) == {"config": {"X": "old"}}


def test_a_rolling_service_keeps_what_it_has() -> None:
    worker = parse_service("worker", {"strategy": "rolling", "release": BLUE})
    assert content_edits(worker, {"A": "a-2"}, like_live=False) == {"secrets": {"A": "a-2", "B": "b-1"}}


def test_the_live_release_gets_no_other_secrets_under_its_own_id() -> None:
    refuse_other_secrets(service(blue=BLUE), {"A": "a-1"})
    with pytest.raises(UsageError, match="with other secrets"):
        refuse_other_secrets(service(blue=BLUE), {"A": "a-2"})


def test_the_file_s_encrypted_values_stay_as_they_are() -> None:
    text = (
        "encryptionsalt: v1:abc=:v1:def\nconfig:\n  cutover:db-1:\n    secure: v1:x+/y==  # rotated in May\n"
        "  cutover:services:\n    shop:\n      active: blue\n      blue: {version: 1.0.0}\n"
    )
    path = ("config", "cutover:services", "shop", "green")
    edited = set_values(text, {(*path, "version"): "1.1.0", (*path, "secrets"): {"A": "db-1"}})
    assert edited == text + "      green:\n        version: 1.1.0\n        secrets:\n          A: db-1\n"
