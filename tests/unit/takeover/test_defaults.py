"""What an API server wrote into an object is left out; what somebody chose stays."""

import copy
from typing import Any

import pytest

from components.takeover.defaults import plain
from components.takeover.workloads import workloads

Json = dict[str, Any]
# As an API server gives a Deployment back that says no more than its image, its port and the Secret that it mounts.
WRITTEN: Json = {
    "kind": "Deployment",
    "metadata": {"name": "web", "uid": "u"},
    "spec": {
        "replicas": 1,
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
        "template": {
            "metadata": {"labels": {"app": "web"}, "annotations": {"kubectl.kubernetes.io/restartedAt": "today"}},
            "spec": {
                "restartPolicy": "Always",
                "dnsPolicy": "ClusterFirst",
                "schedulerName": "default-scheduler",
                "terminationGracePeriodSeconds": 30,
                "securityContext": {},
                "serviceAccountName": "web",
                "serviceAccount": "web",
                "volumes": [{"name": "s", "secret": {"secretName": "s", "defaultMode": 420}}],
                "containers": [
                    {
                        "name": "web",
                        "image": "web:1",
                        "resources": {},
                        "imagePullPolicy": "IfNotPresent",
                        "terminationMessagePath": "/dev/termination-log",
                        "terminationMessagePolicy": "File",
                        "ports": [{"containerPort": 80, "protocol": "TCP"}],
                        "env": [{"name": "IP", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "a"}}}],
                        "livenessProbe": {
                            "httpGet": {"path": "/", "port": 80, "scheme": "HTTP"},
                            "timeoutSeconds": 1,
                            "periodSeconds": 10,
                            "successThreshold": 1,
                            "failureThreshold": 3,
                        },
                    }
                ],
            },
        },
    },
}
CHOSEN: Json = {
    "replicas": 1,
    "template": {
        "metadata": {"labels": {"app": "web"}, "annotations": None},
        "spec": {
            "serviceAccountName": "web",
            "volumes": [{"name": "s", "secret": {"secretName": "s"}}],
            "containers": [
                {
                    "name": "web",
                    "image": "web:1",
                    "imagePullPolicy": "IfNotPresent",
                    "ports": [{"containerPort": 80}],
                    "env": [{"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "a"}}}],
                    "livenessProbe": {"httpGet": {"port": 80}},
                }
            ],
        },
    },
}
SERVICE: Json = {
    "kind": "Service",
    "metadata": {"name": "web", "uid": "u"},
    "spec": {
        "type": "ClusterIP",
        "clusterIP": "10.0.0.1",
        "clusterIPs": ["10.0.0.1"],
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "sessionAffinity": "None",
        "internalTrafficPolicy": "Cluster",
        "selector": {"app": "web"},
        "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}, {"port": 81, "protocol": "TCP", "targetPort": 8}],
    },
}


def test_what_the_api_server_wrote_is_left_out() -> None:
    before = copy.deepcopy(WRITTEN)
    assert plain(WRITTEN)["spec"] == CHOSEN
    assert before == WRITTEN, "what was given is left as it is"
    assert plain(SERVICE)["spec"] == {
        "selector": {"app": "web"},
        "ports": [{"port": 80}, {"port": 81, "targetPort": 8}],
    }
    (found,) = workloads([WRITTEN, SERVICE])
    assert (found.item["spec"], len(found.services)) == (CHOSEN, 1)


def test_a_set_has_defaults_of_its_own() -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "creationTimestamp": None},
        "spec": {"accessModes": ["ReadWriteOnce"], "volumeMode": "Filesystem"},
        "status": {"phase": "Pending"},
    }
    written = {
        "serviceName": "web",
        "podManagementPolicy": "OrderedReady",
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        "revisionHistoryLimit": 10,
        "template": WRITTEN["spec"]["template"],
        "volumeClaimTemplates": [claim],
    }
    assert plain({"kind": "StatefulSet", "metadata": {"uid": "u"}, "spec": written})["spec"] == {
        "serviceName": "web",
        "template": CHOSEN["template"],
        "volumeClaimTemplates": [{"metadata": claim["metadata"], "spec": {"accessModes": ["ReadWriteOnce"]}}],
    }


@pytest.mark.parametrize("item", [WRITTEN, SERVICE])
def test_a_manifest_is_taken_at_its_word(item: Json) -> None:
    written = {**item, "metadata": {"name": "web"}}
    assert plain(written) == written


def test_a_service_keeps_what_says_who_finds_it() -> None:
    headless = {**SERVICE, "spec": {**SERVICE["spec"], "clusterIP": "None", "ipFamilyPolicy": "PreferDualStack"}}
    assert plain(headless)["spec"]["clusterIP"] == "None"
    assert plain(headless)["spec"]["ipFamilyPolicy"] == "PreferDualStack"
