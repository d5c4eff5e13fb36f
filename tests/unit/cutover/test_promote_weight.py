"""`promote --weight`: one key of the file and one `up`, or the reason why not, and nothing touched."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cutover.engine.records import Outcome
from cutover.errors import DriverError, UsageError
from cutover.observe.records import ServiceStatus
from cutover.operations.canary.canary import refuse_beside, set_weight
from cutover.operations.command.run import Run
from cutover.operations.up import change
from cutover.options import Options
from cutover.output.report import Report
from cutover.stackfile.view import parse_view
from tests.unit.cutover.test_app import run
from tests.unit.cutover.test_observe_routes import backends, route, shop
from tests.unit.cutover.test_pod_shares import BOTH, config
from tests.unit.cutover.test_pod_shares import shop as pod_shop

TEXT = """\
# the shop, and what is beside it
config:
  cutover:services:
    shop:   # users come by the route
      active: blue
      blue: {version: 1.0.0, build: 1, image: 'shop:1.0.0'}
      green: {version: 1.1.0, build: 1, image: "shop:1.1.0"}   # the next one
      route: {http_route: public}

      replicas: 2
    # nobody calls this one from outside
    cart: {active: blue, port: null, blue: {version: 1, build: 1, image: a}}
"""
CANARY = "      canary:  # ten of a hundred\n        weight: 10\n"
WITH_10 = TEXT.replace("      replicas: 2\n", f"      replicas: 2\n{CANARY}")
SET_10 = shop(route(backends(90, 10)))


class Stack:
    """A job on a stack file whose engine only takes down what it was told, with the file as it was then."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = folder / "Pulumi.dev.yaml"
        self.runs: list[tuple[str, str]] = []
        self.seen = SET_10
        self.fails = False
        monkeypatch.setattr(change, "check_removals", lambda *_: None)

    def write(self, text: str) -> None:
        self.path.write_text(text)

    def up(self, message: str) -> Outcome:
        self.runs.append((message, self.path.read_text()))
        if self.fails:
            raise DriverError("the gate of shop says no")
        return Outcome({"update": 1}, ())

    def promote(self, weight: int, *names: str, beside: tuple[str, ...] = ()) -> Any:
        job = Run("promote", self.path, Options(yes=True), Report())
        job.__dict__["engine"] = SimpleNamespace(up=self.up)
        job.live = lambda: {"shop": self.seen}  # type: ignore[method-assign]
        return set_weight(job, names, weight, beside)


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    made = Stack(tmp_path, monkeypatch)
    made.write(TEXT)
    return made


def test_a_weight_is_one_key_of_the_file_and_every_other_byte_stays(stack: Stack) -> None:
    done = stack.promote(10, "shop")
    ((message, text),) = stack.runs
    assert message == "shop: green 1.1.0 build 1 from 0 to 10 % of its route"
    assert (done.changed, done.details.to_json()["before"], done.details.to_json()["weight"]) == (True, 0, 10)
    added = [line for line in text.splitlines() if line not in TEXT.splitlines()]
    assert "".join(added).split() == ["canary:", "weight:", "10"]
    assert [line for line in text.splitlines() if line not in added] == TEXT.splitlines()
    assert stack.path.read_text() == text


def test_another_weight_exchanges_the_number_alone(stack: Stack) -> None:
    stack.write(WITH_10)
    assert stack.promote(50, "shop").lines == ("shop: green 1.1.0 build 1 from 10 to 50 % of its route",)
    assert stack.path.read_text() == WITH_10.replace("weight: 10", "weight: 50")


def test_nothing_is_the_end_of_the_canary(stack: Stack) -> None:
    stack.write(WITH_10)
    assert stack.promote(0, "shop").changed
    assert stack.path.read_text() == TEXT


MIRRORED = WITH_10.replace("weight: 10", "weight: 0\n        mirror: 20")


def test_a_share_takes_the_place_of_copies(stack: Stack) -> None:
    stack.write(MIRRORED)
    assert stack.promote(10, "shop").lines == ("shop: green 1.1.0 build 1 from 0 to 10 % of its route",)
    assert stack.path.read_text() == WITH_10


def test_weight_0_ends_copies_too(stack: Stack) -> None:
    stack.write(MIRRORED)
    done = stack.promote(0, "shop")
    assert done.lines == ("shop: green 1.1.0 build 1 no longer gets copies of 20 % of its route",)
    assert stack.path.read_text() == TEXT


def test_a_rollback_is_not_while_copies_are_made(stack: Stack) -> None:
    stack.write(MIRRORED)
    with pytest.raises(UsageError, match=r"green has copies of 20 % of the route, and would be gone back to"):
        refuse_beside(Run("rollback", stack.path, Options(), Report()).view, [])


