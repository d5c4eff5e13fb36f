"""The engine is stopped once waiting cannot help, and only while it does nothing but wait."""

from types import SimpleNamespace
from typing import Any

import pytest
from pulumi import automation as auto
from pulumi.automation.errors import create_command_error

from components.rules.errors import NeverReady
from cutover.engine.records import Step
from cutover.engine.stack import Stack
from cutover.errors import GateRefused

SAID = str(NeverReady("shop: green 2-0-0-b1 cannot become ready: ImagePullBackOff", "why", "fix"))
LOST = Step("warns", urn="x::shop", text=SAID)


def begins(kind: str, name: str = "shop-green") -> Step:
    return Step("begins", "create", f"kubernetes:apps/v1:{kind}", f"x::{kind}::{name}")


def ends(kind: str, name: str = "shop-green") -> Step:
    return Step("done", "create", f"kubernetes:apps/v1:{kind}", f"x::{kind}::{name}")


def stack() -> tuple[Any, list[str]]:
    made: Any = Stack.__new__(Stack)
    asked: list[str] = []
    made.name, made._lost = "test", ""
    made._command = SimpleNamespace(stopping=False, stop=lambda: asked.append("stop"))
    return made, asked


@pytest.mark.parametrize(
    ("steps", "stops"),
    [
        ([begins("Deployment"), LOST], True),
        ([begins("Deployment"), begins("ReplicaSet", "other"), LOST], True),
        ([begins("Deployment"), begins("Service", "cart"), LOST], False),
        ([begins("Deployment"), begins("Service", "cart"), LOST, ends("Service", "cart")], True),
        ([begins("Deployment"), LOST, ends("Deployment")], True),
        ([begins("Deployment"), ends("Deployment"), LOST], False),
        ([begins("Deployment"), Step("warns", urn="x::shop", text="something else")], False),
    ],
)
def test_it_is_stopped_while_it_only_waits(steps: list[Step], stops: bool) -> None:
    made, asked = stack()
    under_way: dict[str, Step] = {}
    for step in steps:
        made._stop_where_lost(step, under_way)
    assert bool(asked) is stops


def test_a_run_that_ended_so_is_refused_with_what_the_program_said() -> None:
    made, _ = stack()
    made._stop_where_lost(LOST, {})
    made._command.stopping = True  # by us

    def canceled() -> None:
        raise create_command_error(auto.CommandResult(stdout="", stderr="error: update canceled", code=1))

    with pytest.raises(GateRefused) as refused:
        made._guarded(canceled, [])
    assert refused.value.what.splitlines()[0] == SAID.splitlines()[0]
