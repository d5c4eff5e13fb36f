"""The workload of a rolling service as a resource: a Deployment, or a StatefulSet with claims for its pods."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi

from components.hooks.fixed import IGNORED
from components.manifests import objects, stateful, workload
from components.strategies.rolling.governing import governing
from components.strategies.rolling.settings import RollingSettings


def make_workload(
    service: str,
    settings: RollingSettings,
    meta: dict[str, Any],
    selector: Mapping[str, str],
    template: dict[str, Any],
    *,
    child: Callable[..., pulumi.ResourceOptions],
    depends_on: Sequence[pulumi.Resource],
    hooks: pulumi.ResourceHookBinding,
    follows: Sequence[pulumi.Resource],
    awaited: bool,
) -> pulumi.Resource:
    """The resource; `meta` has its name, `child` makes its options. `awaited`: there is a gate that waits for it."""
    ignored = ["spec.replicas"] if settings.scaling else []  # what an earlier run wrote is left as it is
    opts = child(
        depends_on=depends_on,
        custom_timeouts=_limits(settings),
        ignore_changes=[*ignored, *(IGNORED if settings.stateful else ())],
        hooks=hooks,
    )
    made = manifest_of(service, settings, meta, selector, template, awaited=awaited)
    kind = objects.StatefulSet if settings.stateful else objects.Deployment
    return kind(meta["name"], made, opts, follows)


def _limits(settings: RollingSettings) -> pulumi.CustomTimeouts:
    if settings.stateful:
        limit = workload.timeout_in_turn(settings, settings.most)
        return pulumi.CustomTimeouts(create=limit, update=limit)
    at_once = workload.timeout(settings)
    if settings.update == "recreate":
        return pulumi.CustomTimeouts(create=at_once, update=at_once)
    in_rounds = workload.timeout_in_rounds(settings, settings.fewest, settings.most)
    return pulumi.CustomTimeouts(create=at_once, update=in_rounds)


def manifest_of(
    service: str,
    settings: RollingSettings,
    meta: dict[str, Any],
    selector: Mapping[str, str],
    template: dict[str, Any],
    *,
    awaited: bool = True,
) -> objects.Manifest:
    """The manifest as the API server gets it. With an autoscaler the count is the cluster's: it is never written."""
    replicas = None if settings.scaling else settings.replicas
    if not settings.stateful:
        return workload.deployment(meta, settings, selector, template, replicas, recreate=settings.update == "recreate")
    retention = settings.claim_retention
    return stateful.stateful_set(
        meta,
        settings,
        selector,
        template,
        replicas,
        governing=governing(service, settings),
        claims=settings.volume_claims,
        parallel=settings.pod_management == "parallel",
        partition=settings.partition,
        retention=(retention.when_deleted, retention.when_scaled),
        awaited=awaited,
    )
