"""The life of a service: first deployment, second color, cutover, nothing to do, rollback."""

import pytest

from tests.lifecycle import services
from tests.lifecycle.services import V3, release
from tests.lifecycle.stack import Stack

pytestmark = pytest.mark.traffic
both_workloads = pytest.mark.parametrize("workload", ["deployment", "replica-set"])


@both_workloads
def test_a_life(stack: Stack, workload: str) -> None:
    shop = stack.services["shop"] = services.blue_green(workload, green=None)
    stack.must_up()
    shop["green"] = release(services.V2)
    stack.must_up()
    shop["active"] = "green"
    assert stack.preview().changes == {"update": 1, "same": 8}
    assert stack.must_up().changes == {"update": 1, "same": 8}
    assert stack.must_up().changes == {"same": 9}
    shop["blue"] = release(V3)
    stack.must_up()
