"""A wrong `active` of versions or environments, on the real engine: the reason and nothing else."""

import pytest

from tests.lifecycle.services import V1, release, rolling, side_by_side
from tests.lifecycle.stack import Stack


@pytest.mark.parametrize("kind", ["versions", "environments"])
def test_it_is_said_without_a_traceback(stack: Stack, kind: str) -> None:
    if kind == "versions":
        stack.services = {"api": side_by_side(active="v9", versions={"v1": release(V1)})}
    else:
        stack.environments = {"active": "coco-9", "builds": {"coco-1": {"services": {"web": rolling()}}}}
    outcome = stack.preview()
    assert outcome.code != 0
    assert "is none of the" in outcome.said or "which is none" in outcome.said
    assert "Traceback" not in outcome.said
