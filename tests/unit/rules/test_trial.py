"""What an answer of the API server to an object on trial says: refused for its content, or nothing that counts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.rules.trial import Answer, refusal

BAD = 'Service "shop" is invalid: spec.clusterIPs[0]: Invalid value: "None"'
STRICT = (
    'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field '
    '"spec.template.spec.containers[0].newField", unknown field "spec.template.spec.brandNew"'
)
TYPED = (
    "failed to create typed patch object (ns/shop; apps/v1, Kind=Deployment): .spec.template.spec.brandNew: "
    "field not declared in schema"
)
QUOTA = 'services "shop" is forbidden: exceeded quota: small, used: services=5, limited: services=5'
NO_RIGHT = 'services is forbidden: User "planner" cannot create resource "services" in API group ""'
WEBHOOK = 'admission webhook "x.example.com" does not support dry run'


def made(kind: str, **labels: str) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": "shop", "labels": labels}}


@pytest.mark.parametrize(
    ("manifest", "answer", "what", "paths"),
    [
        (made("Service"), Answer(422, BAD, ("spec.clusterIPs[0]",)), BAD, "mend service.spec.clusterIPs[0] of web,"),
        (
            made("Service", **{"app.kubernetes.io/component": "further"}),
            Answer(422, BAD, ("spec.clusterIPs[0]",)),
            BAD,
            "mend services.shop.spec.clusterIPs[0] of web,",
        ),
        (
            made("Deployment"),
            Answer(400, STRICT),
            STRICT,
            "mend pod.spec.containers[0].newField, pod.spec.brandNew of web,",
        ),
        (made("Deployment"), Answer(500, TYPED), TYPED, "mend pod.spec.brandNew of web,"),
        (
            made("StatefulSet") | {"spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}},
            Answer(422, "x", ("spec.volumeClaimTemplates[0].spec.accessModes", "spec.volumeClaimTemplates[1].spec")),
            "x",
            "mend volume_claims.data.spec.accessModes of web,",
        ),
        (
            made("StatefulSet") | {"spec": {}},
            Answer(422, "x", ("spec.template.spec.hostname",)),
            "x",
            "mend pod.spec.hostname",
        ),
        (
            made("Service", **{"app.kubernetes.io/component": "pods"}),
            Answer(422, BAD, ("spec.clusterIPs[0]",)),
            BAD,
            "mend what the config says",
        ),
        (made("Deployment"), Answer(422, "replicas", ("spec.replicas",)), "replicas", "mend what the config says"),
        (made("HorizontalPodAutoscaler"), Answer(422, "x", ("spec.metrics",)), "x", "mend autoscaler.spec.metrics of"),
        (
            made("PodDisruptionBudget"),
            Answer(422, "x", ("spec.minAvailable",)),
            "x",
            "mend budget.spec.minAvailable of",
        ),
        (made("Service"), Answer(403, QUOTA), QUOTA, "ask who set the quota or the policy"),
        (made("Job"), Answer(422, "x", ("spec.template.spec",)), "x", "mend what the config says"),
    ],
)
def test_refused_with_the_words_of_the_server_and_the_key(
    manifest: dict[str, Any], answer: Answer, what: str, paths: str
) -> None:
    refused = refusal("web", manifest, answer)
    assert refused
    assert refused.what == f"the API server refuses {manifest['kind'].lower()}/shop: {what}"
    assert paths in refused.fix
    assert str(refused).endswith("code: object.refused")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(0),
        Answer(201),
        Answer(401, "Unauthorized"),
        Answer(403, NO_RIGHT),
        Answer(404, "the server could not find the requested resource"),
        Answer(409, "the object has been modified"),
        Answer(400, WEBHOOK),
        Answer(429, "too many requests"),
        Answer(500, "failed calling webhook"),
        Answer(503, "apiserver not ready"),
    ],
)
def test_what_says_nothing_of_the_content_refuses_nothing(answer: Answer) -> None:
    assert refusal("web", made("Service"), answer) is None


@given(st.text(), st.lists(st.text(), max_size=9))
def test_foreign_words_are_one_line(message: str, fields: list[str]) -> None:
    refused = refusal("web", made("Service"), Answer(422, message, tuple(f"spec.{field}" for field in fields)))
    assert refused
    assert len(str(refused).splitlines()) == 5
    assert all(character.isprintable() for line in str(refused).splitlines() for character in line)


def test_what_looks_like_a_secret_is_hidden() -> None:
    refused = refusal("web", made("Deployment"), Answer(422, "env[0]: Invalid value: DB_PASSWORD=hunter2"))
    assert refused
    assert "hunter2" not in str(refused)
