"""The leftovers of a run that was broken off: objects that are in no state, so no `up` and no `destroy` knows them.

It is only named: another stack of the same project and name, with a state elsewhere, would carry the same identity.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from contract.annotations import STACK
from contract.labels import MANAGED_BY
from contract.paths import all_of
from contract.route_kinds import ROUTE_KINDS
from contract.text import one_line
from cutover.errors import DriverError

if TYPE_CHECKING:
    from cutover.doctor.findings import Finding
    from cutover.engine.records import Held
    from cutover.observe import Api
    from cutover.operations.command.run import Run
    from cutover.stackfile.view import StackView

API_OF_KEDA = "keda.sh/v1alpha1"
KINDS = {
    "Deployment": "apps/v1",
    "ReplicaSet": "apps/v1",
    "StatefulSet": "apps/v1",
    "Service": "v1",
    "ConfigMap": "v1",
    "PodDisruptionBudget": "policy/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "ScaledObject": API_OF_KEDA,
    **{kind.name: f"{kind.group}/v1" for kind in ROUTE_KINDS},
}
"""Without Secrets, which a deployer need not be allowed to list, and Jobs, which may go by themselves."""
SOME_MAKE = frozenset({"StatefulSet", "ScaledObject", *(kind.name for kind in ROUTE_KINDS)})
"""Kinds that a cluster may not know, and that who makes none needs no right to see."""
LONGEST = 2000


def tell_leftovers(run: "Run", *, wanted: bool = True) -> None:
    """Say what is left, if anything is. To be called after an `up` that ended well: that took over what it could; or
    after a `destroy`, which leaves nothing `wanted`.
    """
    from cutover.observe import Api, access_of

    try:
        with Api(access_of(run.view)) as api:
            found = find_leftovers(api, run.view, run.engine.held())
    except DriverError as error:
        run.report.say(f"it was not looked for what a run that was broken off may have left: {error.what}", "warning")
        return
    if found:
        run.note(leftovers=found)
        run.report.say(told(found, run.view.namespace, wanted=wanted), "warning")


def check_orphans(view: "StackView") -> "list[Finding]":
    """For `doctor`: what carries the stack's identity and is not in its state, one by one. None of it is said to be
    deleted: after a lost state it may be what serves, and the next `up` takes over what the config wants.
    """
    from cutover.doctor.findings import bad, good, skipped
    from cutover.engine.stack import Stack
    from cutover.observe import Api, access_of

    name = "orphans"
    try:
        with Api(access_of(view)) as api:
            found = find_leftovers(api, view, Stack(view.project, view.name).held())
    except DriverError as error:
        return [skipped(name, f"needs the state and the cluster: {one_line(error.what)}")]
    fix = (
        f"`cutover up --stack {view.name}` takes over what the config wants, and names the rest with the command that "
        "ends it"
    )
    said = "carries this stack's identity and is not in its state: no `destroy` would end it"
    return [bad(name, f"{called} {said}", fix) for called in found] or [
        good(name, "all that is its own is in its state")
    ]


def find_leftovers(api: "Api", view: "StackView", held: "Iterable[Held]") -> list[str]:
    """The objects that carry the stack's identity and are not in its state, as kubectl names them; workloads first.
    Raises ClusterUnreachable, and Refused where it may not be listed.
    """
    from cutover.stackfile.find import identity_of

    known, own = {one.called for one in held if one.namespace == view.namespace}, identity_of(view)
    paths = {kind: all_of(version, kind, view.namespace) for kind, version in KINDS.items()}
    with ThreadPoolExecutor(len(paths)) as pool:
        lists = pool.map(lambda kind: _listed(api, kind, paths[kind]), paths)
        found = [
            f"{kind.lower()}/{name}" for kind, items in zip(paths, lists, strict=True) for name in _own(items, own)
        ]
    return [called for called in found if called not in known]


def _listed(api: "Api", kind: str, path: str) -> list[Any]:
    from cutover.observe import Refused

    try:
        return api.items(path, {"labelSelector": f"{MANAGED_BY}=pulumi"})
    except Refused as error:
        if error.status in (403, 404) and kind in SOME_MAKE:
            return []
        raise


def told(leftovers: list[str], namespace: str, *, wanted: bool) -> str:
    """The words about them, with the command that ends them."""
    names, verb = " ".join(leftovers), "is" if len(leftovers) == 1 else "are"
    where = f"{verb} not in its state, nor in the file" if wanted else f"{verb} still there, and in no state"
    return one_line(
        f"{', '.join(leftovers)} {where}: a run that was broken off left it, and no `up` or `destroy` knows of it. "
        f"Where no other stack of this name has it: `kubectl delete -n {namespace} {names}`",
        LONGEST,
    )


def _own(items: Iterable[Mapping[str, Any]], identity: str) -> list[str]:
    """The names of the stack's own that stay, and are whole: a Deployment's ReplicaSets carry its notes as well."""
    return [
        str(meta["name"])
        for meta in (item["metadata"] for item in items)
        if (meta.get("annotations") or {}).get(STACK) == identity
        and not meta.get("ownerReferences")
        and not meta.get("deletionTimestamp")
    ]
