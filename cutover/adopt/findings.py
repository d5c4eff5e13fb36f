"""The findings of an adoption: what stands in its way, and what the owner of the objects should know. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contract.attachment import selects
from contract.labels import COLOR
from contract.text import one_line
from cutover.adopt.found import Found

_GITOPS = {
    "argocd.argoproj.io/instance": "Argo CD",
    "argocd.argoproj.io/tracking-id": "Argo CD",
    "kustomize.toolkit.fluxcd.io/name": "Flux",
    "helm.toolkit.fluxcd.io/name": "Flux",
}
_HELM_RELEASE = "meta.helm.sh/release-name"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_MANAGED_BY = "app.kubernetes.io/managed-by"


@dataclass(frozen=True)
class Finding:
    """Something that refuses an adoption, or is worth knowing: what it is, why it hurts, what mends it."""

    refuses: bool
    what: str
    why: str
    fix: str

    def __str__(self) -> str:
        return f"{one_line(self.what)}\n    why: {self.why}\n    fix: {one_line(self.fix)}"

    def to_json(self) -> dict[str, Any]:
        """The finding as plain data."""
        return {"refuses": self.refuses, "what": self.what, "why": self.why, "fix": self.fix}


def findings(found: Found) -> list[Finding]:
    """All findings, those that refuse first."""
    every = [*_of_deployment(found), *_of_service(found), *_of_pods(found), *_of_owners(found)]
    every += [*_of_what_is_beside(found), *_worth_knowing(found)]
    return sorted(every, key=lambda one: not one.refuses)


def _of_deployment(found: Found) -> Iterator[Finding]:
    spec, status, meta = found.deployment["spec"], found.deployment.get("status") or {}, found.deployment["metadata"]
    name, wanted = f"the Deployment {meta['name']}", spec.get("replicas", 1)
    if spec.get("paused"):
        yield Finding(
            True,
            f"{name} is paused",
            "a rollout may be waiting in it: its pods need not be what its template says",
            f"finish it: `kubectl rollout resume deployment {meta['name']} -n {found.namespace}`",
        )
    counts = [status.get(key, 0) for key in ("updatedReplicas", "readyReplicas", "replicas")]
    if not wanted:
        yield Finding(
            True,
            f"{name} wants 0 pods",
            "there is nothing that serves, so nothing to take over",
            "scale it up, or write the service as a new one: docs/config.md",
        )
    elif status.get("observedGeneration", 0) < meta.get("generation", 0) or counts != [wanted] * 3:
        yield Finding(
            True,
            f"{name} wants {wanted} pods; {counts[0]} are of its newest template, {counts[1]} ready, {counts[2]} there",
            "while a rollout is under way nobody can say which release is being adopted",
            f"wait for it, or mend it: `kubectl rollout status deployment {meta['name']} -n {found.namespace}`",
        )


def _of_service(found: Found) -> Iterator[Finding]:
    spec, own = found.service["spec"], found.service["metadata"]["name"]
    name, names = f"the Service {own}", ", ".join(one["name"] for one in found.containers)
    if spec.get("type") == "ExternalName" or not spec.get("selector"):
        kind = "is of type ExternalName" if spec.get("type") == "ExternalName" else "has no selector"
        yield Finding(
            True,
            f"{name} {kind}",
            "a cutover moves a selector, and there is none: somebody else says where requests go",
            "adopt the Service that selects the pods",
        )
        return
    if spec.get("clusterIP") == "None":
        yield Finding(
            True,
            f"{name} is headless (clusterIP: None)",
            "its clients look pods up by DNS and keep the answer, so no switch would reach them in time",
            "put a Service with an address of its own in front, send the clients there, and adopt that",
        )
    if found.target is None:
        yield Finding(
            True,
            f"{name} has no TCP port",
            "a gate asks the pods by TCP; what cannot be asked cannot be proved to answer",
            "put a Service with a TCP port beside it, send the clients there, and adopt that",
        )
    elif found.unheard:
        yield Finding(
            True,
            f"{name} sends to a port named {found.target!r}, which no container has",
            "no pod answers there now, so nothing could be proved about a release either",
            "name a port that a container declares, or a number",
        )
    elif found.serving is None:
        yield Finding(
            True,
            f"{name} sends to port {found.target}, and none of the containers {names} declares it or is probed there",
            "the gates look at the image of the container that serves: they could prove the wrong one",
            f"say which of them it is: `cutover adopt {own} --container NAME`",
        )
    elif found.asked not in (None, found.serving["name"]):
        yield Finding(
            True,
            f"{name} sends to the container {found.serving['name']}, and --container names {found.asked}",
            "the gates look at the image of the container that serves: they would prove the wrong one",
            f"leave --container out, or send the Service to a port of {found.asked}",
        )


def _of_pods(found: Found) -> Iterator[Finding]:
    if not found.selector:
        return
    uid, name = found.deployment["metadata"]["uid"], found.deployment["metadata"]["name"]
    sets = {one["metadata"]["uid"] for one in found.replica_sets if uid in _owners(one)}
    if strange := sorted(pod["metadata"]["name"] for pod in found.selected if not sets & _owners(pod)):
        yield Finding(
            True,
            f"the Service's selector {found.selector} finds {', '.join(strange)} too, which are not of {name}",
            "a part of the requests is answered by something else, which a cutover would cut off unseen",
            "narrow the Service's selector, and what it selects, to the pods of one Deployment",
        )
    if not selects(found.selector, found.deployment["spec"]["template"]["metadata"].get("labels")):
        yield Finding(
            True,
            f"the Service's selector {found.selector} does not find the pods of {name}",
            "the Service sends to something else; that, not this Deployment, is what serves",
            "name the Deployment that it selects: --deployment",
        )


def _of_owners(found: Found) -> Iterator[Finding]:
    for item, kind in ((found.deployment, "Deployment"), (found.service, "Service")):
        meta = item["metadata"]
        marks = {**(meta.get("labels") or {}), **(meta.get("annotations") or {})}
        name = f"the {kind} {meta['name']}"
        if tools := sorted({tool for key, tool in _GITOPS.items() if key in marks}):
            yield Finding(
                True,
                f"{name} belongs to {' and '.join(tools)}",
                "it puts back what it has in git: a cutover would be undone within minutes",
                "take the object out of what it applies, without pruning it, and remove its mark from the object",
            )
        if marks.get(_MANAGED_BY) == "pulumi" or COLOR in str(item["spec"].get("selector")):
            yield Finding(
                True,
                f"{name} is made by Pulumi already",
                "two stacks would own one object, and each `up` would undo the other's",
                "go on in the stack that made it",
            )
        if owners := [owner["kind"] for owner in meta.get("ownerReferences") or []]:
            yield Finding(
                True,
                f"{name} is owned by a {owners[0]}",
                "its controller puts back what it wants, and deletes the object when the owner goes",
                "take it from its owner first, or adopt nothing that an operator makes",
            )


def _of_what_is_beside(found: Found) -> Iterator[Finding]:
    taken, own = found.carried, f"app.kubernetes.io/instance: {found.service['metadata']['name']}"
    for one in found.others:
        what = f"{one.called} finds its pods too, by {one.labels}" + (" and more" if one.more else "")
        if selects(one.labels, taken) and not one.more:
            why = "new releases have labels of their own; what it asks for is written as `pod_labels`, so it finds them"
            yield Finding(False, what, why, "leave `pod_labels` for as long as it is there")
        elif one.service:
            why = "it finds no pod of a new release: its clients meet nobody once the old pods are gone"
            fix = (
                f"send its clients to {own.partition(': ')[2]}, or have it select {own} once the first cutover is done"
            )
            yield Finding(False, what, why, fix)
        else:
            why = "it finds no pod of a new release: what it lets in or out is not the same for them"
            yield Finding(False, what, why, f"put a second one beside it first, for the pods with {own}")
    if found.policies is None:
        yield Finding(
            False,
            "this identity may not read NetworkPolicies",
            "one that names the old pods' labels does not find the pods of new releases",
            f"look: `kubectl get networkpolicies -n {found.namespace} -o yaml`; give the labels as `pod_labels`",
        )


def _worth_knowing(found: Found) -> Iterator[Finding]:
    name = found.deployment["metadata"]["name"]
    for scaler in found.autoscalers:
        target = scaler["spec"]["scaleTargetRef"]
        if (target["kind"], target["name"]) == ("Deployment", name):
            yield Finding(
                False,
                f"the HorizontalPodAutoscaler {scaler['metadata']['name']} scales {name}",
                "new releases get a fixed number of pods, as many as there are now, until `autoscale` is set",
                "when the adopted color has a release of its own: delete it and set `autoscale`",
            )
    for budget in found.budgets:
        wanted = (budget["spec"].get("selector") or {}).get("matchLabels") or {}
        if selects(wanted, found.deployment["spec"]["template"]["metadata"].get("labels")):
            yield Finding(
                False,
                f"the PodDisruptionBudget {budget['metadata']['name']} guards its pods",
                "new releases get a budget of their own; this one is left for the adopted pods",
                "delete it when the adopted Deployment is gone",
            )
    marks = found.service["metadata"].get("annotations") or {}
    labels = found.service["metadata"].get("labels") or {}
    if _HELM_RELEASE in marks or labels.get(_MANAGED_BY) == "Helm":
        yield Finding(
            False,
            f"Helm made it (release {marks.get(_HELM_RELEASE, 'unknown')})",
            "the next `helm upgrade` or `helm rollback` puts the Service's selector back, `helm uninstall` deletes it",
            "annotate both with helm.sh/resource-policy=keep in the chart, upgrade once more, and never again",
        )
    elif _LAST_APPLIED in marks:
        yield Finding(
            False,
            "`kubectl apply` made it",
            "applying the old file once more puts the Service's selector back to the adopted pods",
            "remove the two objects from the files that are applied",
        )
    if not (found.container.get("lifecycle") or {}).get("preStop"):
        yield Finding(
            False,
            "its pods stop without a pause (no preStop hook)",
            "after the first cutover they are stopped: a request that a kept connection sends in that moment may fail",
            "new connections lose none; `recycle: false` leaves the old pods and their connections alone",
        )


def _owners(item: dict[str, Any]) -> set[str]:
    return {owner["uid"] for owner in item["metadata"].get("ownerReferences") or []}
