"""Autoscalers of older versions in the words of autoscaling/v2. Pure.

autoscaling/v1 has one number, autoscaling/v2beta1 has its targets as fields of their own (`targetAverageUtilization`);
v2beta2 is v2 under another name. Source: k8s.io/api, autoscaling/v2beta1/types.go.
"""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
_KINDS = {  # type of a metric -> its field
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
}
_TARGETS = {  # v2beta1's field -> the type of the target, and v2's field of it
    "targetAverageUtilization": ("Utilization", "averageUtilization"),
    "targetAverageValue": ("AverageValue", "averageValue"),
    "averageValue": ("AverageValue", "averageValue"),
    "targetValue": ("Value", "value"),
}


def of_version_2(scaler: Json) -> Json:
    """The autoscaler as autoscaling/v2 has it; one that is so already, or is no mapping there, stays as it is."""
    spec = dict(scaler["spec"])
    percent = spec.pop("targetCPUUtilizationPercentage", None)
    if percent is not None:
        target = {"type": "Utilization", "averageUtilization": percent}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    elif isinstance(metrics := spec.get("metrics"), list):
        spec["metrics"] = [_metric(one) for one in metrics]
    return {**scaler, "spec": spec}


def _metric(metric: Any) -> Any:
    field = _KINDS.get(str(metric.get("type"))) if isinstance(metric, Mapping) else None
    source = metric.get(field) if field else None
    if not isinstance(source, Mapping) or (isinstance(target := source.get("target"), Mapping) and "type" in target):
        return metric
    made = {key: value for key, value in source.items() if key not in _TARGETS}
    if "metricName" in made:
        selector = made.pop("metricSelector", None) or made.pop("selector", None)
        made["metric"] = {"name": made.pop("metricName")} | ({"selector": selector} if selector else {})
    if field == "object" and "target" in made:
        made["describedObject"] = made.pop("target")
    # An average comes before a value where v2beta1 has both: that is what its controller goes by.
    for old, (kind, new) in _TARGETS.items():
        if source.get(old) is not None:
            made["target"] = {"type": kind, new: source[old]}
            break
    return {**metric, field: made}
