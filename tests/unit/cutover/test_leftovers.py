"""What a broken-off run left: every kind that the program makes is looked for, by whoever may see it."""

from pathlib import Path
from typing import Any

import pytest

from components.manifests import objects
from components.settings.scaled_object import API_VERSION
from contract.annotations import STACK
from cutover.engine.records import Held
from cutover.observe import Refused
from cutover.operations.up.leftovers import API_OF_KEDA, KINDS, SOME_MAKE, find_leftovers
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
