"""The fast cells of the traffic suite, played once on a cluster of their own; `make traffic` plays all."""

import pytest

from prober import Result
from sandbox.pulumi import Engine
from traffic import catalog
from traffic.cells import Cell, Verdict
from traffic.runner import Runner

pytestmark = [pytest.mark.alone, pytest.mark.traffic, pytest.mark.timeout(1200)]

FAST = [cell for cell in catalog.cells() if cell.fast]


@pytest.fixture(scope="module")
def verdicts(engine: Engine) -> dict[str, Verdict]:
    played: dict[str, Verdict] = {}

    def tell(cell: Cell, verdict: Verdict, _: Result | None) -> None:
        played[cell.name] = verdict

    Runner(engine, print, tell, jobs=3).play(FAST)
    return played


@pytest.mark.parametrize("name", [cell.name for cell in FAST])
def test_no_request_is_lost(verdicts: dict[str, Verdict], name: str) -> None:
    verdict = verdicts[name]
    assert verdict.problems == [], verdict.failures
    assert verdict.requests > 0
