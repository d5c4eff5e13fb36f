"""What a scene makes of the answers, and how it edits the configuration; without a cluster and an engine."""

import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from demo.project import Outcome
from prober import Answer, Result
from traffic import apps
from traffic.errors import TrafficError
from traffic.scene import Claim, Scene, Split


class Stub:
    """A project whose `up`s end as they are told, and a namespace whose live Service may be touched by them."""

    def __init__(self, *outcomes: tuple[int, str]) -> None:
        self.outcomes = list(outcomes)
        self.configured: list[dict[str, Any]] = []
        self.name = "space"
        self.moves = False
        self._version = 1

    def configure(self, config: dict[str, Any]) -> None:
        self.configured.append(config)

    def run(self, *words: str) -> Outcome:
        exit_code, output = self.outcomes.pop(0)
        self._version += self.moves
        return Outcome(command="pulumi up", exit_code=exit_code, output=output, seconds=1.0)

    def live(self) -> Any:
        noted = {"cutover.dev/refused": str(time.monotonic_ns())}  # may come with a refusal
        return SimpleNamespace(metadata=SimpleNamespace(annotations=noted), spec=f"selects {self._version}")

    def live_color(self) -> str:
        return "blue"

    def staying(self, color: str | None = None) -> list[Any]:
        return []


def scene(stub: Stub, **changes: Any) -> Scene:
    anything: Any = stub
    return Scene(anything, anything, anything, apps.blue_green(**changes), lambda _: None, watched=False)


def answered(*answers: tuple[float, str]) -> Result:
    result = Result(target="http://198.18.0.1:80", rate_per_second=10, seconds=10)
    result.answers = [Answer(at, 5.0, "long-lived", version, "") for at, version in answers]
    result.marks = {"1 see": 2.0, "2 seen": 4.0}
    return result


def test_after_a_cutover_only_the_new_version_may_answer() -> None:
    played = scene(Stub())
    played.claims = [Claim("1 see", "2 seen", "1.1.0")]
    assert played.judge(answered((1.0, "1.0.0"), (3.0, "1.1.0"), (5.0, "1.0.0"))) == []
    (wrong,) = played.judge(answered((3.0, "1.1.0"), (3.5, "1.0.0")))
    assert wrong == "after '1 see' 1.0.0 answered long-lived, not only 1.1.0"
    assert played.judge(answered((1.0, "1.1.0"))) == ["after '1 see' nobody answered"]


def test_an_answer_of_two_releases_is_wrong_at_any_time() -> None:
    (wrong,) = scene(Stub()).judge(answered((1.0, "1.0.0"), (2.0, "1.0.0+1.1.0")))
    assert wrong == "one request was answered by two releases: 1.0.0+1.1.0"


def test_two_services_cut_over_by_the_key_of_their_group() -> None:
    stub = Stub((0, ""))
    played = scene(stub)
    played.backend, played.group = apps.blue_green(), {"active": "blue", "services": ["api", "shop"]}
    played.swap()
    played.up()
    assert played.active == "green"
    configured = stub.configured[0]
    assert list(configured["cutover:services"]) == ["shop", "api"]
    assert configured["cutover:groups"] == {"both": {"active": "green", "services": ["api", "shop"]}}


def test_a_front_moves_from_version_to_version() -> None:
    stub = Stub((0, ""))
    played = scene(stub)
    played.service = apps.side_by_side()
    assert (played.active, played.idle, played.version()) == ("v1", "v2", "1.0.0")
    played.swap()
    played.up()
    assert played.version() == "1.1.0"
    assert stub.configured[0]["cutover:services"]["shop"]["active"] == "v2"


def test_environments_are_switched_by_their_own_key_and_there_is_no_other_service() -> None:
    stub = Stub((0, ""))
    played = scene(stub)
    played.environments = apps.environments(**{"coco-1": "1.0.0", "coco-2": "1.1.0"})
    assert (played.active, played.idle, played.version()) == ("coco-1", "coco-2", "1.0.0")
    played.swap()
    played.up()
    assert played.version() == "1.1.0"
    configured = stub.configured[0]
    assert configured["cutover:environments"]["active"] == "coco-2"
    assert "cutover:services" not in configured


