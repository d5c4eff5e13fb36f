"""The advice about a pod template: lines that a plan shows of what may cost requests. Nothing here is refused."""

from collections.abc import Iterator, Mapping
from typing import Any


def advice(template: Mapping[str, Any], app: str) -> list[str]:
    """One line per thing that may cost requests; `app` is the name of the application's own container."""
    return list(_lines(template.get("spec") or {}, app))


_NODE = "two of these pods never stand on one node, so a release waits for a node without one"


def _lines(spec: Mapping[str, Any], app: str) -> Iterator[str]:
    for one in spec.get("containers") or []:
        ports = one.get("ports") or []
        if one["name"] == app and ports and not one.get("readinessProbe"):
            yield (
                f"container {app} has no readiness probe: its pods get traffic as soon as they run, before the "
                "application may listen, and a release that cannot serve counts as ready; requests that come too early "
                "fail. Any probe is better, `readiness: {kind: tcp}` for one"
            )
        if taken := sorted(str(port["hostPort"]) for port in ports if port.get("hostPort")):
            yield f"container {one['name']} takes port {', '.join(taken)} of its node (hostPort): {_NODE}"
        if one["name"] != app and ports and not (one.get("lifecycle") or {}).get("preStop"):
            yield (
                f"container {one['name']} has ports and no preStop: it stops as soon as its pod is told to, and "
                "requests through it fail at each release; give it a preStop sleep, or make it a native sidecar "
                "(an init container with restartPolicy: Always)"
            )
    if spec.get("terminationGracePeriodSeconds") == 0:
        yield (
            "the pods are ended at once (termination_grace_seconds is 0): requests in flight fail at each release, and "
            "a node that does not answer may still run a pod whose name is free already"
        )
    if spec.get("hostNetwork"):
        yield f"the pod uses the ports of its node (hostNetwork): {_NODE}"
