"""`cutover doctor` against the real API server: all well, a right taken away, no cluster, a wrong passphrase."""

from typing import Any

import pytest

from tests.lifecycle import services
from tests.lifecycle.command import Ended, cutover
from tests.lifecycle.kube import Kubernetes, Namespace
from tests.lifecycle.stack import ROOT, Stack

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
        "stack test", "✔ config", "✔ stack", "✔ passphrase", "✔ cluster", "✔ namespace", "✔ rights",
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


def test_the_engine_s_side(deployable: Stack) -> None:
    deployable.run("config", "set", "--secret", "cutover:token", "s3cret")
    wrong = cutover(deployable, "doctor", "--json", PULUMI_CONFIG_PASSPHRASE="wrong")
    assert (wrong.code, set(failed(wrong))) == (1, {"passphrase"})
    assert "PULUMI_CONFIG_PASSPHRASE" in failed(wrong)["passphrase"]["fix"]
    assert "s3cret" not in wrong.out + wrong.err

    other = deployable.folder / "other"
    (other / ".pulumi").mkdir(parents=True)
    elsewhere = cutover(deployable, "doctor", "--json", PULUMI_BACKEND_URL=f"file://{other}")
    assert failed(elsewhere)["stack"]["fix"] == "`pulumi stack init test`"
