"""`cutover doctor` against the real API server: all well, a right taken away, no cluster, secrets kept shut."""

from pathlib import Path
from typing import Any

import pytest

from sandbox.pulumi import Engine
from tests.lifecycle import services
from tests.lifecycle.command import Ended, cutover
from tests.lifecycle.kube import Kubernetes, Namespace
from tests.lifecycle.stack import ROOT, Stack
from tests.lifecycle.watcher import Watcher

pytestmark = pytest.mark.cluster
Json = dict[str, Any]


def failed(ended: Ended) -> dict[str, Json]:
    """The checks that failed, by name."""
    document = ended.json()
    found = [*document["checks"], *(check for stack in document["stacks"] for check in stack["checks"])]
    return {check["check"]: check for check in found if check["result"] == "failed"}


@pytest.fixture
def deployable(stack: Stack) -> Stack:
    stack.services["shop"] = services.blue_green()
    stack.save()
    return stack


def test_all_is_well_with_the_role_of_the_docs(deployable: Stack) -> None:
    ended = cutover(deployable, "doctor")
    assert ended.code == 0, ended
    lines = ended.out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "✔ pulumi CLI", "✔ backend", "✔ python", "✔ packages",
        "stack test", "✔ config", "✔ stack", "✔ secrets", "✔ cluster", "✔ namespace", "✔ rights",
        "✔ orphans",
    ]  # fmt: skip


def test_a_right_that_is_missing_is_named_with_its_fix(deployable: Stack, namespace: Namespace) -> None:
    role = namespace.get("roles", "cutover-deployer")
    for rule in role["rules"]:
        if "deployments" in rule["resources"]:
            rule["verbs"] = [verb for verb in rule["verbs"] if verb != "patch"]
    rules = [rule for rule in role["rules"] if "endpointslices" not in rule["resources"]]
    namespace.patch("roles", "cutover-deployer", {"rules": rules})
    ended = cutover(deployable, "doctor", "--json")
    assert ended.code == 1
    assert failed(ended).keys() == {"rights"}
    rights = failed(ended)["rights"]
    assert "get, list, watch endpointslices.discovery.k8s.io" in rights["message"]
    assert "patch deployments.apps" in rights["message"]
    assert "patch services" not in rights["message"]
    own = ROOT / "docs" / "rbac.yaml"  # the driver's: the project has none
    assert rights["fix"].startswith(f"`kubectl apply -n {namespace.name} -f {own}`")


def test_a_cluster_out_of_reach_and_a_token_that_is_not_taken(deployable: Stack, cluster: Kubernetes) -> None:
    working = deployable.kubeconfig.read_text()
    away = working.replace(str(cluster.config.cluster.server), "https://127.0.0.1:9")
    deployable.kubeconfig.write_text(away)
    ended = cutover(deployable, "doctor", "--json")
    assert (ended.code, set(failed(ended))) == (1, {"cluster"})
    assert "https://127.0.0.1:9 gave no good answer" in failed(ended)["cluster"]["message"]

    deployable.kubeconfig.write_text(cluster.kubeconfig(deployable.namespace.name, "s3cret-but-wrong"))
    ended = cutover(deployable, "doctor", "--json")
    assert (ended.code, set(failed(ended))) == (1, {"cluster"})
    assert "log in to the cluster again" in failed(ended)["cluster"]["fix"]
    assert "s3cret" not in ended.out + ended.err


def test_secrets_by_a_passphrase_and_by_a_server_of_keys(
    cluster: Kubernetes, engine: Engine, namespace: Namespace, watcher: Watcher, deployable: Stack, tmp_path: Path
) -> None:
    """A stack of each kind, with the right secret and with a wrong one; the driver's `up` says the same."""
    by_passphrase = Stack(engine, tmp_path / "passphrase", namespace, watcher, secrets_provider="passphrase")
    by_passphrase.create(cluster.kubeconfig(namespace.name, namespace.token()))
    by_passphrase.services = deployable.services
    by_passphrase.save()
    for stack, wrong, fix, words in (
        (by_passphrase, "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE", "incorrect passphrase"),
        (deployable, "VAULT_SERVER_TOKEN", "secretsprovider", "permission denied"),
    ):
        stack.keep_secret("token", "s3cret")
        assert failed(cutover(stack, "doctor", "--json")) == {}
        looked = cutover(stack, "doctor", "--json", **{wrong: "wrong"})
        assert (looked.code, set(failed(looked))) == (1, {"secrets"})
        assert words in failed(looked)["secrets"]["message"]
        assert fix in failed(looked)["secrets"]["fix"]
        up = cutover(stack, "up", "--yes", "--json", **{wrong: "wrong"})
        assert (up.code, up.json()["code"]) == (1, "login.needed"), up
        assert (words in up.json()["message"], fix in up.json()["fix"]) == (True, True), up
        assert "s3cret" not in looked.out + looked.err + up.out + up.err


def test_the_engine_s_side(deployable: Stack) -> None:
    other = deployable.folder / "other"
    (other / ".pulumi").mkdir(parents=True)
    elsewhere = cutover(deployable, "doctor", "--json", PULUMI_BACKEND_URL=f"file://{other}")
    assert failed(elsewhere)["stack"]["fix"] == "`pulumi stack init test`"
