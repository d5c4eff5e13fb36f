"""Creating and updating one object, from the first request to the end of its wait."""

import contextlib
import copy
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.engine.kube import awaits, managers, objects
from sandbox.engine.kube.client import FIRST_MANAGER, Client, Object, Ref
from sandbox.engine.kube.errors import ApiError, AwaitError, KubeError, NoKindError
from sandbox.engine.kube.objects import Values
from sandbox.engine.properties import values

DEFAULT_TIMEOUT_SECONDS = 600.0
# The API server's clock may be behind the engine's, and creationTimestamp has whole seconds.
_CLOCK_SKEW = timedelta(seconds=30)
_EXISTS_ADVICE = """

The resource already exists in the cluster. This can happen when:

  - Renaming a Pulumi resource: use an alias to preserve the identity,
    or use deleteBeforeReplace if the resource needs replacement.
  - Another stack or tool made it: delete it there, or give this one another name.
  - Intentional upsert: set upsertExistingObjects on the provider to take over
    existing objects on create."""
_CRD_ADVICE = ". Verify that any required CRDs have been created"


@dataclass(frozen=True)
class Applied:
    """An applied object: `errors` say why it is not ready; it exists either way. `id` is empty for a planned create."""

    id: str
    outputs: Values
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Wish:
    """What to apply and how: the checked inputs and the step's own settings."""

    urn: str
    inputs: Values
    preview: bool
    note: Callable[[str], None]
    timeout_seconds: float | None = None
    ignored: list[str] = field(default_factory=list)
    pending_since: datetime | None = None  # when an interrupted run began this very create


@dataclass(frozen=True)
class _Work:
    client: Client
    cancel: threading.Event
    wish: Wish
    obj: Object
    manager: str
    initial_api_version: str

    def outputs(self, live: Object) -> Values:
        return objects.outputs(self.wish.inputs, live, self.manager, self.initial_api_version)


def create(client: Client, cancel: threading.Event, wish: Wish, *, upsert: bool = False) -> Applied:
    """Create an object and wait until it is ready.

    An object that an interrupted run made by this very create is taken over; with `upsert` any that is there.

    Raises:
        KubeError: nothing was created.
    """
    obj = objects.body(wish.inputs)
    if wish.preview and _unplannable(client, obj):
        return Applied("", wish.inputs)
    work = _Work(client, cancel, wish, obj, objects.new_manager(), str(obj["apiVersion"]))
    try:
        live = _post(work, upsert=upsert)
    except ApiError as error:
        if wish.preview and (error.status == 403 or error.already_exists or error.namespace_missing):
            return Applied("", wish.inputs)
        advice = _EXISTS_ADVICE if error.already_exists else _CRD_ADVICE if isinstance(error, NoKindError) else ""
        raise KubeError(
            f'resource "{wish.urn}" was not successfully created by the Kubernetes API server: {error}{advice}'
        ) from error
    if wish.preview:
        live.pop("status", None)
        return Applied("", work.outputs(live))
    failed = "was successfully created, but the Kubernetes API server reported that it failed to fully initialize"
    return _await(work, live, None, f'resource "{wish.urn}" {failed} or become live: ')


def update(client: Client, cancel: threading.Event, wish: Wish, old_outputs: Values) -> Applied:
    """Apply new inputs to an existing object and wait until it is ready.

    What the API server refuses is an error in the result, as long as the object is there: its row is kept.

    Raises:
        KubeError: there is no such object, or a preview was refused.
    """
    obj, old_live = objects.body(wish.inputs), objects.live_of(old_outputs)
    ref = Ref.of({**old_live, "apiVersion": obj["apiVersion"], "kind": obj["kind"]})
    if wish.preview and _unplannable(client, obj):
        return Applied(ref.id, wish.inputs)
    manager = objects.annotation(obj, "pulumi.com/patchFieldManager") or old_outputs.get(objects.MANAGER)
    initial = str(old_outputs.get(objects.API_VERSION) or obj["apiVersion"])
    work = _Work(client, cancel, wish, obj, str(manager or objects.new_manager()), initial)
    failed = f'the Kubernetes API server reported that "{ref.id}" failed to fully initialize or become live: '
    try:
        before = client.get(ref)
        live = _apply(work, ref, before)
    except ApiError as error:
        if wish.preview and error.status == 403:
            return Applied(ref.id, wish.inputs)
        now = None if wish.preview else client.find(ref)
        if now is None:
            raise KubeError(f'update of resource "{wish.urn}" failed: {_refusal(work, error)}') from error
        return Applied(ref.id, work.outputs(now), [failed + _refusal(work, error)])
    if wish.preview:
        return Applied(ref.id, work.outputs(live))
    return _await(work, live, before, failed)


