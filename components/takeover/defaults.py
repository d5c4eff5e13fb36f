"""The removal of an API server's defaults from an object: they are nobody's choice, so they are not config.

The defaults are those of k8s.io/kubernetes, pkg/apis/core/v1/defaults.go and pkg/apis/apps/v1/defaults.go. A value that
somebody chose and that is the default cannot be told from one that nobody did, and means the same.
"""

from collections.abc import Mapping
from typing import Any

from components.podspec.types import ROOT, Kind, is_type, types

Json = dict[str, Any]

_MODE = {"defaultMode": 0o644}
_OF_TYPE: Mapping[str, Json] = {
    "PodSpec": {
        "restartPolicy": "Always",
        "dnsPolicy": "ClusterFirst",
        "schedulerName": "default-scheduler",
        "terminationGracePeriodSeconds": 30,
        "securityContext": {},
        "enableServiceLinks": True,
    },
    "Container": {
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "resources": {},
    },
    "ContainerPort": {"protocol": "TCP"},
    "Probe": {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3},
    "HTTPGetAction": {"scheme": "HTTP", "path": "/"},
    "GRPCAction": {"service": ""},
    "ObjectFieldSelector": {"apiVersion": "v1"},
    "ResourceFieldSelector": {"divisor": "0"},
    "SecretVolumeSource": _MODE,
    "ConfigMapVolumeSource": _MODE,
    "ProjectedVolumeSource": _MODE,
    "DownwardAPIVolumeSource": _MODE,
    "ServiceAccountTokenProjection": {"expirationSeconds": 3600},
    "HostPathVolumeSource": {"type": ""},
    "PersistentVolumeClaimSpec": {"volumeMode": "Filesystem"},
}
_OF_DEPLOYMENT: Json = {
    "revisionHistoryLimit": 10,
    "progressDeadlineSeconds": 600,
    "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
}
_OF_SET: Json = {
    "revisionHistoryLimit": 10,
    "podManagementPolicy": "OrderedReady",
    "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
    "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
}
_OF_SERVICE: Json = {
    "type": "ClusterIP",
    "sessionAffinity": "None",
    "internalTrafficPolicy": "Cluster",
    "externalTrafficPolicy": "Cluster",
    "ipFamilyPolicy": "SingleStack",
    "allocateLoadBalancerNodePorts": True,
}
_GIVEN = ("clusterIP", "clusterIPs", "ipFamilies", "healthCheckNodePort")
"""What the API server chose for a Service of one address family."""
_RESTARTED = "kubectl.kubernetes.io/restartedAt"  # by `kubectl rollout restart`


def plain(item: Json) -> Json:
    """A Deployment, StatefulSet or Service without defaults where it is from an API server (it has a uid); all else as
    it is.
    """
    if not item["metadata"].get("uid") or not isinstance(item.get("spec"), Mapping):
        return item
    if defaults := {"Deployment": _OF_DEPLOYMENT, "StatefulSet": _OF_SET}.get(str(item.get("kind"))):
        spec = {**_without(item["spec"], defaults), "template": _template(item["spec"].get("template") or {})}
        if claims := spec.get("volumeClaimTemplates"):
            spec["volumeClaimTemplates"] = [_claim(one) for one in claims]
        return {**item, "spec": spec}
    if item.get("kind") == "Service":
        return {**item, "spec": _service(item["spec"])}
    return item


def settled(item: Json) -> Json:
    """The object without empty texts where Kubernetes knows only some words: they are its defaults, as charts leave
    them (`podManagementPolicy: ""`).
    """
    spec = item["spec"]
    if item["kind"] == "Service":
        return {**item, "spec": _chosen(types()["Service"]["spec"], spec)}
    if "template" in spec:
        spec = {name: value for name, value in spec.items() if value != ""}
        return {**item, "spec": {**spec, "template": _chosen(Kind(ROOT), spec["template"])}}
    return item


def _chosen(kind: Kind, value: Any) -> Any:
    if kind.form == "list" and isinstance(value, list):
        return [_chosen(kind.inner, one) for one in value]
    if kind.form != "one" or not is_type(kind) or not isinstance(value, Mapping):
        return value
    fields = types()[kind.name]
    return {
        name: _chosen(fields[name], one) if name in fields else one
        for name, one in value.items()
        if one != "" or name not in fields or not fields[name].words
    }


def _without(fields: Mapping[str, Any], defaults: Mapping[str, Any]) -> Json:
    return {name: value for name, value in fields.items() if name not in defaults or value != defaults[name]}


def _template(template: Json) -> Json:
    made: Json = _pruned(Kind(ROOT), template)
    notes = dict(made.get("metadata", {}).get("annotations") or {})
    if notes.pop(_RESTARTED, None) is not None:
        made["metadata"] = {**made["metadata"], "annotations": notes or None}
    return made


def _pruned(kind: Kind, value: Any) -> Any:
    """The value of a field of that kind, without the defaults in it."""
    if kind.form == "list" and isinstance(value, list):
        return [_pruned(kind.inner, one) for one in value]
    if kind.form != "one" or not is_type(kind) or not isinstance(value, Mapping):
        return value
    fields = types()[kind.name]
    inner = {name: _pruned(fields[name], one) if name in fields else one for name, one in value.items()}
    made = _without(inner, _OF_TYPE.get(kind.name, {}))
    if kind.name == "PodSpec" and made.get("serviceAccount") == made.get("serviceAccountName"):
        made.pop("serviceAccount", None)
    return made


def _claim(claim: Json) -> Json:
    kept = {name: value for name, value in claim.items() if name not in ("apiVersion", "kind", "status")}
    return {**kept, "spec": _without(claim["spec"], _OF_TYPE["PersistentVolumeClaimSpec"])}


def _service(spec: Json) -> Json:
    made = _without(spec, _OF_SERVICE)
    if spec.get("clusterIP") != "None" and "ipFamilyPolicy" not in made:
        made = {name: value for name, value in made.items() if name not in _GIVEN}
    ports = [_without(port, {"protocol": "TCP", "targetPort": port["port"]}) for port in spec.get("ports") or []]
    return {**made, "ports": ports} if ports else made
