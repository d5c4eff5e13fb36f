"""Planning without touching the cluster: complete a program's inputs, and compare them with the saved object."""

from sandbox.engine.kube import awaits, force_new, kinds, objects
from sandbox.engine.kube.client import Client, Ref
from sandbox.engine.kube.errors import KubeError
from sandbox.engine.kube.objects import Values
from sandbox.engine.properties import diff as diffs
from sandbox.engine.properties import paths, values


def check(client: Client, name: str, type_: str, inputs: Values, old: Values | None) -> Values:
    """Complete and validate a program's inputs; `name` is the resource's own, for objects without a name.

    Raises:
        KubeError: the type is not supported.
    """
    api_version, kind = inputs.get("apiVersion"), inputs.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str):
        raise KubeError(f"{type_} is not supported: it is no plain Kubernetes object with apiVersion and kind")
    if kinds.is_patch(type_, kind):
        raise KubeError(f"{type_} is not supported by this engine: Patch resources need the real provider")
    metadata = values.plain(inputs.get("metadata") or {})
    if metadata.get("generateName") and not metadata.get("name"):
        raise KubeError("the `.metadata.generateName` field is not supported in Server-Side Apply mode")
    namespace = ""
    if not metadata.get("namespace") and client.namespaced(api_version, kind):
        namespace = client.default_namespace()
    return objects.checked(inputs, old, name, namespace)


def diff(client: Client, old_outputs: Values, inputs: Values, ignored: list[str]) -> diffs.Diff:
    """Compare inputs with the object as last saved; only a Job's `replaceUnready` asks the cluster."""
    live = objects.live_of(old_outputs)
    new = objects.body(inputs)
    base = diffs.prune(live, objects.body(old_outputs.get(objects.INPUTS) or {}))
    for side in (base, new):
        side["metadata"] = dict(side.get("metadata") or {})
    if live["metadata"].get("namespace"):
        base["metadata"]["namespace"] = live["metadata"]["namespace"]
        new["metadata"].setdefault("namespace", "default")
    else:
        for side in (base, new):
            side["metadata"].pop("namespace", None)
    base["metadata"]["name"] = live["metadata"]["name"]
    group, kind = kinds.group_of(new["apiVersion"]), new["kind"]
    skip = [paths.parse(one) for one in ignored]
    result = diffs.Diff()
    for path, change in diffs.compare(base, new):
        if any(paths.contains(one, path) for one in skip):
            continue
        text = paths.render(path)
        result.changes[text] = change
        if force_new.replaces(group, kind, text):
            result.replace_paths.append(text)
    if kind == "Job" and objects.is_true(new, "pulumi.com/replaceUnready"):
        now = client.find(Ref.of(live))
        if now is not None and not awaits.job_complete(now):
            result.replace_paths.append('metadata.annotations["pulumi.com/replaceUnready"]')
    same_place = all(new["metadata"].get(key) == live["metadata"].get(key) for key in ("name", "namespace"))
    result.delete_before_replace = same_place and not objects.is_true(new, objects.AUTONAMED)
    return result