def test_answers_are_counted_as_facts() -> None:
    played = scene(Stub())
    played.counts = {"old ones": Claim("1 see", "2 seen", "1.0.0")}
    played.judge(answered((1.0, "1.0.0"), (3.0, "1.0.0"), (3.1, "1.0.0"), (3.2, "1.1.0")))
    assert played.facts == {"old ones": 2}


def test_a_refusal_must_say_why_and_leave_the_service_alone() -> None:
    assert scene(Stub((1, "error: not\n  ready"))).refused("not ready").exit_code == 1
    with pytest.raises(TrafficError, match="let it through"):
        scene(Stub((0, ""))).refused()
    with pytest.raises(TrafficError, match="did not say"):
        scene(Stub((1, "error: something else"))).refused("not ready")
    stub = Stub((1, "not ready"))
    stub.moves = True
    with pytest.raises(TrafficError, match="were changed although"):
        scene(stub).refused("not ready")


def test_an_up_that_has_no_reason_to_fail_must_not() -> None:
    stub = Stub((0, ""), (1, "error: quota"))
    played = scene(stub)
    played.swap()
    played.up()
    assert stub.configured[0]["cutover:services"]["shop"]["active"] == "green"
    with pytest.raises(TrafficError, match="error: quota"):
        played.up()
    assert played.up_seconds == [1.0, 1.0]


def test_a_new_release_is_one_that_neither_color_has() -> None:
    played = scene(Stub())
    made = played.new_release("green")
    assert (made["version"], made["build"]) == ("1.2.0", 2)
    assert made["image"] == "cutover.local/responder:1.2.0"
    assert played.new_release("green", apps.AS_GO_DOES)["image"].startswith("cutover.local/podinfo:")


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        (450, 50, []),
        (400, 100, ["after '1 see' 1.0.0 gave 400 of 500 answers, not 90%"]),
        (500, 0, ["after '1 see' 1.0.0 gave 500 of 500 answers, not 90%"]),
        (0, 0, ["after '1 see' 1.0.0 gave 0 of 0 answers, not 90%"]),
    ],
)
def test_shares_are_held_to_what_chance_makes(old: int, new: int, wrong: list[str]) -> None:
    played = scene(Stub())
    played.splits = [Split("1 see", "2 seen", {"1.0.0": 0.9, "1.1.0": 0.1})]
    found = [*((3.0, "1.0.0") for _ in range(old)), *((3.0, "1.1.0") for _ in range(new)), (1.0, "9.9.9")]
    assert played.judge(answered(*found))[: len(wrong) or None] == wrong


def test_of_a_share_of_pods_only_new_connections_count() -> None:
    played = scene(Stub())
    played.splits = [Split("1 see", "2 seen", {"1.0.0": 0.5, "1.1.0": 0.5}, fresh=True)]
    kept = answered(*((3.0, "1.0.0") for _ in range(400)))
    new = answered(*((3.0, "1.0.0" if one % 2 else "1.1.0") for one in range(100)))
    both = replace(kept, answers=[*kept.answers, *(replace(one, kind="get-new") for one in new.answers)])
    assert played.judge(both) == []
    played.splits = [replace(played.splits[0], fresh=False)]
    assert "1.0.0 gave 450 of 500 answers" in played.judge(both)[0]


def test_a_version_that_should_have_no_share_is_named() -> None:
    played = scene(Stub())
    played.splits = [Split("1 see", "2 seen", {"1.0.0": 1.0})]
    found = played.judge(answered((3.0, "1.0.0"), (3.0, "1.1.0")))
    assert "after '1 see' 1.1.0 gave 1 of 2 answers, not 0%" in found
