"""Resource hooks: callbacks into the program, before and after a step."""

import threading
from typing import TYPE_CHECKING, Any, Literal

from sandbox.engine.deploy import urns
from sandbox.engine.deploy.control import Control
from sandbox.engine.deploy.events import Events
from sandbox.engine.model import Row

if TYPE_CHECKING:
    import grpc

When = Literal["before_create", "after_create", "before_update", "after_update", "before_delete", "after_delete"]
LIMITS = [("grpc.max_receive_message_length", 400 << 20), ("grpc.max_send_message_length", 400 << 20)]


class HookError(Exception):
    """A hook refused, or could not be called."""


def key(when: When) -> str:
    """The name of a hook list in a row: `before_update` is `BeforeUpdate`."""
    return when.title().replace("_", "")


class Hooks:
    """The hooks that the program registered. Each carries its own address: a program may serve them on several."""

    def __init__(self, events: Events, control: Control, *, preview: bool):
        self._events = events
        self._control = control
        self._preview = preview
        self._registered: dict[str, Any] = {}
        self._channels: dict[str, grpc.Channel] = {}
        self._lock = threading.Lock()

    def register(self, request: Any) -> None:
        """Keep a hook for later.

        Raises:
            HookError: it has no name, or the name is taken.
        """
        with self._lock:
            if not request.name:
                raise HookError("resource hook name cannot be empty")
            if request.name in self._registered:
                raise HookError(f'resource hook already registered for name "{request.name}"')
            self._registered[request.name] = request

    def run(self, when: When, names: list[str], new: Row | None, old: Row | None) -> None:
        """Call a step's hooks in order; one that ignores errors only warns.

        Raises:
            HookError: a hook refused.
        """
        row = new or old or {}
        for name in names:
            hook = self._registered.get(name)
            if hook is None:
                raise HookError(f'hook "{name}" was not registered')
            if self._preview and not hook.on_dry_run:
                continue
            error = self._call(hook, self._request(when, row, new, old))
            if error and hook.ignore_errors:
                self._events.say("warning", row["urn"], f'{key(when)} hook "{name}" failed: {error}')
            elif error:
                raise HookError(f'{when.partition("_")[0]} hook "{name}" failed: {error}')

    def close(self) -> None:
        """Close the connections to the program."""
        for channel in self._channels.values():
            channel.close()

    def _request(self, when: When, row: Row, new: Row | None, old: Row | None) -> bytes:
        from pulumi.runtime.proto import resource_pb2

        request = resource_pb2.ResourceHookRequest(
            urn=row["urn"], id=row.get("id", ""), name=urns.name(row["urn"]), type=row["type"]
        )
        if new is not None and not when.endswith("delete"):
            request.new_inputs.update(new.get("inputs") or {})
            if when.startswith("after"):
                request.new_outputs.update(new.get("outputs") or {})
        if old is not None and not when.endswith("create"):
            request.old_inputs.update(old.get("inputs") or {})
            request.old_outputs.update(old.get("outputs") or {})
        data: bytes = request.SerializeToString()
        return data

    def _call(self, hook: Any, request: bytes) -> str:
        import grpc
        from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

        stub = callback_pb2_grpc.CallbacksStub(self._channel(hook.callback.target))
        call = stub.Invoke.future(callback_pb2.CallbackInvokeRequest(token=hook.callback.token, request=request))
        while True:
            try:
                answer = call.result(timeout=0.2)
                return str(resource_pb2.ResourceHookResponse.FromString(answer.response).error)
            except grpc.FutureTimeoutError:
                # A gate may take minutes; an interrupt must not have to wait for it.
                if self._control.cancel.is_set():
                    call.cancel()
                    return "the run was interrupted"
            except grpc.FutureCancelledError:
                return "the call was canceled"
            except grpc.RpcError as error:
                return str(error.details() or error.code())

    def _channel(self, target: str) -> "grpc.Channel":
        import grpc

        with self._lock:
            if target not in self._channels:
                self._channels[target] = grpc.insecure_channel(target, options=LIMITS)
            return self._channels[target]


def names_of(row: Row, when: When) -> list[str]:
    """The hooks that a row binds to a moment."""
    return list((row.get("resourceHooks") or {}).get(key(when)) or [])


def has_delete_hooks(row: Row) -> bool:
    """Whether deleting the row needs its program."""
    return bool(names_of(row, "before_delete") or names_of(row, "after_delete"))
