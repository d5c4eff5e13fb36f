"""The attachment rules of `cutover: labels`: which pods and ReplicaSets are attached, and which should be. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from components.rules.facts import Endpoint, Pod
from contract.attachment import attached, selects, to_attach, to_detach
from contract.labels import LIVE


@dataclass(frozen=True)
class ReplicaSet:
    """A ReplicaSet as far as an attachment cares. `labels` are those of its pod template.

    `seen`: the controller has taken note of its present template, so no pod is born of an earlier one any more.
    `fully_labeled` of its `pods` carry all labels of the template, as the controllers of the cluster see it. `image` is
    what its pods are asked to run.
    """

    name: str
    labels: Mapping[str, str]
    seen: bool
    pods: int
    fully_labeled: int
    image: str = ""


@dataclass(frozen=True)
class CanaryShare:
    """The canary beside the revision that takes the traffic: so many `pods` of those that `color` selects."""

    color: Mapping[str, str]
    pods: int


NO_CANARY = CanaryShare({}, 0)


@dataclass(frozen=True)
class Attachment:
    """All ReplicaSets and pods of one service, seen from the revision that shall take the traffic."""

    sets: Collection[ReplicaSet]
    pods: Collection[Pod]
    selector: Mapping[str, str]
    canary: CanaryShare = NO_CANARY

    @property
    def own_sets(self) -> list[ReplicaSet]:
        """The ReplicaSet of the revision; empty where there is none."""
        return [one for one in self.sets if selects(self.selector, one.labels)]

    @property
    def own_pods(self) -> list[Pod]:
        """The revision's pods that stay."""
        return [pod for pod in self._staying if selects(self.selector, pod.labels)]

    @property
    def unlabeled_sets(self) -> list[ReplicaSet]:
        """Whose pods would be born outside the live Service."""
        return to_attach(self.sets, _labels, self.selector)

    @property
    def unlabeled_pods(self) -> list[Pod]:
        """The revision's pods that get no traffic."""
        return to_attach(self._staying, _labels, self.selector)

    @property
    def other_sets(self) -> list[ReplicaSet]:
        """The ReplicaSets of other revisions that are attached, and so would put new pods of theirs into the live
        Service.
        """
        return to_detach(self.sets, _labels, self.selector)

    @property
    def kept_pods(self) -> list[Pod]:
        """The pods that are attached beside the revision, and may be: the canary's, ready ones first."""
        found = [pod for pod in self._foreign_pods if selects(self.canary.color, pod.labels)]
        return sorted(found, key=lambda pod: (not pod.ready, pod.name))[: self.canary.pods]

    @property
    def other_pods(self) -> list[Pod]:
        """The pods of other revisions that are attached, stay, and may not be."""
        kept = {pod.uid for pod in self.kept_pods}
        return [pod for pod in self._foreign_pods if pod.uid not in kept]

    @property
    def _foreign_pods(self) -> list[Pod]:
        return to_detach(self._staying, _labels, self.selector)

    @property
    def _staying(self) -> list[Pod]:
        return [pod for pod in self.pods if not pod.terminating]

    def why_not_settled(self) -> str | None:
        """Why not exactly the revision is attached; None when it is."""
        if lacking := _names([*self.unlabeled_sets, *self.unlabeled_pods]):
            return f"{lacking} {'is' if ', ' not in lacking else 'are'} not attached to it"
        if others := _names([*self.other_sets, *self.other_pods]):
            return f"{others} {'is' if ', ' not in others else 'are'} still attached to it"
        return None

    def why_not_attached(self, endpoints: Collection[Endpoint] | None, wanted: int) -> str | None:
        """Why the revision does not take traffic in full strength yet; None when it does. Others may take some too.

        `endpoints` are those of the live Service. None: it does not select by label yet, so the controllers must say
        that they know of the labels, else it would be empty for a moment when it does.
        """
        if not self.own_sets:
            return "there is no ReplicaSet of it"
        if late := [one.name for one in self.own_sets if not (attached(one.labels) and one.seen)]:
            return f"the cluster has not taken note of the template of {', '.join(late)}"
        if self.unlabeled_pods:
            return f"{_names(self.unlabeled_pods)} lack the label {LIVE}"
        if endpoints is None:
            late = [one.name for one in self.own_sets if one.fully_labeled < max(one.pods, wanted)]
            return f"the cluster has not taken note of the labels of the pods of {', '.join(late)}" if late else None
        serving = {endpoint.pod for endpoint in endpoints if endpoint.ready}
        ready = {pod.name for pod in self.own_pods if pod.ready}
        if missing := sorted(ready - serving):
            return f"it does not send to {', '.join(missing)} yet"
        if len(ready) < wanted:
            return f"{len(ready)} of {wanted} pods are ready"
        return None

    def why_not_detached(self) -> str | None:
        """Why another revision may still get traffic; None when none may."""
        if others := _names([*self.other_sets, *self.other_pods]):
            return f"{others} still carry the label {LIVE}"
        late = [one.name for one in self.sets if not one.seen and not selects(self.selector, one.labels)]
        return f"the cluster has not taken note of the template of {', '.join(late)}" if late else None


def _labels(one: ReplicaSet | Pod) -> Mapping[str, str]:
    return one.labels


def _names(found: Collection[ReplicaSet | Pod]) -> str:
    return ", ".join(sorted(one.name for one in found))
