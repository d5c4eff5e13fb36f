"""The errors a release can end with, as one tree. Each `str()` is meant for the person who ran the command.

CutoverError
├── ConfigError          the configuration is wrong; nothing was touched
├── GateRefused          before the switch: traffic stays where it was
│   ├── ReleaseRefused   a check found fault with the release itself; the live Service notes it
│   │   ├── NotReady     the wanted pods are not all there and ready
│   │   │   └── NeverReady  waiting does not make them ready: the cluster has said why
│   │   ├── MixedImages  pods of one release run different images under one tag
│   │   ├── SmokeFailed  the target release answered wrongly
│   │   ├── VerifyFailed  the user's own command refused the release
│   │   └── JobFailed    the Job that a release needs before it gets traffic failed
│   ├── RouteUnfit       the route that is to carry weights is missing, or has no place for them
│   ├── LiveReleaseEdit  the release that takes traffic was edited in place
│   ├── ReleaseGone      the workload of the target release was deleted by somebody else
│   └── RollbackForbidden  the target is older than a release that nobody may roll back past
├── NotOurs              an object is there already as somebody else's; nothing of it was touched
├── StrategyChanged      a service is to become one of another kind under the same name; traffic stays where it was
├── AddressChanged       a Service that stands is to become headless, or cease to be it, or get another address
├── PortChanged          a Service that stands is to ask pods that serve for a port that they do not have
├── SetChanged           what nobody may change of a StatefulSet that stands is to be another; nothing was touched
├── ObjectRefused        in a preview: the API server would not take an object as it is; nothing was changed
├── NamespaceChanged     a component is to go into another namespace; nothing was touched
├── NamespaceMissing     there is no such namespace, so nothing can be made
├── SwitchUnverified     after the switch: the endpoints are not (only) the new release's
│   ├── SwitchNotFollowed  the user's own command says that who sends past the live Service does not follow
│   ├── ShareUnverified  after pods got a share, or lost it: the endpoints do not show it
│   └── RouteUnseen      after weights moved: answers do not show them
├── Moved                somebody moved the live Service while this run was at it; nothing more was stopped
├── RolloutUnfinished    pods of another release than the wanted one are still there
│   └── RolloutStuck     waiting does not end it: the cluster has said why
├── RolloutLate          no further pod of a release got ready within its progress deadline
├── Gone                 what the state has is not in the cluster any more
├── AfterJobFailed       after the cutover: its last Job failed; traffic stays on the new release
└── ClusterUnreachable   the API server did not answer, so nothing could be proved
    └── ClusterRefused   it answered, and refused the request
"""

from collections.abc import Iterable
from typing import ClassVar

from components.rules.problem import LONGEST, Problem
from contract import codes
from contract.text import one_line

AGAIN = "`pulumi up --refresh` makes again what is missing"


class CutoverError(Exception):
    """Any refusal or failure of this project that its user can act on. `code` is its stable name (contract.codes)."""

    code: ClassVar[str]


