"""The event log: where `--event-log` sends the events, a gRPC server (`tcp://host:port`) or a file of JSON lines."""

import json
import queue
import sys
import threading
from pathlib import Path
from typing import Any

from sandbox.engine.cli.events import Listener
from sandbox.engine.model import Event

_PATIENCE_SECONDS = 10


def opened(target: str) -> Listener:
    """The log that `--event-log` names."""
    return _Remote(target.removeprefix("tcp://")) if target.startswith("tcp://") else _File(Path(target))


class _File:
    """One line per event, flushed at once: a reader follows the file while it grows."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def on_event(self, event: Event) -> None:
        self._file.write(json.dumps(event, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


class _Remote:
    """A client stream to `pulumirpc.Events`; the server's answer at the end says that it has taken everything."""

    def __init__(self, address: str) -> None:
        self._queue: queue.Queue[Event | None] = queue.Queue()
        self._error = ""
        self._thread = threading.Thread(target=self._send, args=(address,), daemon=True, name="event-log")
        self._thread.start()

    def _send(self, address: str) -> None:
        # Imported here: gRPC takes longer to import than most commands run.
        import grpc
        from pulumi.runtime.proto import events_pb2, events_pb2_grpc

        options = [("grpc.max_send_message_length", 400 * 1024 * 1024)]
        try:
            with grpc.insecure_channel(address, options=options) as channel:
                stub: Any = events_pb2_grpc.EventsStub(channel)
                stub.StreamEvents(
                    events_pb2.EventRequest(event=json.dumps(event)) for event in iter(self._queue.get, None)
                )
        except grpc.RpcError as error:
            self._error = str(error.details() if hasattr(error, "details") else error)

    def on_event(self, event: Event) -> None:
        self._queue.put(event)

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join(_PATIENCE_SECONDS)
        if self._thread.is_alive():
            self._error = f"the reader did not take the events within {_PATIENCE_SECONDS} s"
        if self._error:
            sys.stderr.write(f"warning: the event log is incomplete: {self._error}\n")
