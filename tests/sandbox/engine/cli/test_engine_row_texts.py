"""A save costs what changed since the last one, and the file is what it would be if all were written anew."""

import copy
import json
import random
from typing import Any

import pytest

from sandbox.engine.backend import checkpoint, clock, store
from sandbox.engine.backend.layout import StackRef
from sandbox.engine.backend.row_texts import RowTexts
from sandbox.engine.backend.secrets import SecretsManager
from sandbox.engine.backend.store import FileStore
from sandbox.engine.model import SECRET, SIG, Row, Snapshot
from tests.sandbox.engine.cli.test_engine_state import ref, row

__all__ = ["ref"]
TOKEN = {SIG: SECRET, "value": "swordfish ü"}


@pytest.fixture
def files(ref: StackRef, monkeypatch: pytest.MonkeyPatch) -> FileStore:
    """A store whose time stands still and whose ciphertexts can be told from the plain text."""
    monkeypatch.setattr(clock, "now", lambda: "2026-11-22T01:44:00.000000Z")
    monkeypatch.setattr(SecretsManager, "encrypt", lambda _, text: f"v1:{text[::-1]}")
    return FileStore(ref, SecretsManager(), checkpoint.read(ref))


def sealed(value: Any) -> Any:
    if isinstance(value, dict) and value.get(SIG) == SECRET:
        plain = json.dumps(value["value"], separators=(",", ":"), ensure_ascii=False)
        return {SIG: SECRET, "ciphertext": f"v1:{plain[::-1]}"}
    if isinstance(value, dict):
        return {key: sealed(item) for key, item in value.items()}
    return [sealed(item) for item in value] if isinstance(value, list) else value


def plain(ref: StackRef, rows: list[Row], pending: list[Row]) -> bytes:
    """The whole document in one go."""
    version, features = checkpoint.frame([*rows, *(one["resource"] for one in pending)])
    latest: dict[str, Any] = {"manifest": checkpoint.manifest()}
    if rows:
        latest["resources"] = rows
    if pending:
        latest["pending_operations"] = pending
    frame: dict[str, Any] = {"version": version} | ({"features": features} if features else {})
    document = frame | {"checkpoint": {"stack": ref.qualified, "latest": sealed(latest | {"metadata": {}})}}
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def change(chance: random.Random, rows: list[Row], number: int) -> None:
    """What steps do to rows: new ones, marks, other outputs, none; equal values that read otherwise among them."""
    one = chance.choice(rows)
    match chance.randrange(7):
        case 0:
            rows.append(row(f"r{number}", inputs={"ü": [number, {"deep": TOKEN}]}, outputs={}))
        case 1:
            one["outputs"] = {"n": chance.choice([1, 1.0, True, 0, 0.0, False, None, "", "\u2028\ud83d\ude00"[:1]])}
        case 2:
            one["delete"] = not one.get("delete")
        case 3 if len(rows) > 1:
            rows.remove(one)
        case 4:
            rows.insert(chance.randrange(len(rows)), dict(one))  # a replacement: two of one URN
        case 5:
            one["resourceHooks"] = {"BeforeUpdate": [f"h{number}"]}
        case _:
            one["outputs"] = {"token": TOKEN, "list": [TOKEN, number]}


@pytest.mark.parametrize("seed", range(5))
def test_the_file_is_what_it_would_be_without_what_is_kept(files: FileStore, ref: StackRef, seed: int) -> None:
    chance, rows = random.Random(seed), [row("first", outputs={"a": 1})]  # noqa: S311
    for number in range(60):
        change(chance, rows, number)
        pending = [{"resource": chance.choice(rows), "type": "updating"}] if number % 3 else []
        snapshot = Snapshot([dict(one) for one in rows], pending)
        files.save(copy.deepcopy(snapshot) if number % 10 == 9 else snapshot)
        assert ref.checkpoint.read_bytes() == plain(ref, snapshot.resources, snapshot.pending)
    files.save(Snapshot([], []))
    assert ref.checkpoint.read_bytes() == plain(ref, [], [])


def test_equal_values_that_read_otherwise_are_written_as_they_are(files: FileStore, ref: StackRef) -> None:
    one = row("a", outputs={"n": 1}, protect=1)
    for value in (1, 1.0, True):
        one["protect"], one["outputs"] = value, {"n": value}
        files.save(Snapshot([dict(one)], []))
        assert ref.checkpoint.read_bytes() == plain(ref, [one], [])
    files.save(Snapshot([dict(reversed(one.items()))], []))
    assert ref.checkpoint.read_bytes() == plain(ref, [dict(reversed(one.items()))], [])


def test_a_step_serializes_its_own_row_only(files: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row(f"r{number}", outputs={"n": number, "token": TOKEN}) for number in range(400)]
    files.save(Snapshot([dict(one) for one in rows], []))
    serialized: list[str] = []
    real = RowTexts._serialized

    def counted(texts: RowTexts, one: Row) -> bytes:
        serialized.append(one["id"])
        return real(texts, one)

    monkeypatch.setattr(RowTexts, "_serialized", counted)
    under_way = [{"resource": {"created": "now", **rows[7]}, "type": "updating"}]
    files.save(Snapshot([dict(one) for one in rows], under_way))
    rows[7]["outputs"] = {"n": 8}
    files.save(Snapshot([dict(one) for one in rows], under_way))
    files.save(Snapshot([dict(one) for one in rows], []))
    assert serialized == ["r7", "r7"]  # as it begins, and as it is done


def test_what_is_no_row_any_more_is_forgotten(files: FileStore) -> None:
    for number in range(20):
        files.save(Snapshot([row("a", outputs={"n": number}), row("b")], []))
    assert len(files._texts._known) == 2


def test_a_save_that_fails_leaves_the_next_one_whole(
    files: FileStore, ref: StackRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row("a"), row("b")]
    files.save(Snapshot(rows, []))
    before = ref.checkpoint.read_bytes()

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(store, "write_durably", full)
        with pytest.raises(OSError, match="No space left"):
            files.save(Snapshot([*rows, row("c")], []))
    assert ref.checkpoint.read_bytes() == before
    files.save(Snapshot([*rows, row("c")], []))
    assert ref.checkpoint.read_bytes() == plain(ref, [*rows, row("c")], [])
