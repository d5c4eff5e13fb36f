"""Which changed paths make the provider replace an object instead of updating it."""

import re
from functools import cache

from sandbox.engine.kube.kinds import words

IDENTITY = (".metadata.name", ".metadata.namespace")
_SELECTOR = (".spec.selector",)
_JOB = (".spec.completions", ".spec.parallelism", ".spec.selector", ".spec.template")
_STATEFUL_SET = (
    ".spec.podManagementPolicy",
    ".spec.revisionHistoryLimit",
    ".spec.selector",
    ".spec.serviceName",
    ".spec.volumeClaimTemplates",
)
_VOLUME_SOURCES = tuple(
    f".spec.{name}"
    for name in words(
        "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk glusterfs "
        "hostPath iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume"
    )
)
_POD = tuple(
    f".spec.{name}"
    for name in words(
        "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork "
        "hostPID hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority priorityClassName "
        "readinessGates restartPolicy runtimeClassName schedulerName securityContext serviceAccount serviceAccountName "
        "shareProcessNamespace subdomain terminationGracePeriodSeconds volumes"
    )
)
_CONTAINER = tuple(
    f".spec.{group}[*].{name}"
    for group in ("containers", "initContainers")
    for name in words(
        "args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources securityContext "
        "stdin stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir"
    )
)
_TABLE: dict[tuple[str, str], tuple[str, ...]] = {
    ("apps", "Deployment"): _SELECTOR,
    ("apps", "DaemonSet"): _SELECTOR,
    ("apps", "StatefulSet"): _STATEFUL_SET,
    ("batch", "Job"): _JOB,
    ("", "Service"): (".spec.clusterIP",),
    ("", "Pod"): _POD + _CONTAINER,
    ("", "PersistentVolume"): _VOLUME_SOURCES,
    ("", "PersistentVolumeClaim"): (
        ".spec.accessModes",
        ".spec.selector",
        ".spec.storageClassName",
        ".spec.volumeName",
    ),
    ("", "ResourceQuota"): (".spec.scopes",),
    ("", "Secret"): (".type", ".stringData", ".data"),
    ("", "ConfigMap"): (".binaryData", ".data"),
    ("rbac.authorization.k8s.io", "RoleBinding"): (".roleRef",),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): (".roleRef",),
    ("storage.k8s.io", "StorageClass"): (".parameters", ".provisioner"),
}


@cache
def _pattern(group: str, kind: str) -> re.Pattern[str]:
    paths = IDENTITY + _TABLE.get((group, kind), ())
    return re.compile("|".join(re.escape(path[1:]).replace(r"\[\*\]", r"\[\d+\]") + r"(?![\w-])" for path in paths))


def replaces(group: str, kind: str, path: str) -> bool:
    """Whether a change at `path` (as in `spec.template.spec.containers[0].image`) or around it replaces the object.

    A path above a forcing one counts too when that whole branch was added or removed.
    """
    if _pattern(group, kind).match(path):
        return True
    forcing = (one[1:] for one in IDENTITY + _TABLE.get((group, kind), ()))
    return any(one.startswith((path + ".", path + "[")) for one in forcing)
