"""The properties of `make fuzz` on a few cases each, the same ones every time."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.properties import PROPERTIES, Property

CASES = 40


@pytest.mark.parametrize("chosen", PROPERTIES, ids=lambda chosen: chosen.name)
def test_a_few_cases(chosen: Property) -> None:
    few = settings(max_examples=CASES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    few(given(chosen.inputs)(chosen.check))()
