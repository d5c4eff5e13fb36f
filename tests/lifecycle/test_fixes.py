"""The commands that errors and the status print as their fix: run word for word, and each helps.

`tests/unit/test_fixes.py` holds the list of all of them to the tests that run them.
"""

import re
import shlex
import shutil
from typing import Any

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import Ended, cutover, kubectl
from tests.lifecycle.kube import Namespace
from tests.lifecycle.services import BROKEN, IMPATIENT, V1, V2
from tests.lifecycle.stack import Outcome, Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def fixes(text: str, start: str) -> list[str]:
    """The commands in a text that begin so, as they are printed."""
    return [command for command in re.findall(r"`([^`]+)`", text) if command.startswith(start)]


def fix_of(refused: Ended, start: str) -> str:
    """The one command of a refusal that begins so."""
    assert refused.code != 0, refused.out
    (found,) = dict.fromkeys(fixes(refused.json()["fix"], start))
    return found


def driver(stack: Stack, command: str) -> Ended:
    """A printed `cutover …`; where it changes things, a person's yes is said."""
    verb, *words = shlex.split(command)[1:]
    asks = () if verb in ("status", "history", "plan", "doctor") else ("--yes",)
    ended = cutover(stack, verb, *words, *asks)
    assert ended.code == 0, f"$ {command}\n{ended.err}"
    return ended


def engine(stack: Stack, command: str, *more: str) -> Outcome:
    """A printed `pulumi …`, on the stack under test unless it names one."""
    words = shlex.split(command)[1:]
    if "--stack" in words:
        at = words.index("--stack")
        words = words[:at] + words[at + 2 :]
    outcome = stack.run(*words, *more)
    assert outcome.code == 0, f"$ {command}\n{outcome.said}"
    return outcome


def seen(stack: Stack) -> dict[str, Any]:
    """The status of `shop`."""
    found: dict[str, Any] = cutover(stack, "status", "--json").json()["stacks"][0]["services"]["shop"]
    return found


def test_what_the_driver_prints_helps_from_nothing_to_a_release_given_up(stack: Stack, namespace: Namespace) -> None:
    stack.services["shop"] = services.blue_green(smoke=IMPATIENT, green=None)
    stack.announce()
    stack.watcher.plan({})  # the driver edits the file: what is wanted when, its own tests hold
    for verb in ("promote", "rollback", "abort"):
        first = fix_of(cutover(stack, verb, "shop", "--yes", "--json"), "cutover ")
    driver(stack, first)
    assert views.live_color(namespace) == "blue"
    at_once = ("rollback", "shop", "--now", "--yes", "--json")
    begun = fix_of(cutover(stack, *at_once), "cutover release")

    image = "cutover.local/podinfo"
    released = driver(stack, f"{begun} --version {V2} --image {image}:{V2}")
    (promote,) = fixes(released.out, "cutover promote")
    assert fixes(driver(stack, "cutover up").out, "cutover promote") == [promote]
    assert fix_of(cutover(stack, *at_once), "cutover promote") == promote
    driver(stack, promote)
    assert views.live_color(namespace) == "green"
    driver(stack, "cutover rollback shop")
    driver(stack, fix_of(cutover(stack, "promote", "shop", "--yes", "--json"), "cutover promote"))
    assert views.live_color(namespace) == "green"

    words = ("release", "shop", "--version", "1.3.0", "--build", "1", "--image", f"{image}:{BROKEN}", "--yes")
    assert cutover(stack, *words).code == 0
    refused = cutover(stack, "promote", "shop", "--yes", "--json")
    assert seen(stack)["state"] == "degraded"
    mended = fix_of(refused, "cutover release")
    driver(stack, f"{mended} --version {V2} --build 9 --image {image}:{V2}")
    assert seen(stack)["state"] == "paused"
    driver(stack, fix_of(refused, "cutover abort"))
    assert "1.0.0 build 1 on blue" in seen(stack)["reason"]  # the color has its last good release back
    assert views.live_color(namespace) == "green"

    idle = namespace.names("deployments")[0]
    kubectl(stack, f"scale deployment {idle} --replicas=1")
    (put,) = dict.fromkeys(command for one in seen(stack)["drift"] for command in fixes(one["settle"], "pulumi "))
    engine(stack, put, "--yes", "--skip-preview")
    assert seen(stack)["drift"] == []
    assert seen(stack)["completed"] is True


