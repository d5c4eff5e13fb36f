"""A stack that the version before deployed shows no changes: every shape still registers the same resources.

`recorded/resources.json` is what the program registered when it was written: the URN of each resource, what it inherits
by alias, and its inputs. Another URN would make a second object and delete the first; another input would roll pods.
A change that is meant is recorded anew by `python -m tests.components.test_recorded`, with a line in the changelog
that says what `pulumi preview` shows to the users of it.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import mocks

from components import program
from components.rules.facts import LiveService
from components.stack.load import load_settings
from contract.annotations import ADOPTED
from tests.components.fakes import FakeCluster, Recorder, run_program

HERE = Path(__file__).parent / "recorded"
SHAPES: dict[str, Any] = yaml.safe_load((HERE / "shapes.yaml").read_text())
KEPT = ("aliases", "ignoreChanges", "importId", "deleteBeforeReplace", "retainOnDelete", "protect", "customTimeouts")


def _cluster(shape: str, service: str) -> FakeCluster:
    found = FakeCluster()
    if shape.startswith("adopted"):
        found.live = LiveService({"app": service}, None, {ADOPTED: "blue", "owner": "team-a"})
    return found


def register(shape: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """URN -> what the program registers under it in a preview of a stack of this shape."""
    found: dict[str, Any] = {}

    class Monitor(mocks.MockMonitor):
        def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the SDK's name
            whole = MessageToDict(request)
            if request.type != "pulumi:pulumi:Stack":
                urn = self.make_urn(request.parent, request.type, request.name)
                about = {key: whole[key] for key in KEPT if whole.get(key)}
                found[urn] = {"inputs": whole.get("object", {})} | about
            return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    for room in ("arguments", "blue_green.group"):
        monkeypatch.setattr(f"components.strategies.{room}.cluster_for", lambda name, *_: _cluster(shape, name))
    recorder = Recorder()
    pulumi.runtime.set_mocks(recorder, project="cutover", stack="test", preview=True, monitor=Monitor(recorder))
    config = {"cutover:namespace": "shop", "cutover:token": "s3cret"}
    config |= {f"cutover:{key}": json.dumps(value) for key, value in SHAPES[shape].items()}
    pulumi.runtime.set_all_config(config, ["cutover:token"])

    def deploy() -> Any:
        return program.deploy(load_settings(pulumi.Config("cutover")))

    run_program(deploy)
    pulumi.runtime.settings.reset_options()
    return {urn: found[urn] for urn in sorted(found)}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_stack_of_the_version_before_shows_no_changes(
    shape: str, loops: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = json.loads((HERE / "resources.json").read_text())[shape]
    now = register(shape, monkeypatch)
    assert now.keys() == before.keys()
    for urn, resource in now.items():
        assert resource == before[urn], urn


def test_every_shape_is_recorded() -> None:
    recorded = json.loads((HERE / "resources.json").read_text())
    assert recorded.keys() == SHAPES.keys()
    assert all(len(resources) > 4 for resources in recorded.values())


if __name__ == "__main__":
    made = {}
    for each in SHAPES:
        asyncio.set_event_loop(asyncio.new_event_loop())
        with pytest.MonkeyPatch.context() as patch:
            made[each] = register(each, patch)
    (HERE / "resources.json").write_text(json.dumps(made, separators=(",", ":"), sort_keys=True) + "\n")
