"""Releases as the driver tells them to people."""

import pytest

from cutover.strategies.releases import build_of


@pytest.mark.parametrize(
    ("revision", "told"),
    [
        ("1-5-0-b3", "1.5.0 build 3"),
        ("1-5-0-b3-t0123456789", "1.5.0 build 3"),
        ("1-5-0-h01234567", "1-5-0-h01234567"),
    ],
)
def test_a_release_is_told_from_what_the_cluster_has(revision: str, told: str) -> None:
    assert build_of(revision, "1.5.0") == told
