"""The stack's state between runs: snapshots in and out of the checkpoint file, secrets opened and sealed on the way."""

import json
import threading

from sandbox.engine.backend import checkpoint
from sandbox.engine.backend.checkpoint import Checkpoint
from sandbox.engine.backend.envelopes import Sealer
from sandbox.engine.backend.files import write_durably
from sandbox.engine.backend.layout import StackRef
from sandbox.engine.backend.secrets import SecretsManager
from sandbox.engine.model import SECRET, Row, Snapshot

_COMPACT = (",", ":")


class FileStore:
    """A `Store` that writes the file backend's checkpoint."""

    def __init__(self, ref: StackRef, secrets: SecretsManager, found: Checkpoint) -> None:
        self._ref, self._secrets = ref, secrets
        # A checkpoint sealed under another salt than the stack's file names is opened with its own and sealed anew.
        reader = secrets if found.salt in ("", secrets.state) else SecretsManager(found.salt)
        self._sealer = Sealer(reader, secrets)
        self._found = found
        self._guard = threading.Lock()

    def load(self) -> Snapshot:
        """The snapshot of the checkpoint that was read, secrets open; it takes the rows over, so call it once."""
        rows = [self._open(row) for row in self._found.resources]
        pending = [{**one, "resource": self._open(one["resource"])} for one in self._found.pending]
        return Snapshot(resources=rows, pending=pending)

    def save(self, snapshot: Snapshot) -> None:
        """Write the snapshot; when this returns it survives the end of the process and of the machine."""
        with self._guard:
            rows = [self._text(row) for row in snapshot.resources]
            pending = [
                f'{{"resource":{self._text(one["resource"])},"type":{json.dumps(one["type"])}}}'
                for one in snapshot.pending
            ]
            everything = [*snapshot.resources, *(one["resource"] for one in snapshot.pending)]
            write_durably(self._ref.checkpoint, self._document(rows, pending, everything), keep_backup=True)

    def _document(self, rows: list[str], pending: list[str], everything: list[Row]) -> bytes:
        version, features = checkpoint.frame(everything)
        # The rows are text already: each is serialized once, however large the stack is.
        latest = [f'"manifest":{json.dumps(checkpoint.manifest(), separators=_COMPACT)}']
        if self._secrets.state:
            provider = {"type": "passphrase", "state": {"salt": self._secrets.state}}
            latest.append(f'"secrets_providers":{json.dumps(provider, separators=_COMPACT)}')
        if rows:
            latest.append(f'"resources":[{",".join(rows)}]')
        if pending:
            latest.append(f'"pending_operations":[{",".join(pending)}]')
        latest.append('"metadata":{}')
        named = f'"features":{json.dumps(features)},' if features else ""
        stack = json.dumps(self._ref.qualified)
        return (
            f'{{"version":{version},{named}"checkpoint":{{"stack":{stack},"latest":{{{",".join(latest)}}}}}}}'.encode()
        )

    def _text(self, row: Row) -> str:
        text = json.dumps(row, separators=_COMPACT, ensure_ascii=False)
        if SECRET in text:  # most rows hold no secret, and then there is nothing to walk through
            text = json.dumps(self._sealer.seal(row, _place(row)), separators=_COMPACT, ensure_ascii=False)
        return text

    def _open(self, row: Row) -> Row:
        if SECRET not in json.dumps(row):
            return row
        opened: Row = self._sealer.open(row, _place(row))
        return opened


def _place(row: Row) -> str:
    return f"{row.get('urn')}\0{row.get('id')}"


def create(ref: StackRef) -> None:
    """Write the checkpoint of a stack that was never updated."""
    meta = ref.base / ".pulumi" / "meta.yaml"
    if not meta.exists():
        write_durably(meta, b"version: 1\n")
    document = {"version": 3, "checkpoint": {"stack": ref.qualified}}
    write_durably(ref.checkpoint, json.dumps(document, separators=_COMPACT).encode())