class ConfigError(CutoverError):
    """The configuration is wrong. Holds every problem found, in `problems`; nothing was changed anywhere."""

    code = "config.invalid"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: list[Problem] = list(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        count = len(self.problems)
        head = "1 problem in the configuration" if count == 1 else f"{count} problems in the configuration"
        return "\n".join([f"{head}; nothing was changed.", *map(str, self.problems), codes.line(self.code)])


class _ExplainedError(CutoverError):
    """An error in three parts and its code; `outcome` says what state the traffic is in."""

    outcome = ""

    def __init__(self, what: str, why: str, fix: str) -> None:
        self.what, self.why, self.fix = (one_line(part, LONGEST) for part in (what, why, fix))
        super().__init__(self.what, self.why, self.fix)

    def __str__(self) -> str:
        head = f"{self.what}\n    {self.outcome}" if self.outcome else self.what
        return f"{head}\n    why: {self.why}\n    fix: {self.fix}\n    {codes.line(self.code)}"


class GateRefused(_ExplainedError):  # noqa: N818  (named for what happened)
    """A gate before the switch said no. The live Service was not touched."""

    code = "gate.refused"
    outcome = codes.STAYS


class ReleaseRefused(GateRefused):
    """The refusal of a check that found fault with the release itself. Each check that the settings ask for raises one
    of its own, with the code that `contract.checks` has for it.
    """


class NotReady(ReleaseRefused):
    """The target release does not have all its wanted pods ready, or they are not of the wanted release."""

    code = "gate.not_ready"


class NeverReady(NotReady):
    """The cluster has said why the pods of the target release will not be ready; waiting does not change it."""

    code = "gate.never_ready"


class MixedImages(ReleaseRefused):
    """Pods of the target release run different contents of one tag: the tag was moved between two pulls."""

    code = "gate.mixed_images"


class SmokeFailed(ReleaseRefused):
    """The target release is ready but its smoke check or smoke job failed."""

    code = "gate.smoke_failed"


class VerifyFailed(ReleaseRefused):
    """The target release is ready, and the user's own verify command refused it."""

    code = "gate.verify_failed"


class LiveReleaseEdit(GateRefused):
    """The release that takes traffic was edited, and in-place updates are not allowed."""

    code = "gate.live_release_edit"


class RouteUnfit(GateRefused):
    """The route that is to carry the weights is not there, or has no place for them."""

    code = "gate.route_unfit"


class ReleaseGone(GateRefused):
    """The workload of the target release is not in the cluster any more."""

    code = "gate.release_gone"


class JobFailed(ReleaseRefused):
    """The Job that has to succeed before the release gets traffic failed or ran out of time."""

    code = "gate.job_failed"


class RollbackForbidden(GateRefused):
    """The target release is older than one that changed data so that nobody may roll back past it."""

    code = "gate.rollback_forbidden"


class NotOurs(_ExplainedError):  # noqa: N818  (named for what was found)
    """An object of that name exists and carries another identity than this stack's. It was left as it is."""

    code = "object.not_ours"
    outcome = "Refused: it was left as it is."


class StrategyChanged(_ExplainedError):  # noqa: N818  (named for what happened)
    """A service that serves is to become one of another kind under its name."""

    code = "strategy.changed"
    outcome = "Refused: traffic stays where it was."


class AddressChanged(_ExplainedError):  # noqa: N818  (named for what happened)
    """A Service that stands is to become headless, or cease to be it, or get another address."""

    code = "address.changed"
    outcome = "Refused: traffic stays where it was."


class PortChanged(_ExplainedError):  # noqa: N818  (named for what happened)
    """A Service that stands is to ask pods that serve for a port that they do not have."""

    code = "port.changed"
    outcome = "Refused: traffic stays where it was."


class SetChanged(_ExplainedError):  # noqa: N818  (named for what happened)
    """A StatefulSet that stands is to get other claims or another Service, which Kubernetes lets nobody change."""

    code = "set.changed"
    outcome = "Refused: its pods were left as they are."


class ObjectRefused(_ExplainedError):  # noqa: N818  (named for what happened)
    """Asked in a preview to try an object, the API server refused it."""

    code = "object.refused"
    outcome = "Refused in the plan: nothing was changed."


class NamespaceChanged(_ExplainedError):  # noqa: N818  (named for what happened)
    """A component that stands is to go into another namespace."""

    code = "namespace.changed"
    outcome = "Refused: traffic stays where it was."


class NamespaceMissing(_ExplainedError):  # noqa: N818  (named for what was found)
    """The namespace does not exist or is being deleted."""

    code = "namespace.missing"


class SwitchUnverified(_ExplainedError):  # noqa: N818  (named for what happened)
    """The live Service was switched, but its endpoints are not (only) pods of the new release."""

    code = "switch.unverified"
    outcome = "The live Service was switched, the old release still runs; `pulumi up` again checks once more."


class SwitchNotFollowed(SwitchUnverified):
    """The live Service was switched, and the user's own command says that traffic past it does not follow."""

    code = "switch.not_followed"


class ShareUnverified(SwitchUnverified):
    """Pods of the idle color were to get a share, or to lose it, and the endpoints do not show it."""

    code = "share.unverified"
    outcome = "The live Service sends where it did, and both colors still run; `pulumi up` goes on with the share."


class RouteUnseen(SwitchUnverified):
    """The weights of a route were moved, and the answers of its address do not show them."""

    code = "route.unseen"
    outcome = "The route has its weights, both releases still run; `pulumi up` looks once more."


class Moved(_ExplainedError):  # noqa: N818  (named for what happened)
    """The live Service was moved by somebody else while a run was draining, or was about to move it."""

    code = "switch.moved"
    outcome = "Left off: nothing was stopped or moved after that."


class RolloutUnfinished(_ExplainedError):  # noqa: N818  (named for what is so)
    """A rolling release was made, and pods of another one are still there."""

    code = "rollout.unfinished"


class RolloutStuck(RolloutUnfinished):
    """The cluster has said why the new pods of a rolling release will not be ready; waiting does not change it."""

    code = "rollout.stuck"


class RolloutLate(_ExplainedError):  # noqa: N818  (named for what is so)
    """No further pod of a release got ready within its progress deadline."""

    code = "rollout.late"


class Gone(_ExplainedError):  # noqa: N818  (named for what is so)
    """An object that the state has was deleted by somebody else."""

    code = "object.gone"


class AfterJobFailed(_ExplainedError):  # noqa: N818  (named for what happened)
    """The Job after a cutover failed or ran out of time."""

    code = "after_job.failed"
    outcome = "The cutover is complete and traffic stays on the new release; `pulumi up` tries the Job again."


class ClusterUnreachable(_ExplainedError):  # noqa: N818  (named for what happened)
    """The API server did not answer or refused the identity, so a gate could not be decided."""

    code = "cluster.unreachable"


class ClusterRefused(ClusterUnreachable):
    """The API server answered and refused: a right is missing, or the request is wrong."""

    code = "cluster.refused"
