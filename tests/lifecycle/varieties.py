"""Varieties of one test: `make test` runs the narrow ones, `make test-wide` all."""

from collections.abc import Collection, Sequence
from typing import Any

import pytest


def varieties(of: Sequence[Any], *, narrow: Collection[Any]) -> list[Any]:
    """The values for a parametrized test, those that are not narrow marked as wide."""
    return [one if one in narrow else pytest.param(one, marks=pytest.mark.wide) for one in of]


def workloads(narrow: str) -> pytest.MarkDecorator:
    """Both kinds of workload of a blue/green service."""
    return pytest.mark.parametrize("workload", varieties(["deployment", "replica-set"], narrow=[narrow]))