def test_what_only_looks_shows_what_it_should(stack: Stack, namespace: Namespace) -> None:
    stack.services["shop"] = services.blue_green(green=None)
    stack.must_up()
    for command in ("cutover status", "cutover status --until healthy", "cutover history", "cutover plan"):
        driver(stack, command)
    assert "rights: all" in driver(stack, "cutover doctor").out
    assert engine(stack, "pulumi preview").changes == engine(stack, "pulumi refresh", "--yes").changes
    assert namespace.name in engine(stack, "pulumi config get cutover:namespace --stack test").said
    pod = views.names(views.pods(namespace))[0]
    made, there = namespace.names("deployments")[0], namespace.name
    kubectl(stack, f"rollout pause deployment {made}")
    for command, shows in (
        (f"rollout resume deployment {made} -n {there}", "resumed"),
        (f"get endpointslices -n {there} -l kubernetes.io/service-name=shop", "shop-"),
        (f"get pods -n {there} -L cutover.dev/live", pod),
        (f"get service shop -n {there} -o yaml --show-managed-fields", "manager: cutover"),
        (f"get service,deployment -n {there} -o yaml --show-managed-fields", "manager: cutover"),
        ("get service shop -o yaml", "cutover.dev/revision"),
        ("get service shop -o jsonpath={.spec.selector}", "blue"),
        (f"get deployments,services -n {there}", "service/shop-blue"),
        ("get --raw /readyz", "ok"),
        (f"describe pod -n {there}", pod),
        (f"rollout restart deployment {made} -n {there}", "restarted"),
        (f"rollout status deployment {made} -n {there}", "successfully rolled out"),
    ):
        assert shows in kubectl(stack, command)


def test_an_object_whose_state_was_lost_is_claimed_by_the_command_that_is_printed(
    stack: Stack, namespace: Namespace
) -> None:
    stack.services["app"] = services.rolling()
    stack.must_up()
    before = views.uids(views.pods(namespace, "app"))
    namespace.patch("services", "app", {"metadata": {"annotations": {"cutover.dev/stack": None}}})
    shutil.rmtree(stack.folder / "state")
    (stack.folder / "state").mkdir()
    assert cutover(stack, "plan", "--json").json()["exitCode"] == 2
    engine(stack, fix_of(cutover(stack, "up", "--yes", "--json"), "pulumi stack init"))
    refused = stack.up()
    (claim,) = dict.fromkeys(fixes(refused.said, "kubectl annotate"))
    kubectl(stack, claim.removeprefix("kubectl "))
    stack.must_up()
    assert views.uids(views.pods(namespace, "app")) == before
    assert views.images(views.pods(namespace, "app")) == {V1}


def test_what_a_broken_off_run_left_is_named_and_ends_by_the_command_that_is_printed(
    stack: Stack, namespace: Namespace
) -> None:
    stack.services["app"] = services.rolling()
    stack.must_up()
    made = namespace.get("deployments", "app")
    for name, owner in (("app-old", "cutover/test"), ("theirs", "cutover/other")):
        notes = {"cutover.dev/stack": owner}
        pods = {**made["spec"]["template"], "metadata": {"labels": {"of": name}}}
        spec = {"replicas": 0, "selector": {"matchLabels": {"of": name}}, "template": pods}
        meta = {"name": name, "labels": made["metadata"]["labels"], "annotations": notes}
        namespace.create_object("deployments", {**made, "metadata": meta, "spec": spec})
    asked = cutover(stack, "doctor")
    assert (asked.code, asked.out.count("✖ orphans: ")) == (1, 1), asked
    assert "✖ orphans: deployment/app-old carries this stack's identity and is not in its state" in asked.out
    assert fixes(asked.out, "cutover up") == ["cutover up --stack test"]
    ended = cutover(stack, "up", "--yes", "--json")
    assert (ended.code, ended.json()["leftovers"]) == (0, ["deployment/app-old"]), ended
    (command,) = fixes(ended.err, "kubectl delete")
    kubectl(stack, command.removeprefix("kubectl "))
    assert sorted(namespace.names("deployments")) == ["app", "theirs"]
    assert "leftovers" not in cutover(stack, "up", "--yes", "--json").json()
    assert cutover(stack, "doctor").code == 0
