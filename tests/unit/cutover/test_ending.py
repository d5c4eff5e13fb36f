"""What an `up` would end is said, and `--yes` alone does not allow it."""

import json
from pathlib import Path
from typing import Any

import pytest

from contract.annotations import STACK
from contract.labels import COMPONENT, MANAGED_BY, NAME
from cutover.errors import GateRefused
from cutover.observe.connection import Api
from cutover.observe.ending import endings
from cutover.operations.command.run import Run
from cutover.operations.up.removal import check_removals
from cutover.options import Options
from cutover.output.report import Report
from cutover.stackfile.find import choose
from kubeaccess import Access
from tests.unit.cutover.objects import V1, pod, service
from tests.unit.cutover.servers import Reply, Request, serve

Json = dict[str, Any]
KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: c
contexts: [{{name: c, context: {{cluster: c, user: u}}}}]
clusters: [{{name: c, cluster: {{server: "{url}"}}}}]
users: [{{name: u, user: {{username: u, password: p}}}}]
"""


def live(name: str, stack: str = "x/dev", role: str = "live", application: str = "") -> Json:
    made = service(name)
    made["metadata"]["labels"] |= {NAME: application or name, MANAGED_BY: "pulumi", COMPONENT: role}
    made["metadata"]["annotations"] |= {STACK: stack}
    return made


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: x\n")
    path = tmp_path / "Pulumi.dev.yaml"
    services = "shop: {active: blue}, api: {strategy: side-by-side, active: v1, versions: {v1: {}}}"
    path.write_text(f"config:\n  cutover:namespace: ns\n  cutover:services: {{{services}}}\n")
    return path


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    found: dict[str, list[Json]] = {"services": [live("shop")], "pods": []}

    def answer(request: Request) -> Reply:
        kind = request.path.partition("?")[0].rpartition("/")[2]
        return Reply(body=json.dumps({"items": found[kind]}))

    with serve(answers=answer) as server:
        (tmp_path / "kubeconfig").write_text(KUBECONFIG.format(url=server.url))
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
        yield found


def job_of(path: Path) -> Run:
    return Run("up", path, Options(yes=True), Report())


def test_only_what_takes_traffic_is_of_this_stack_and_in_no_config_ends(project: Path, lists: Any) -> None:
    lists["services"] += [
        live("web"),
        live("web-blue", role="preview"),
        live("theirs", stack="y/dev"),
        live("api", role="front"),
        live("api-v0", application="api"),
        live("old-front", role="front"),
    ]
    lists["pods"] = [pod("blue", V1), pod("green", V1, ready=False)]
    with Api(Access(None, None, None)) as api:
        found = endings(api, job_of(project).view)
    assert [one.name for one in found] == ["web", "old-front"]
    assert str(found[0]) == ("web is in the config no more: `up` deletes it, and it serves blue 1-0-0-b1 with 1 pod")


def test_a_stack_that_is_named_with_its_owner_is_the_same_stack(project: Path, lists: Any) -> None:
    lists["services"] += [live("web")]
    (named,) = choose(project.parent, "acme/x/dev")
    view = job_of(named).view
    assert view.name == "acme/x/dev"
    with Api(Access(None, None, None)) as api:
        assert [one.name for one in endings(api, view)] == ["web"]


def test_an_adopted_service_has_its_own_labels_and_ends_too(project: Path, lists: Any) -> None:
    adopted = live("old")
    adopted["metadata"]["labels"] = {"app": "old"}
    lists["services"] += [adopted]
    with Api(Access(None, None, None)) as api:
        assert [one.serves for one in endings(api, job_of(project).view)] == ["nothing: none of its pods is ready"]


def test_yes_alone_does_not_allow_it_and_the_flag_is_named(project: Path, lists: Any) -> None:
    check_removals(job_of(project))
    lists["services"] += [live("web"), live("cart")]
    with pytest.raises(GateRefused) as refused:
        check_removals(job_of(project), ["cart"])
    assert "web is in the config no more" in refused.value.what
    assert "put web back into Pulumi.dev.yaml" in refused.value.fix
    assert "`cutover up --stack dev --allow-removal web`" in refused.value.fix
    check_removals(job_of(project), ["web", "cart"])


def test_a_cluster_out_of_reach_is_left_to_the_engine(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(project.parent / "none"))
    check_removals(job_of(project))
    assert "whether this ends a service is not known" in capsys.readouterr().out