def seconds(given: float | None, obj: Object) -> float:
    """How long to wait: the resource option, else the annotation, else ten minutes."""
    text = objects.annotation(obj, "pulumi.com/timeoutSeconds")
    return given or (float(text) if re.fullmatch(r"\d+", text) else DEFAULT_TIMEOUT_SECONDS)


def _unplannable(client: Client, obj: Object) -> bool:
    if values.has_unknown(obj):
        return True
    with contextlib.suppress(NoKindError):
        client.path(Ref.of(obj))
        return False
    return True


def _post(work: _Work, *, upsert: bool) -> Object:
    wish, pause = work.wish, 0.5
    for attempt in range(6):
        try:
            return work.client.create(work.obj, dry_run=wish.preview)
        except ApiError as error:
            if error.already_exists and not wish.preview and (upsert or wish.pending_since):
                live = work.client.get(Ref.of(work.obj))
                if upsert or _is_own(live, wish.pending_since):
                    return _apply(work, Ref.of(live), live)
            # A namespace or a kind may be on its way: resources of one program are created side by side.
            if not error.not_found or wish.preview or attempt == 5:
                raise
            wish.note(f"Retry #{attempt}; creation failed: {error}")
        if work.cancel.wait(pause):
            break
        pause = min(pause * 2, 8.0)
    raise KubeError(f'resource "{wish.urn}" was not created: the run was interrupted')


def _is_own(live: Object, pending_since: datetime | None) -> bool:
    """Whether the create of an interrupted run made it."""
    made = datetime.fromisoformat(live["metadata"]["creationTimestamp"])
    newer = pending_since is not None and made >= pending_since - _CLOCK_SKEW
    return newer and managers.made_by(live, FIRST_MANAGER)


def _apply(work: _Work, ref: Ref, live: Object) -> Object:
    client, obj, manager, preview = work.client, work.obj, work.manager, work.wish.preview
    if obj["kind"] == "CustomResourceDefinition":
        versioned = copy.deepcopy(obj)
        versioned["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"]
        return client.replace(ref, versioned, manager, dry_run=preview)
    for attempt in range(5):
        operations = [] if preview else managers.takeover(live, manager)
        if not operations:
            break
        try:
            live = client.json_patch(ref, operations)
        except ApiError as error:
            # A controller wrote the object in between: its resourceVersion moved on.
            if attempt == 4 or error.status not in (409, 422):
                raise
            live = client.get(ref)
    patch = managers.ignore(obj, live, manager, work.wish.ignored)
    return client.apply(ref, patch, manager, force=managers.forces(obj, live, preview), dry_run=preview)


def _await(work: _Work, live: Object, before: Object | None, failed: str) -> Applied:
    deadline = time.monotonic() + seconds(work.wish.timeout_seconds, work.obj)
    errors: list[str] = []
    try:
        live = awaits.ready(work.client, work.obj, live, before, deadline, work.cancel, work.wish.note)
    except AwaitError as error:
        live = error.live
        errors = [failed + str(error), *error.reasons]
    except KubeError as error:
        errors = [failed + str(error)]
    return Applied(Ref.of(live).id, work.outputs(live), errors)


def _refusal(work: _Work, error: ApiError) -> str:
    if not error.conflict:
        return str(error) + (_CRD_ADVICE if isinstance(error, NoKindError) else "")
    return (
        "server-side apply field conflict detected: another field manager owns fields that this resource sets\n"
        f'The resource managed by field manager "{work.manager}" had an apply conflict: {error}\n'
        'Take the fields over with the annotation `pulumi.com/patchForce: "true"`, leave them to the other manager '
        "with `ignore_changes`, or take its values into the program"
    )
