"""A stack that an earlier version deployed: the program of now has nothing to do on it, and no pod of it restarts."""

import shutil
import subprocess
from typing import Any

import pytest

from contract.annotations import SERVED
from tests.lifecycle import existing, services
from tests.lifecycle.kube import Namespace
from tests.lifecycle.services import V1, V2, release
from tests.lifecycle.stack import PROGRAM, ROOT, Stack

pytestmark = [pytest.mark.cluster]
BEFORE = "52c6dca1d5a951630fe57d212efed9b544805e6e"
"""The commit whose program deploys. It moves on with each release; an older one is tried by hand."""


def _earlier(stack: Stack) -> None:
    """Put the program of that commit in the place of the checkout's. Skips where the clone has no history."""
    git = ["git", "-C", str(ROOT)]
    if subprocess.run([*git, "cat-file", "-e", BEFORE], capture_output=True, check=False).returncode:
        pytest.skip(f"this clone has no commit {BEFORE}: a shallow one cannot run the program of before")
    made = subprocess.run([*git, "archive", BEFORE, "__main__.py", *PROGRAM], capture_output=True, check=True)
    (stack.project / "__main__.py").unlink()
    for name in PROGRAM:
        (stack.project / name).unlink()
    subprocess.run(["tar", "-x", "-C", str(stack.project)], input=made.stdout, check=True)


def _now(stack: Stack) -> None:
    """The checkout's program again."""
    for name in PROGRAM:
        shutil.rmtree(stack.project / name)
        (stack.project / name).symlink_to(ROOT / name, target_is_directory=True)
    shutil.copy(ROOT / "__main__.py", stack.project)


def _every_shape(stack: Stack) -> None:
    """One small service of each strategy, kind of workload and way of moving traffic."""
    small: dict[str, Any] = {"replicas": 1}
    green = {"blue": release(V1), "green": release(V2)}
    adopted = release(V1, 0, adopt={"deployment": existing.NAME, "selector": existing.SELECTOR})
    stack.services = {
        "deployed": services.blue_green(**small, config_files={"/etc/app/a.yaml": "x: 1\n"}, expose_both=True),
        "boxed": services.blue_green("replica-set", **small, **green),
        "labeled": services.blue_green("replica-set", cutover="labels", **small),
        "paired": services.blue_green(active=None, **small),
        "other": services.blue_green(active=None, green=None, **small),
        "worker": services.rolling(**small, autoscale={"min_replicas": 1, "max_replicas": 2})
        | {"resources": {"requests": {"cpu": "1m", "memory": "8Mi"}}},
        "sided": services.side_by_side(**small),
        existing.NAME: services.blue_green(
            blue=adopted, green=None, adopt_service=True, port_name="web", replicas=3, drain_seconds=2
        ),
    }
    stack.services["worker"].pop("replicas")
    stack.groups = {"pair": {"active": "blue", "services": ["other", "paired"]}}
    inside = {"pages": services.rolling(**small), "api": services.blue_green(green=None, **small)}
    stack.environments = {"active": "coco-1", "builds": {"coco-1": {"services": inside}}}


def _pods(namespace: Namespace) -> dict[str, int]:
    """Each pod's uid, and how often its containers were started again."""
    return {
        pod["metadata"]["uid"]: sum(one["restartCount"] for one in pod["status"]["containerStatuses"])
        for pod in namespace.items("pods")
        if "deletionTimestamp" not in pod["metadata"]
    }


def _specs(namespace: Namespace) -> dict[str, Any]:
    """Each workload's spec, labels and annotations, and each Service's version. Since that commit the program notes on
    a rolling service's Deployment what served; the API server raises the generation of a Deployment for a note, too.
    """
    found: dict[str, Any] = {}
    for one in (*namespace.items("deployments"), *namespace.items("replicasets")):
        meta = one["metadata"]
        notes = {key: text for key, text in meta.get("annotations", {}).items() if key != SERVED}
        found[meta["name"]] = (one["spec"], meta["labels"], notes)
    services = {f"service {one['metadata']['name']}": one for one in namespace.items("services")}
    return found | {name: int(one["metadata"]["resourceVersion"]) for name, one in services.items()}


def test_the_program_of_now_has_nothing_to_do_on_it(stack: Stack, namespace: Namespace) -> None:
    existing.make(namespace)
    _every_shape(stack)
    _earlier(stack)
    stack.must_up()
    pods, specs = _pods(namespace), _specs(namespace)
    _now(stack)
    preview = stack.preview()
    assert preview.code == 0, preview.said
    assert preview.changes.keys() == {"same"}, preview.said
    assert stack.must_up().changes.keys() == {"same"}
    assert _pods(namespace) == pods
    assert _specs(namespace) == specs
