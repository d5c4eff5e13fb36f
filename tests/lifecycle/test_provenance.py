"""Where a release came from stands on its workload, shows in status and history, and is never a difference."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lifecycle import services
from tests.lifecycle.command import Ended, cutover
from tests.lifecycle.kube import Namespace
from tests.lifecycle.stack import Stack
from tests.unit.cutover.servers import Reply, Request, serve

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def _noted(namespace: Namespace, kind: str, name: str) -> dict[str, str]:
    (found,) = [item["metadata"] for item in namespace.items(kind) if item["metadata"]["name"].startswith(name)]
    return {key.partition("/")[2]: value for key, value in found["annotations"].items() if "cutover.dev/" in key}


def _run(stack: Stack, verb: str, *words: str, **environment: str) -> Ended:
    done = cutover(stack, verb, *words, **environment)
    assert done.code == 0, done
    return done


def test_a_release_tells_where_it_came_from(
    stack: Stack, namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUTOVER_COMMIT", "a" * 40)
    monkeypatch.setenv("CUTOVER_REPOSITORY", "https://ann:secret@forge.example/team/shop.git")
    monkeypatch.setenv("CUTOVER_DEPLOYER", "ann")
    stack.services["shop"] = services.blue_green("replica-set", green=None)
    app = stack.services["app"] = services.rolling()
    stack.must_up()
    for kind, name in (("replicasets", "shop-blue"), ("deployments", "app")):
        noted = _noted(namespace, kind, name)
        assert noted["commit"] == "a" * 40
        assert noted["repository"] == "https://forge.example/team/shop.git"
        assert noted["deployed-by"] == "ann"
        assert noted["release"] == "1-0-0-b1"
        assert "sha256:" in noted["image-id"]
    first = _noted(namespace, "deployments", "app")["image-id"]

    monkeypatch.setenv("CUTOVER_COMMIT", "b" * 40)
    assert set(stack.must_up().changes) == {"same"}
    assert set(stack.run("refresh", "--yes", "--skip-preview").changes) == {"same"}
    app["release"] = services.release(services.V2)
    stack.must_up()
    noted = _noted(namespace, "deployments", "app")
    assert (noted["commit"], noted["image-id"] != first) == ("b" * 40, True)
    assert _noted(namespace, "replicasets", "shop-blue")["commit"] == "a" * 40

    told = _run(stack, "status", "--provenance").out
    assert f"commit      {'b' * 40}" in told
    assert noted["image-id"].rpartition("@")[2] in told
    seen = _run(stack, "status", "--provenance", "--json").json()["stacks"][0]["services"]
    blue, release = seen["shop"]["colors"]["blue"], seen["app"]["colors"]["release"]
    assert blue["origin"]["deployedBy"] == "ann"
    numbers = {row["number"]: row["kind"] for row in _run(stack, "history", "--json").json()["updates"]}
    assert (blue["update"], release["update"]) == (1, 4)
    assert numbers == {4: "update", 3: "refresh", 2: "update", 1: "update"}
    assert "│  update      4\n" in told

    told_of = {}
    for line in _run(stack, "statement").out.splitlines():
        document = json.loads(line)
        definition = document["predicate"]["buildDefinition"]
        told_of[definition["externalParameters"]["service"]] = (document["subject"][0], definition)
    assert noted["image-id"].endswith(told_of["app"][0]["digest"]["sha256"])
    assert told_of["shop"][1]["resolvedDependencies"][0]["digest"] == {"gitCommit": "a" * 40}


def test_a_pinned_release_runs_and_is_known_by_its_digest(stack: Stack, namespace: Namespace, tmp_path: Path) -> None:
    shop = stack.services["shop"] = services.blue_green()
    stack.must_up()
    image = shop["green"]["image"]
    digest = _noted(namespace, "deployments", "shop-green")["image-id"].partition("@")[2]
    if not digest:
        pytest.skip("the images of this cluster came from no registry, and have no digest that a pod could name")

    def registry(request: Request) -> Reply:
        assert request.path == "http://cutover.local/v2/podinfo/manifests/1.1.0"
        return Reply(headers={"Docker-Content-Digest": digest})

    words = ("shop", "--version", "1.1.0", "--build", "2", "--image", image, "--pin", "--yes")
    with serve(answers=registry) as server:  # as a proxy: the name of the images leads nowhere
        there = {"HTTP_PROXY": server.url, "CUTOVER_PLAIN_HTTP": "cutover.local", "DOCKER_CONFIG": str(tmp_path)}
        assert f"{image} is {digest}" in _run(stack, "release", *words, **there).out
    written: Any = yaml.safe_load(stack.file.read_text())["config"]["cutover:services"]["shop"]["green"]
    assert written["image"] == f"{image}@{digest}"
    stack.services["shop"] |= {"green": written, "active": "green"}
    stack.must_up()

    _run(stack, "status")
    (newest, *_) = _run(stack, "history", "--json").json()["updates"]
    assert newest["live"]["shop"]["digest"] == digest
    told = _run(stack, "history", "--provenance", "--limit", "1").out
    assert f"live        shop green 1.1.0 build 2\n                 {image}@{digest}\n" in told
    stated = _run(stack, "statement", "shop").json()
    assert stated["subject"][0]["digest"] == {"sha256": digest.removeprefix("sha256:")}


def test_where_no_registry_answers_the_tag_stays(stack: Stack) -> None:
    stack.services["shop"] = services.blue_green(green=None)
    stack.must_up()
    image = services.release(services.V2)["image"]
    words = ("shop", "--version", "1.1.0", "--build", "1", "--image", image, "--pin", "--yes")
    done = _run(stack, "release", *words, HTTP_PROXY="http://127.0.0.1:1", CUTOVER_PLAIN_HTTP="cutover.local")
    assert f"warning: {image} is not pinned, the tag stays as it is: cutover.local: ConnectError" in done.out
    assert yaml.safe_load(stack.file.read_text())["config"]["cutover:services"]["shop"]["green"]["image"] == image
