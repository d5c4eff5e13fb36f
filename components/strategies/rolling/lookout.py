"""The look at new pods while the engine waits for them: why they will not come up, and what holds up a StatefulSet."""

from collections.abc import Mapping
from dataclasses import replace

import pulumi

from components.checks.readiness import Readiness
from components.cluster.cluster import Cluster
from components.drain.rollout import RolloutGate
from components.hooks.early_warning import EarlyWarning
from components.hooks.engine import Hook, warner
from components.hooks.meanwhile import Meanwhile
from components.releases.view import ReleaseView
from components.rules.labels import selector_labels

Around = tuple[list[Hook], list[Hook]]
"""Hooks before and after a step."""


def lookout(
    component: pulumi.Resource,
    name: str,
    workload: str,
    view: ReleaseView,
    rollout: RolloutGate,
    cluster: Cluster,
    selector: Mapping[str, str],
) -> Around:
    """The hooks around the step of a workload. `selector` finds the pods of the service `name`, whatever they run."""
    warn = warner(component)
    told: set[str] = set()

    def tell(lost: str) -> None:
        if not told:  # once; waiting does not help then, whatever else is found
            told.add(lost)
            warn(rollout.hopeless(lost))

    new = replace(view, selector={**selector, **selector_labels(name, revision=view.revision)})
    before, after = EarlyWarning(lambda: Readiness(cluster, new, new.replicas, selector), tell).around(workload)
    if view.stateful:
        more = Meanwhile(lambda: rollout.look(tell)).around(workload)
        before, after = [*before, *more[0]], [*after, *more[1]]
    return before, after
