"""What a broken-off run left: every kind that the program makes is looked for, by whoever may see it."""

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from components.manifests import objects
from components.settings.scaled_object import API_VERSION
from contract.annotations import STACK
from cutover.engine.records import Held
from cutover.observe import ColorStatus, Refused, ServiceStatus
from cutover.operations.command.run import Run
from cutover.operations.destroy import destroy as destroying
from cutover.operations.release import abort as aborting
from cutover.operations.up import leftovers
from cutover.operations.up.leftovers import API_OF_KEDA, KINDS, SOME_MAKE, find_leftovers
from cutover.options import Options
from cutover.output.report import Report
from cutover.stackfile.view import StackView
from tests.unit.cutover.objects import rolling, view

Json = dict[str, Any]
NOT_LOOKED_FOR = {"Secret", "Job"}


class FakeApi:
    """An API server that has one object of each kind, or refuses those of some kinds with a status."""

    def __init__(self, **refused: int) -> None:
        self._refused = refused
        self.meta: Json = {"name": "old", "annotations": {STACK: "cutover/test"}}

    def items(self, path: str, _: Json) -> list[Json]:
        kind = next(kind for kind in KINDS if f"{kind.lower()}s" == path.rpartition("/")[2])
        if kind in self._refused:
            raise Refused("may not", "ask for it", self._refused[kind])
        return [{"metadata": self.meta}]


@pytest.fixture
def stack(tmp_path: Path) -> StackView:
    (tmp_path / "Pulumi.yaml").write_text("name: cutover\nruntime: python\n")
    (tmp_path / "Pulumi.test.yaml").write_text("config: {}\n")
    found = view(shop=rolling())
    return StackView(found.name, tmp_path / "Pulumi.test.yaml", found.namespace, found.services)


def left(api: FakeApi, stack: StackView, *held: Held) -> set[str]:
    return set(find_leftovers(api, stack, held))  # type: ignore[arg-type]


def test_every_kind_that_the_program_makes_is_looked_for(stack: StackView) -> None:
    made = {one.kind: one.api_version for one in objects.KubernetesObject.__subclasses__()}
    assert {kind: version for kind, version in made.items() if kind not in NOT_LOOKED_FOR} == KINDS
    assert made.keys() >= NOT_LOOKED_FOR
    assert left(FakeApi(), stack) == {f"{kind.lower()}/old" for kind in KINDS}
    assert API_OF_KEDA == API_VERSION


def test_what_the_state_has_or_others_own_is_not_left(stack: StackView) -> None:
    known = Held("urn", "gateway.networking.k8s.io/v1", "HTTPRoute", stack.namespace, "old")
    assert "httproute/old" not in left(FakeApi(), stack, known)
    changes: list[Json] = [{"annotations": {}}, {"ownerReferences": [{"name": "keda"}]}, {"deletionTimestamp": "now"}]
    for change in changes:
        api = FakeApi()
        api.meta |= change
        assert left(api, stack) == set()


@pytest.mark.parametrize("kind", sorted(SOME_MAKE))
@pytest.mark.parametrize("status", [403, 404])
def test_who_may_not_see_a_kind_or_has_none_of_it_made_none(stack: StackView, kind: str, status: int) -> None:
    assert left(FakeApi(**{kind: status}), stack) == {f"{one.lower()}/old" for one in KINDS if one != kind}
    with pytest.raises(Refused):
        left(FakeApi(**{kind: 500}), stack)


def test_what_everybody_makes_has_to_be_seen(stack: StackView) -> None:
    for kind in KINDS.keys() - SOME_MAKE:
        with pytest.raises(Refused):
            left(FakeApi(**{kind: 403}), stack)


def begun(verb: str, stack: StackView, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A command on a stack of which a killed run left a Deployment; `done` is what was done."""
    shop = "{shop: {strategy: blue-green, active: blue, port: 80}}"
    stack.path.write_text(f"config: {{'cutover:namespace': shop, 'cutover:services': {shop}}}")
    made: Any = Run(verb, stack.path, Options(yes=True), Report())
    made.done = []
    destroyed = SimpleNamespace(changes={"delete": 3}, changed=True)
    made.__dict__["engine"] = SimpleNamespace(held=list, destroy=lambda _: made.done.append("destroy") or destroyed)
    made.report.say = lambda text, *_: made.done.append(text)
    monkeypatch.setattr(leftovers, "find_leftovers", lambda *_: ["deployment/old"])
    monkeypatch.setattr("cutover.observe.Api", lambda _: nullcontext())
    monkeypatch.setattr("cutover.observe.access_of", lambda _: None)
    return made


ENDS = "Where no other stack of this name has it: `kubectl delete -n shop deployment/old`"


def test_what_is_destroyed_is_not_told_as_gone_where_a_part_of_it_is_in_no_state(
    stack: StackView, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begun("destroy", stack, monkeypatch)
    monkeypatch.setattr(destroying, "check_owned", lambda _: None)
    ended = destroying.destroy(run)
    assert run.done[0] == "destroy"
    assert run.done[1].startswith("deployment/old is still there, and in no state: a run that was broken off left it")
    assert run.done[1].endswith(ENDS)
    assert ended.details.to_json()["leftovers"] == ["deployment/old"]


def test_a_release_that_is_given_up_is_not_told_as_gone_while_its_pods_run(
    stack: StackView, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begun("abort", stack, monkeypatch)
    preview = ColorStatus("green", "1.1.0 build 1", "1-1-0-b1", "preview", 2, 2)
    seen = ServiceStatus("shop", "blue-green", "blue", "blue", "1-0-0-b1", True, {"green": preview})
    run.live = lambda: {"shop": seen}
    run.__dict__["history"] = []
    monkeypatch.setattr(aborting, "change", lambda *_: run.done.append("up"))
    ended = aborting.abort(run, ["shop"], everyone=False)
    assert run.done[-2] == "up"
    assert run.done[-1].startswith("deployment/old is not in its state, nor in the file: a run that was broken off")
    assert run.done[-1].endswith(ENDS)
    assert ended.details.to_json()["leftovers"] == ["deployment/old"]
