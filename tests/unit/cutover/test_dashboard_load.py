"""What a dashboard takes of the processor, which the load of the machine does not change: 50 services and 10 viewers at
rest, and its start.
"""

import json
import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract.labels import INSTANCE
from cutover.dashboard.reader import RESTLESS_SECONDS
from tests.unit.cutover.objects import V1, V2, blue_green, deployment, pods, service
from tests.unit.cutover.test_dashboard_verb import following, get, running
from tests.unit.cutover.test_status_verb import Cluster, cluster, project

__all__ = ["cluster", "project"]

SERVICES, VIEWERS = 50, 10
SHARE = 0.05  # of one core, at rest
START_SECONDS = 1.0  # of one core, until it answers; it waits for nothing else
REST_SECONDS = 12.0  # three looks, once those of its start are over, which come each second
MANAGED = [{"manager": "pulumi", "fieldsV1": {f"f:field-{number:03}": {} for number in range(120)}}]  # as clusters add
Json = dict[str, Any]


def named(name: str, item: Json) -> Json:
    """An object of the stand-in as that of another service, of the size that a cluster's have."""
    made: Json = json.loads(json.dumps(item).replace('"shop', f'"{name}'))
    made["metadata"]["managedFields"] = made["metadata"].get("managedFields", []) + MANAGED
    return made


@pytest.fixture
def many(project: Path, cluster: Cluster) -> Path:
    names = [f"s{number:02}" for number in range(SERVICES)]
    shapes = {
        "services": [service()],
        "deployments": [deployment("blue", V1), deployment("green", V2, minutes=10)],
        "pods": [*pods("blue", V1), *pods("green", V2)],
    }
    cluster.lists = {kind: [named(name, one) for name in names for one in items] for kind, items in shapes.items()}
    assert cluster.lists["services"][-1]["metadata"]["labels"][INSTANCE] == names[-1]
    path = project / "Pulumi.dev.yaml"
    config = yaml.safe_load(path.read_text())
    config["config"]["cutover:services"] = {name: blue_green() for name in names}
    path.write_text(yaml.safe_dump(config))
    return project


def processor_seconds(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def test_fifty_services_and_ten_viewers_take_less_than_a_twentieth_of_a_core(
    many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUTOVER_PULUMI", str(tmp_path / "no-pulumi"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with running(many) as (address, process):
        started = processor_seconds(process.pid)
        assert "s49" in get(address)
        with ExitStack() as viewers:
            for _ in range(VIEWERS):
                assert next(viewers.enter_context(following(address))).startswith("retry")
            time.sleep(RESTLESS_SECONDS + 1)
            before = processor_seconds(process.pid)
            time.sleep(REST_SECONDS)
            share = (processor_seconds(process.pid) - before) / REST_SECONDS
    assert started < START_SECONDS
    assert share < SHARE