def test_the_same_weight_is_nothing_to_do_where_the_route_has_it_and_it_was_seen(stack: Stack) -> None:
    stack.write(WITH_10)
    done = stack.promote(10, "shop")
    assert (done.changed, done.lines) == (False, ("shop: blue 90 %, green 10 % in route public already",))
    assert (stack.runs, stack.path.read_text()) == ([], WITH_10)


@pytest.mark.parametrize(
    "seen",
    [
        shop(route(backends(100, 0)), noted=None),
        shop(route(backends(90, 10)), noted=None),
        shop(route(backends(30, 70))),
    ],
    ids=["killed before it was set", "killed before it was seen", "changed by somebody else"],
)
def test_what_the_file_says_and_the_route_does_not_is_carried_on(stack: Stack, seen: ServiceStatus) -> None:
    stack.write(WITH_10)
    stack.seen = seen
    assert stack.promote(10, "shop").lines == ("shop: green 1.1.0 build 1 at 10 %, carried on, of its route",)
    assert [text for _, text in stack.runs] == [WITH_10]


def test_a_step_that_is_refused_leaves_the_file_as_it_was(stack: Stack) -> None:
    stack.fails = True
    with pytest.raises(DriverError, match=r"the gate of shop says no"):
        stack.promote(10, "shop")
    assert len(stack.runs) == 1
    assert stack.path.read_text() == TEXT


@pytest.mark.parametrize(
    ("names", "weight", "beside", "text", "what"),
    [
        (("cart",), 10, (), TEXT, "a service whose users two colors can share; cart is none"),
        ((), 10, (), TEXT, "no service is named"),
        (("shop", "cart"), 10, (), TEXT, "for one service, or one group; 2 are named"),
        (("shop",), 10, ("--bake", "--load"), TEXT, "--weight stands with --bake, --load, which are of a cutover"),
        (("shop",), 10, (), TEXT.replace("      green:", "      #green:"), "green has no release to give 10 % to"),
        (("shop",), 0, (), TEXT, "shop is not deployed yet"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_touched(
    stack: Stack, names: tuple[str, ...], weight: int, beside: tuple[str, ...], text: str, what: str
) -> None:
    stack.write(text)
    stack.seen = shop(route(backends(90, 10)), route=None, canary=None)
    with pytest.raises(UsageError, match=what):
        stack.promote(weight, *names, beside=beside)
    assert (stack.runs, stack.path.read_text()) == ([], text)


def test_by_pods_the_share_is_told_that_they_make(stack: Stack) -> None:
    by_pods = TEXT.replace("route: {http_route: public}", "cutover: labels")
    stack.write(by_pods)
    stack.seen = pod_shop((False, False), None, config(None))
    done = stack.promote(10, "shop")
    assert done.lines == ("shop: green 1.1.0 build 1 to 1 of 3 pods, 33.3 % of new connections",)
    ((_, text),) = stack.runs
    assert text == by_pods.replace("      replicas: 2\n", "      replicas: 2\n      canary:\n        weight: 10\n")
    assert done.details.to_json()["weight"] == 10

    stack.seen = pod_shop((True, False), BOTH | {"shop-green-0"})
    assert stack.promote(10, "shop").lines == ("shop: green 1 of 3 pods, 33.3 % of new connections already",)
    stack.seen = pod_shop((False, False), BOTH)
    assert stack.promote(10, "shop").changed, "a pod of it died"
    assert stack.promote(0, "shop").lines == ("shop: green 1.1.0 build 1 to 0 of 2 pods, 0 % of new connections",)
    assert stack.path.read_text() == by_pods
    stack.seen = pod_shop((False, False), None, config(None))
    assert stack.promote(0, "shop").lines == ("shop: no pod of green gets new connections already",)
    assert len(stack.runs) == 3


def test_no_rollback_beside_pods_that_have_a_share(tmp_path: Path) -> None:
    content = {"config": {"cutover:services": {"shop": config(10)}}}
    with pytest.raises(UsageError, match="green has a canary, 1 of its pods, and would be gone back to") as refused:
        refuse_beside(parse_view(content, tmp_path / "Pulumi.dev.yaml"), ())
    assert "`cutover promote shop --weight 0`" in str(refused.value)


@pytest.mark.parametrize("weight", ["101", "-1", "ten"])
def test_a_weight_is_a_percentage(stack: Stack, weight: str) -> None:
    told = run("promote", "shop", "--weight", weight, "--yes", cwd=stack.path.parent, code=2).stderr
    assert "Invalid value for '--weight'" in told
    assert stack.path.read_text() == TEXT
