"""A stack to measure: as many services as are asked for, one of them or all cut over."""

from pathlib import Path
from typing import Any

import yaml

from bench import growth, times
from bench.measure import Measured
from bench.project import STACK


def _written(folder: Path, grouped: bool) -> Path:
    config = growth.configuration("ns", times.service(replicas=1), 3, grouped=grouped)
    (folder / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump({"config": config}))
    return folder


def _config(folder: Path) -> Any:
    return yaml.safe_load((folder / f"Pulumi.{STACK}.yaml").read_text())["config"]


def test_one_service_of_many_is_cut_over_and_back(tmp_path: Path) -> None:
    edit = growth._edit(_written(tmp_path, grouped=False), ["s000"])
    for number, color in enumerate(("green", "blue")):
        edit(number)
        assert [one["active"] for one in _config(tmp_path)["cutover:services"].values()] == [color, "blue", "blue"]


def test_all_are_cut_over_and_a_group_as_one(tmp_path: Path) -> None:
    growth._edit(_written(tmp_path, grouped=False), None)(0)
    assert {one["active"] for one in _config(tmp_path)["cutover:services"].values()} == {"green"}
    growth._edit(_written(tmp_path, grouped=True), None)(0)
    assert _config(tmp_path)["cutover:groups"]["all"]["active"] == "green"
    assert not any("active" in one for one in _config(tmp_path)["cutover:services"].values())


def test_a_row_says_what_a_service_takes() -> None:
    assert growth.per_service(Measured("cutover_of_all_50", 2, 25.0, 24.0, 26.0, 20.0)) == 0.5
