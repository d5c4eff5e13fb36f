"""The documents about a release, held to the published schemas, and the verb that writes them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2  # type: ignore[import-untyped]
from in_toto_attestation.v1 import statement_pb2  # type: ignore[import-untyped]
from in_toto_attestation.v1.statement import Statement  # type: ignore[import-untyped]
from packageurl import PackageURL

from contract.annotations import IMAGE_ID
from cutover.provenance.cyclonedx import bom
from cutover.provenance.in_toto import source_uri, statement
from cutover.provenance.release import Released
from cutover.registry.reference import parse
from cutover.strategies.releases import ORIGIN
from tests.unit.cutover.objects import V1, V2, blue_green, deployment, pod, rolling, runs, service
from tests.unit.cutover.servers import Reply, Request, serve
from tests.unit.cutover.test_observe_connection import kubeconfig

ROOT = Path(__file__).resolve().parents[3]
Json = dict[str, Any]
DIGEST, COMMIT = "d" * 64, "c" * 40
ORIGIN_SAID = {
    "commit": COMMIT,
    "repository": "git@forge.example:team/shop.git",
    "deployedBy": "ann",
    "deployedAt": "2026-11-21T16:00:07Z",
    "run": "https://forge.example/team/shop/actions/runs/77",
    "stack": "cutover/prod",
    "configDigest": "0123456789",
}


def release(**changes: Any) -> Released:
    values: Json = {
        "stack": "cutover/prod",
        "namespace": "shop",
        "service": "storefront",
        "strategy": "blue-green",
        "color": "green",
        "role": "live",
        "release": "1.5.0 build 3",
        "version": "1.5.0",
        "revision": "1-5-0-b3",
        "image": parse("registry.example:5000/team/shop:1.5.0"),
        "digest": DIGEST,
        "of_config": False,
        "pods": 2,
        "address": "http://storefront.shop.svc:80",
        "since": datetime(2026, 11, 21, 16, tzinfo=UTC),
        "gates": ("2 of 2 pods ready within 120 s",),
        "jobs": {"smoke_job": "registry.example/check:2", "before_cutover": f"migrate:3@sha256:{DIGEST}"},
        "origin": ORIGIN_SAID,
    }
    return Released(**values | changes)


EVERY_KIND = [
    release(),
    release(origin={}, jobs={}, since=None, service="worker", strategy="rolling", color="release"),
    release(service="local", of_config=True, image=parse("shop:1"), origin={"commit": f"{COMMIT}-dirty"}),
]


def check_statement(document: Json) -> None:
    parsed = json_format.ParseDict(document, statement_pb2.Statement())
    Statement.copy_from_pb(parsed).validate()
    json_format.ParseDict(document["predicate"], provenance_pb2.Provenance())  # SLSA's shape, no unknown field


def check_bom(document: Json) -> None:
    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(document))
    assert problem is None, str(problem)[:400]
    refs = [part["bom-ref"] for part in (*document["components"], *document["services"])]
    refs.append(document["metadata"]["component"]["bom-ref"])
    assert len(set(refs)) == len(refs)
    edges = document["dependencies"]
    assert sorted(edge["ref"] for edge in edges) == sorted(refs)
    assert {ref for edge in edges for ref in edge.get("dependsOn", [])} <= set(refs)


@pytest.mark.parametrize("given", EVERY_KIND, ids=lambda given: given.service)
def test_a_statement_is_one_by_the_published_schema(given: Released) -> None:
    check_statement(statement(given))


def test_a_statement_tells_what_was_released_from_where() -> None:
    document = statement(release())
    assert document["subject"] == [
        {
            "name": "registry.example:5000/team/shop",
            "digest": {"sha256": DIGEST},
            "annotations": {"tag": "1.5.0", "digestOf": "manifest"},
        }
    ]
    definition, run = document["predicate"]["buildDefinition"], document["predicate"]["runDetails"]
    assert definition["externalParameters"]["release"] == "1.5.0 build 3"
    assert definition["internalParameters"]["deployedBy"] == "ann"
    uri = f"git+ssh://git@forge.example/team/shop.git@{COMMIT}"
    assert definition["resolvedDependencies"] == [{"name": "source", "uri": uri, "digest": {"gitCommit": COMMIT}}]
    assert run["metadata"] == {
        "invocationId": ORIGIN_SAID["run"],
        "startedOn": "2026-11-21T16:00:00Z",
        "finishedOn": "2026-11-21T16:00:07Z",
    }


def test_uncommitted_changes_are_no_commits_digest() -> None:
    (source,) = statement(EVERY_KIND[2])["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert source == {"name": "source", "annotations": {"commit": f"{COMMIT}-dirty"}}


@pytest.mark.parametrize(
    ("repository", "uri"),
    [
        ("https://forge.example/team/shop.git", "git+https://forge.example/team/shop.git"),
        ("ssh://git@forge.example:22/team/shop", "git+ssh://git@forge.example:22/team/shop"),
        ("forge.example:team/shop", "git+ssh://forge.example/team/shop"),
        ("/srv/shop.git", "git+file:///srv/shop.git"),
    ],
)
def test_a_repository_as_a_uri(repository: str, uri: str) -> None:
    assert source_uri(repository) == uri


def test_a_bom_is_one_by_the_published_schema() -> None:
    now = datetime(2026, 11, 21, 17, tzinfo=UTC)
    document = bom("cutover/prod", EVERY_KIND, now)
    check_bom(document)
    check_bom(bom("cutover/prod", EVERY_KIND[1:2], now))
    first = document["components"][0]
    assert first["hashes"] == [{"alg": "SHA-256", "content": DIGEST}]
    found = PackageURL.from_string(first["purl"])
    assert (found.type, found.name, found.version) == ("oci", "shop", f"sha256:{DIGEST}")
    assert found.qualifiers == {"repository_url": "registry.example:5000/team/shop", "tag": "1.5.0"}
    jobs = {part["bom-ref"]: part for part in document["components"] if part.get("scope") == "excluded"}
    assert set(jobs) >= {"container:storefront:smoke_job", "container:storefront:before_cutover"}
    assert jobs["container:storefront:before_cutover"]["hashes"] == [{"alg": "SHA-256", "content": DIGEST}]
    of_config = next(part for part in document["components"] if part["bom-ref"] == "container:local")
    assert "hashes" not in of_config
    assert {"name": "cutover:image-config-digest", "value": f"sha256:{DIGEST}"} in of_config["properties"]
    again = bom("cutover/prod", EVERY_KIND, datetime(2027, 1, 1, tzinfo=UTC))
    assert again["serialNumber"] == document["serialNumber"]
    assert bom("cutover/prod", EVERY_KIND[:1], now)["serialNumber"] != document["serialNumber"]


def test_an_image_of_the_default_registry_has_its_full_name_in_the_purl() -> None:
    document = bom("s", [release(image=parse("nginx:1.27"), jobs={})], datetime(2026, 1, 1, tzinfo=UTC))
    found = PackageURL.from_string(document["components"][0]["purl"])
    assert found.qualifiers == {"repository_url": "docker.io/library/nginx", "tag": "1.27"}


@pytest.fixture
def lists() -> dict[str, list[Json]]:
    blue, green = deployment("blue", V1), deployment("green", V2, minutes=10)
    blue["metadata"]["annotations"] = {key: ORIGIN_SAID[said] for key, said in ORIGIN.items()}
    green["metadata"]["annotations"] = {IMAGE_ID: f"mirror.example/shop@sha256:{'e' * 64}"}
    image_id = f"docker-pullable://shop@sha256:{DIGEST}"
    worker = deployment(None, V1)
    for part in (worker["metadata"]["labels"], worker["spec"]["template"]["metadata"]["labels"]):
        part["app.kubernetes.io/instance"] = "worker"
    return {
        "services": [service(), service("worker", color=None)],
        "deployments": [blue, green, worker],
        "pods": [runs(pod("blue", V1, minutes=5 + n), image_id) for n in range(2)],
    }


@pytest.fixture
def project(tmp_path: Path, lists: dict[str, list[Json]]) -> Iterator[Path]:
    def answer(request: Request) -> Reply:
        return Reply(body=json.dumps({"items": lists[request.path.partition("?")[0].rpartition("/")[2]]}))

    with serve(answers=answer) as server:
        (tmp_path / "Pulumi.yaml").write_text("name: cutover\n")
        (tmp_path / "kubeconfig").write_text(kubeconfig(server.url))
        config = {
            "cutover:namespace": "shop",
            "cutover:services": {"shop": blue_green(), "worker": rolling()},
            "kubernetes:kubeconfig": "kubeconfig",
        }
        (tmp_path / "Pulumi.test.yaml").write_text(yaml.safe_dump({"config": config}))
        yield tmp_path


def run(project: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "cutover", "statement", *words, "--cwd", str(project)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_the_verb_writes_what_runs(project: Path) -> None:
    done = run(project, "shop")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    check_statement(document)
    assert document["subject"][0]["digest"] == {"sha256": DIGEST}
    assert document["predicate"]["buildDefinition"]["externalParameters"]["stack"] == "cutover/prod"

    file = project / "release.json"
    written = run(project, "shop", "--color", "green", "--format", "cyclonedx", "-o", str(file))
    assert (written.returncode, written.stdout) == (0, ""), written.stderr
    assert written.stderr == f"wrote {file}: shop 1.1.0 build 1\n"
    check_bom(json.loads(file.read_text()))
    assert "e" * 64 in file.read_text()  # without a pod: what was noted on the workload


def test_what_is_not_known_is_not_stated(project: Path, lists: dict[str, list[Json]]) -> None:
    unknown = run(project)
    assert unknown.returncode == 1
    assert "worker release 1-0-0-b1: nothing tells the content of shop:1.0.0" in unknown.stderr

    lists["pods"].append(runs(pod("blue", V1, minutes=9), f"shop@sha256:{'f' * 64}"))
    mixed = run(project, "shop")
    assert mixed.returncode == 6
    assert "several images under shop:1.0.0: sha256:dddddddddddd (2 pods), sha256:ffffffffffff (1 pod)" in mixed.stderr

    missing = run(project, "nothing")
    assert missing.returncode == 2
    assert "has no service 'nothing'; it has: shop, worker" in missing.stderr


def test_several_statements_are_json_lines(project: Path, lists: dict[str, list[Json]]) -> None:
    found = runs(pod(None, V1), "sha256:" + "a" * 64)
    found["metadata"]["labels"]["app.kubernetes.io/instance"] = "worker"
    lists["pods"].append(found)
    done = run(project)
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [document["subject"][0]["annotations"]["digestOf"] for document in documents] == ["manifest", "config"]
    for document in documents:
        check_statement(document)
