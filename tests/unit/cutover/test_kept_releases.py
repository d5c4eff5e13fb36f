"""Kept releases in the driver: what the file says of them after each verb, how they are told, how one is named."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.strategies.blue_green.settings import BlueGreenSettings
from contract.releases import other
from cutover.errors import UsageError
from cutover.observe.records import KeptStatus
from cutover.observe.tree import tree
from cutover.operations.rollback.named import standing_by
from cutover.operations.up.kept import in_words, kept_after
from cutover.stackfile.edit import ABSENT
from tests.unit.cutover.objects import V1, V2, V3, blue_green, deployment, pods, service, view
from tests.unit.cutover.test_observe import status

Json = dict[str, Any]
V0: Json = {"version": "0.9.0", "build": 4, "image": "shop:0.9.0"}
PATH = ("cutover:services", "shop", "kept")


def edited(config: Json, role: str, new: Json | None, *, left: bool = False) -> Json:
    """The settings after a release was written on the idle color, which had that role."""
    shop = view(shop=config).services["shop"]
    idle = other(config["active"])
    seen: Any = SimpleNamespace(colors={idle: SimpleNamespace(role=role)}, left=SimpleNamespace() if left else None)
    after = dict(config) | {idle: new}
    for path, value in kept_after(shop, seen, new).items():
        assert path == PATH
        after["kept"] = [] if value is ABSENT else value
    return after


def releases(config: Json) -> list[str]:
    """The versions that are kept."""
    return [one["version"] for one in config.get("kept", [])]


@given(
    keep=st.integers(1, 4),
    acts=st.lists(st.sampled_from(["release", "promote", "rollback", "to", "abort"]), max_size=25),
    pick=st.integers(0, 9),
)
def test_whatever_is_done_the_file_is_good_and_no_more_stand_by_than_asked_for(
    keep: int, acts: list[str], pick: int
) -> None:
    config = blue_green(keep=keep, green=None)
    number, idle_role = 1, "absent"
    served = [V1["version"]]
    for act in acts:
        idle = other(config["active"])
        if act == "release":
            number += 1
            new = {"version": f"{number}.0.0", "build": 1, "image": f"shop:{number}"}
            config, idle_role = edited(config, idle_role, new), "preview"
        elif act == "promote" and idle_role == "preview":
            config, idle_role = config | {"active": idle}, "standby"
            served.append(config[idle]["version"])
        elif act == "rollback" and idle_role == "standby":
            config = config | {"active": idle}
            served.append(config[idle]["version"])
        elif act == "to" and config.get("kept"):
            target = config["kept"][pick % len(config["kept"])]
            config = edited(config, idle_role, target) | {"active": idle}
            idle_role = "standby"
            served.append(target["version"])
        elif act == "abort" and idle_role == "preview":
            config, idle_role = edited(config, idle_role, None), "absent"
        made = BlueGreenSettings.model_validate({key: value for key, value in config.items() if value is not None})
        on_colors = {config[color]["version"] for color in ("blue", "green") if config[color]}
        assert len(made.kept) == len(made.kept_beside) < keep or not made.kept
        assert not on_colors & set(releases(config))
        assert set(releases(config)) <= set(served), "only what served is kept"
    if set(acts) <= {"release", "promote"} and idle_role == "standby":
        before = list(dict.fromkeys(reversed(served)))[1 : keep + 1]
        assert [config[other(config["active"])]["version"], *releases(config)] == before, "the last ones that served"


def test_a_release_keeps_what_it_takes_the_place_of() -> None:
    assert releases(edited(blue_green(keep=2), "standby", V3)) == ["1.1.0"]
    assert releases(edited(blue_green(keep=2, kept=[V0]), "standby", V3)) == ["1.1.0"], "the oldest goes"
    assert releases(edited(blue_green(keep=3, kept=[V0]), "standby", V3)) == ["1.1.0", "0.9.0"]
    assert releases(edited(blue_green(keep=3, kept=[V0]), "preview", V3)) == ["0.9.0"], "what never served is not kept"
    assert releases(edited(blue_green(keep=3, kept=[V0]), "standby", V3, left=True)) == ["0.9.0"], "nor a bad one"
    assert "kept" not in edited(blue_green(), "standby", V3), "by default nothing is"
    adopted = edited(blue_green(keep=2, green=V2 | {"adopt": {"deployment": "shop"}}), "standby", V3)
    assert adopted["kept"] == [V2], "the Deployment that was adopted goes"


def test_what_is_kept_from_now_on_is_said() -> None:
    shop = view(shop=blue_green(keep=2, kept=[V0])).services["shop"]
    assert in_words(shop, {PATH: [V2]}) == "keeps 1.1.0 build 1; no longer keeps 0.9.0 build 4"
    assert in_words(shop, {PATH: ABSENT}) == "no longer keeps 0.9.0 build 4"
    assert (in_words(shop, {}), in_words(shop, {PATH: [V2, V0]})) == ("", "keeps 1.1.0 build 1")


def test_fewer_are_kept_once_keep_is_less() -> None:
    assert edited(blue_green(kept=[V0]), "standby", V3)["kept"] == []


def kept_status(*workloads: Json, more: list[Json] | None = None, **changes: Any) -> Any:
    found = [deployment("blue", V1), deployment("green", V2, minutes=10), *workloads]
    listed = [*pods("blue", V1), *pods("green", V2), *(more or [])]
    return status(blue_green(keep=2, kept=[V0], **changes), [service()], found, listed)


def test_status_tells_each_apart_from_the_color_whose_name_it_has() -> None:
    older = deployment("green", V0, minutes=5) | {"status": {"observedGeneration": 1}}
    found = kept_status(older, more=pods("green", V0, count=1))
    assert found.kept == (KeptStatus("0.9.0 build 4", 2, 1),)
    assert (found.drift, found.state) == ((), "paused")
    assert (found.colors["green"].release, len(found.colors["green"].pods)) == ("1.1.0 build 1", 2)
    assert found.to_json()["kept"] == [{"release": "0.9.0 build 4", "wanted": 2, "ready": 1, "missing": False}]
    assert "├─ kept    0.9.0 build 4  standby  ✖ 1/2 pods ready" in [
        one.text for one in tree("t", "n", {"shop": found})
    ]


def test_one_that_is_not_there_is_a_difference() -> None:
    (found,) = kept_status().differences
    assert str(found).startswith("shop kept 0.9.0 build 4: config 2 pods, cluster none; `cutover up --stack test`")


def test_what_takes_the_traffic_is_a_color_s_whatever_the_file_says() -> None:
    found = status(blue_green(keep=2, blue=V3, kept=[V1]), [service()], [deployment("blue", V1)], pods("blue", V1))
    assert found.colors["blue"].role == "live"
    assert (found.kept[0].missing, found.colors["blue"].ready) == (True, 2)


def test_a_release_is_named_by_its_version_or_its_id() -> None:
    config = blue_green(keep=3, kept=[V0, V0 | {"build": 5}, V3])
    shop = view(shop=config).services["shop"]
    seen = status(
        config, [service("shop", "blue", V1, switched=1)], [deployment("blue", V1), deployment("green", V2)], []
    )
    assert standing_by(shop, seen, "1.2.0") == V3
    assert standing_by(shop, seen, "0-9-0-b5")["build"] == 5
    assert standing_by(shop, seen, "1.1.0") == V2, "the color that stands by"
    assert standing_by(shop, seen, "1.0.0") == V1, "what is live: there is nothing to do then"
    with pytest.raises(UsageError, match=r"several builds of 0.9.0: 0-9-0-b4, 0-9-0-b5"):
        standing_by(shop, seen, "0.9.0")
    with pytest.raises(UsageError, match=r"no release 7.7.7 stands by; there are: 0.9.0 build 4, .*1.1.0 build 1"):
        standing_by(shop, seen, "7.7.7")
    preview = status(config, [service()], [deployment("blue", V1), deployment("green", V2, minutes=10)], [])
    with pytest.raises(UsageError, match=r"no release 1.1.0 stands by"):
        standing_by(shop, preview, "1.1.0")
