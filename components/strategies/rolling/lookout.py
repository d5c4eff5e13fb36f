"""The hooks around the engine's step of a workload: they wait for its pods, or say why these will not come up."""

from collections.abc import Mapping

import pulumi

from components.checks.readiness import Readiness, late
from components.cluster.cluster import Cluster
from components.drain.rollout import RolloutGate
from components.hooks.early_warning import EarlyWarning
from components.hooks.engine import Hook, hook, warner
from components.releases.view import ReleaseView

Around = tuple[list[Hook], list[Hook]]
"""Hooks before and after a step."""


def lookout(
    component: pulumi.Resource,
    workload: str,
    new: ReleaseView,
    rollout: RolloutGate,
    cluster: Cluster,
    selector: Mapping[str, str],
    deadline_seconds: int,
) -> Around:
    """The hooks around the step of a workload; `new` are the pods of the release, `selector` finds those of all;
    `deadline_seconds` is the time within which one more has to get ready.

    The engine waits for a Deployment, so meanwhile it is looked why it may wait in vain. Of a StatefulSet its provider
    may take the state before the update for that after it, so it is told not to wait: the hook after the step does.
    """
    if new.stateful:
        return [], [hook(f"{workload}-rollout", rollout.settle)]
    warn = warner(component)
    return EarlyWarning(
        lambda: Readiness(cluster, new, new.replicas, selector),
        lambda lost: warn(rollout.hopeless(lost)),
        lambda unmet: warn(late(workload, new.revision, unmet, deadline_seconds)),
        deadline_seconds,
    ).around(workload)
