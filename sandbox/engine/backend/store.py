"""The stack's state between runs: snapshots in and out of the checkpoint file, secrets opened and sealed on the way."""

import json
import threading

from sandbox.engine.backend import checkpoint
from sandbox.engine.backend.checkpoint import Checkpoint
from sandbox.engine.backend.envelopes import Sealer
from sandbox.engine.backend.files import write_durably
from sandbox.engine.backend.layout import StackRef
from sandbox.engine.backend.row_texts import COMPACT, RowTexts, place
from sandbox.engine.backend.secrets import SecretsManager
from sandbox.engine.model import SECRET, Row, Snapshot


class FileStore:
    """A `Store` that writes the file backend's checkpoint."""

    def __init__(self, ref: StackRef, secrets: SecretsManager, found: Checkpoint) -> None:
        self._ref, self._secrets = ref, secrets
        # A checkpoint sealed under another salt than the stack's file names is opened with its own and sealed anew.
        reader = secrets if found.salt in ("", secrets.state) else SecretsManager(found.salt)
        self._sealer = Sealer(reader, secrets)
        self._texts = RowTexts(self._sealer)
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
            everything = [*snapshot.resources, *(one["resource"] for one in snapshot.pending)]
            texts = self._texts.of(everything)
            rows = texts[: len(snapshot.resources)]
            pending = [
                b'{"resource":%s,"type":%s}' % (text, json.dumps(one["type"]).encode())
                for text, one in zip(texts[len(rows) :], snapshot.pending, strict=True)
            ]
            write_durably(self._ref.checkpoint, self._document(rows, pending, everything), keep_backup=True)

    def _document(self, rows: list[bytes], pending: list[bytes], everything: list[Row]) -> bytes:
        version, features = checkpoint.frame(everything)
        latest = [f'"manifest":{json.dumps(checkpoint.manifest(), separators=COMPACT)}'.encode()]
        if self._secrets.state:
            provider = {"type": "passphrase", "state": {"salt": self._secrets.state}}
            latest.append(f'"secrets_providers":{json.dumps(provider, separators=COMPACT)}'.encode())
        if rows:
            latest.append(b'"resources":[%s]' % b",".join(rows))
        if pending:
            latest.append(b'"pending_operations":[%s]' % b",".join(pending))
        latest.append(b'"metadata":{}')
        named = f'"features":{json.dumps(features)},' if features else ""
        frame = f'{{"version":{version},{named}"checkpoint":{{"stack":{json.dumps(self._ref.qualified)},"latest":{{'
        return b"%s%s}}}" % (frame.encode(), b",".join(latest))

    def _open(self, row: Row) -> Row:
        if SECRET not in json.dumps(row):
            return row
        opened: Row = self._sealer.open(row, place(row))
        return opened


def create(ref: StackRef) -> None:
    """Write the checkpoint of a stack that was never updated."""
    meta = ref.base / ".pulumi" / "meta.yaml"
    if not meta.exists():
        write_durably(meta, b"version: 1\n")
    document = {"version": 3, "checkpoint": {"stack": ref.qualified}}
    write_durably(ref.checkpoint, json.dumps(document, separators=COMPACT).encode())
