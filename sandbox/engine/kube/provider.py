"""The provider: what the engine asks of one cluster for one resource."""

import copy
import threading
from dataclasses import dataclass, field

from sandbox.engine.kube import access, apply, awaits, kinds, objects, plan
from sandbox.engine.kube.client import Client, Object, Ref
from sandbox.engine.kube.errors import NoKindError
from sandbox.engine.kube.objects import Values
from sandbox.engine.properties import diff as diffs
from sandbox.engine.properties import values

_UNWAITED = frozenset(
    {
        ("", "Namespace"),
        ("", "Pod"),
        ("", "ReplicationController"),
        ("apps", "DaemonSet"),
        ("apps", "Deployment"),
        ("apps", "StatefulSet"),
        ("batch", "Job"),
    }
)

# What a controller or kubectl notes on an object is nobody's wish.
_NOT_INPUTS = ("deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration")


@dataclass(frozen=True)
class Found:
    """An object as read from the cluster, its inputs as they are there now; `errors` say why it is not ready."""

    inputs: Values
    outputs: Values
    errors: list[str] = field(default_factory=list)


class Provider:
    """One cluster, as one provider resource describes it; `cancel` ends its waits early."""

    def __init__(self, settings: access.Access, cancel: threading.Event):
        self.client = Client(settings)
        self._cancel = cancel
        self._upsert = settings.upsert

    def check(self, name: str, type_: str, inputs: Values, old: Values | None) -> Values:
        """Complete and validate a program's inputs (see `plan.check`)."""
        return plan.check(self.client, name, type_, inputs, old)

    def diff(self, old_outputs: Values, inputs: Values, ignored: list[str]) -> diffs.Diff:
        """Compare inputs with the object as last saved (see `plan.diff`)."""
        return plan.diff(self.client, old_outputs, inputs, ignored)

    def create(self, wish: apply.Wish) -> apply.Applied:
        """Create an object and wait until it is ready (see `apply.create`)."""
        return apply.create(self.client, self._cancel, wish, upsert=self._upsert)

    def update(self, wish: apply.Wish, old_outputs: Values) -> apply.Applied:
        """Update an object and wait until it is ready (see `apply.update`)."""
        return apply.update(self.client, self._cancel, wish, old_outputs)

    def read(self, id_: str, type_: str, old_inputs: Values, old_outputs: Values) -> Found | None:
        """Read an object by id; nothing if it is gone. Without old inputs it is someone else's (`.get()`)."""
        namespace, _, name = id_.rpartition("/")
        foreign = not old_inputs.get("kind")
        api_version, kind = kinds.type_token(type_) if foreign else (old_inputs["apiVersion"], old_inputs["kind"])
        live = self.client.find(Ref(api_version, kind, namespace, name))
        if live is None:
            return None
        manager = str(old_outputs.get(objects.MANAGER) or objects.new_manager())
        initial = str(old_outputs.get(objects.API_VERSION) or api_version)
        if foreign:
            inputs = _inputs_of(live)
            return Found(inputs, objects.outputs(inputs, live, manager, initial))
        shape = objects.body(old_inputs)
        pruned = objects.shown(diffs.prune(live, shape))
        inputs = values.keep_secrets(pruned, old_inputs)
        skipped = objects.is_true(shape, awaits.SKIP)
        errors = [] if skipped else awaits.unready(self.client, shape, live)
        return Found(inputs, objects.outputs(inputs, live, manager, initial), errors)

    def delete(self, inputs: Values, outputs: Values, *, timeout_seconds: float | None) -> None:
        """Delete an object and wait until it is gone; one that is already gone is fine.

        Raises:
            KubeError: the object is still there.
        """
        obj, live = objects.body(inputs), objects.live_of(outputs)
        ref = Ref.of(live)
        policy = objects.annotation(obj, "pulumi.com/deletionPropagationPolicy").lower()
        try:
            self.client.delete(ref, {"orphan": "Orphan", "background": "Background"}.get(policy, "Foreground"))
        except NoKindError:
            return
        # `skipAwait` spares the wait for the deletion only with these kinds.
        if objects.is_true(obj, awaits.SKIP) and (kinds.group_of(ref.api_version), ref.kind) in _UNWAITED:
            return
        limit = apply.seconds(timeout_seconds, obj)
        awaits.gone(self.client, ref, live["metadata"].get("uid"), limit, self._cancel)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


def _inputs_of(live: Object) -> Values:
    inputs = copy.deepcopy({key: value for key, value in live.items() if key != "status"})
    for key in ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"):
        inputs["metadata"].pop(key, None)
    annotations = inputs["metadata"].get("annotations") or {}
    for key in _NOT_INPUTS:
        annotations.pop(key, None)
    return inputs
