"""The state files: readable after anything, refused with a clear word when they are not."""

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from sandbox.engine.backend import checkpoint, lock, store
from sandbox.engine.backend import project as projects
from sandbox.engine.backend.errors import EngineError, StackNotFoundError, UsageError
from sandbox.engine.backend.files import write_durably
from sandbox.engine.backend.layout import StackRef, parse
from sandbox.engine.backend.secrets import SecretsManager
from sandbox.engine.backend.store import FileStore
from sandbox.engine.model import Row, Snapshot
from tests.sandbox.engine.cli.conftest import Pulumi

STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"


def row(name: str, **more: Any) -> Row:
    return {"urn": f"urn:pulumi:dev::shop::a:b:C::{name}", "custom": True, "id": name, "type": "a:b:C", **more}


@pytest.fixture
def ref(tmp_path: Path) -> StackRef:
    found = StackRef(tmp_path, "shop", "dev", "shop")
    store.create(found)
    return found


def save(ref: StackRef, rows: list[Row], pending: list[Row] | None = None) -> None:
    FileStore(ref, SecretsManager(), checkpoint.read(ref)).save(Snapshot(rows, pending or []))


def load(ref: StackRef) -> Snapshot:
    return FileStore(ref, SecretsManager(), checkpoint.read(ref)).load()


def test_what_is_saved_is_loaded(ref: StackRef) -> None:
    rows = [row("a"), row("b", parent=row("a")["urn"], inputs={"text": "ü"})]
    pending = [{"resource": row("c"), "type": "creating"}]
    save(ref, rows, pending)
    assert load(ref) == Snapshot(rows, pending)


def test_the_file_is_in_the_file_backends_format(ref: StackRef) -> None:
    save(ref, [row("a")])
    document = json.loads(ref.checkpoint.read_bytes())
    manifest = document["checkpoint"]["latest"].pop("manifest")
    assert document == {
        "version": 3,
        "checkpoint": {"stack": "organization/shop/dev", "latest": {"resources": [row("a")], "metadata": {}}},
    }
    assert manifest["magic"] == checkpoint.magic(manifest["version"])
    assert (ref.base / ".pulumi/meta.yaml").read_text() == "version: 1\n"


def test_hooks_in_a_row_make_it_version_4(ref: StackRef) -> None:
    save(ref, [row("a", resourceHooks={"BeforeDelete": ["h"]})])
    document = json.loads(ref.checkpoint.read_bytes())
    assert (document["version"], document["features"]) == (4, ["hooks"])
    assert load(ref).resources[0]["resourceHooks"] == {"BeforeDelete": ["h"]}


def test_the_backup_is_the_state_before(ref: StackRef) -> None:
    save(ref, [row("a")])
    before = ref.checkpoint.read_bytes()
    save(ref, [row("a"), row("b")])
    assert ref.checkpoint.with_name("dev.json.bak").read_bytes() == before


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"null", b'{"version": 3}', b'{"version":3,"checkpoint":null}'])
def test_a_damaged_file_names_itself_and_its_backup(ref: StackRef, damage: bytes) -> None:
    save(ref, [row("a")])
    save(ref, [row("a")])
    ref.checkpoint.write_bytes(damage)
    with pytest.raises(EngineError, match="is damaged") as caught:
        checkpoint.read(ref)
    assert str(ref.checkpoint) in str(caught.value)
    assert f"{ref.checkpoint}.bak" in str(caught.value)


def test_every_truncation_is_an_error_and_no_traceback(ref: StackRef) -> None:
    save(ref, [row("a")])
    whole = ref.checkpoint.read_bytes()
    for length in range(0, len(whole), 7):
        ref.checkpoint.write_bytes(whole[:length])
        with pytest.raises(EngineError):
            checkpoint.read(ref)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row("b", parent=row("a")["urn"]), row("a")], "stands before"),
        ([row("a", dependencies=[row("gone")["urn"]])], "or that is missing"),
        ([row("a", propertyDependencies={"x": [row("gone")["urn"]]})], "or that is missing"),
        ([row("a", provider=f"{row('p')['urn']}::id")], "or that is missing"),
        ([row("a"), row("a")], "appears twice"),
    ],
)
def test_rows_that_do_not_hang_together_are_refused(ref: StackRef, rows: list[Row], message: str) -> None:
    save(ref, rows)
    with pytest.raises(EngineError, match=message):
        checkpoint.read(ref)


def test_a_row_that_waits_for_deletion_may_share_its_name(ref: StackRef) -> None:
    save(ref, [row("a"), row("a", id="old", delete=True)])
    assert len(load(ref).resources) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [({"version": 5}, "version 5"), ({"features": ["taint"]}, "taint")],
)
def test_what_a_newer_pulumi_wrote_is_refused(ref: StackRef, change: dict[str, Any], message: str) -> None:
    save(ref, [row("a")])
    ref.checkpoint.write_text(json.dumps({**json.loads(ref.checkpoint.read_bytes()), **change}))
    with pytest.raises(EngineError, match=message):
        checkpoint.read(ref)


def test_an_edited_manifest_is_noticed(ref: StackRef) -> None:
    save(ref, [row("a")])
    ref.checkpoint.write_text(ref.checkpoint.read_text().replace('"version":"v3', '"version":"v4'))
    with pytest.raises(EngineError, match="magic cookie mismatch"):
        checkpoint.read(ref)


def test_a_missing_stack_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(StackNotFoundError, match="no stack named 'dev' found"):
        checkpoint.read(StackRef(tmp_path, "shop", "dev", "shop"))


def test_a_write_that_fails_leaves_the_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        write_durably(path, b"new")
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == b"old"


def test_one_lock_at_a_time(ref: StackRef) -> None:
    with lock.held(ref):
        assert len(lock.holders(ref)) == 1
        with pytest.raises(EngineError, match="the stack is currently locked by 1 lock"), lock.held(ref):
            pytest.fail("two at once")
        assert len(lock.holders(ref)) == 1
    assert lock.holders(ref) == []


def test_of_many_that_start_together_never_two_get_in(ref: StackRef) -> None:
    inside, most, guard, start = 0, 0, threading.Lock(), threading.Barrier(8)

    def enter() -> None:
        nonlocal inside, most
        start.wait()
        try:
            with lock.held(ref):
                with guard:
                    inside += 1
                    most = max(most, inside)
                with guard:
                    inside -= 1
        except EngineError:
            return

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most <= 1
    assert lock.holders(ref) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "is not a stack"),
        ("a/b/c/d", "is not a stack"),
        ("acme/shop/dev", "must be 'organization'"),
        ("organization/../dev", "project name '..' is invalid"),
        ("a b", "stack name 'a b' is invalid"),
        ("..", "stack name '..' is invalid"),
    ],
)
def test_names_that_are_no_stacks_are_refused(project: Path, name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse(name, project, projects.find())


def test_a_damaged_state_is_a_clear_error_on_the_command_line(pulumi: Pulumi, project: Path) -> None:
    pulumi("stack", "init", "dev", passphrase="")
    pulumi("up", "-yf")
    path = project.parent / "state/.pulumi/stacks/shop/dev.json"
    path.write_bytes(path.read_bytes()[:50])
    for command in (["up", "-yf"], ["stack"], ["stack", "output"], ["destroy", "-yf"], ["stack", "ls"]):
        result = pulumi(*command)
        assert result.code == 1
        assert f"the state file {path} is damaged" in result.err
        assert "Traceback" not in result.out + result.err
    path.with_name("dev.json.bak").replace(path)
    assert pulumi("up", "-yf").code == 0
