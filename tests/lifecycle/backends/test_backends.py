"""States in a database or in an object store: the life of a service, two runs at once, a kill, `cancel`, `doctor`."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.pulumi import Engine
from sandbox.stores import Store, object_store, postgres
from tests.lifecycle import kills, services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.driver import release_words, start
from tests.lifecycle.judge import Wanted
from tests.lifecycle.kube import Kubernetes, Namespace
from tests.lifecycle.services import V2, release
from tests.lifecycle.stack import Stack
from tests.lifecycle.watcher import Watcher

pytestmark = [pytest.mark.cluster, pytest.mark.wide]


@pytest.fixture(params=["postgres", "object store"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A store that is empty."""
    server = postgres() if request.param == "postgres" else object_store(print)
    with contextlib.ExitStack() as ended:
        try:
            made = ended.enter_context(server)
        except SandboxError as error:
            pytest.skip(str(error))
        yield made


@pytest.fixture
def stored(
    cluster: Kubernetes, engine: Engine, namespace: Namespace, watcher: Watcher, store: Store, tmp_path: Path
) -> Iterator[Stack]:
    """An empty stack in that store."""
    made = Stack(engine, tmp_path / "stack", namespace, watcher)
    made.more_environment = dict(store.environment)
    made.create(cluster.kubeconfig(namespace.name, namespace.token()))
    yield made
    kills.end_leftovers(made)


def test_a_life_with_two_runs_at_once_and_a_kill(
    stored: Stack, namespace: Namespace, store: Store, tmp_path: Path
) -> None:
    shop = stored.services["shop"] = services.blue_green(green=None, drain_seconds=3)
    stored.announce()
    said = cutover(stored, "doctor")
    assert said.code == 0, said.out + said.err
    assert [one for one in store.secrets if one in said.out + said.err] == []
    assert cutover(stored, "up", "--yes").code == 0
    assert cutover(stored, "release", "shop", *release_words(V2), "--yes").code == 0
    shop["green"] = release(V2)

    shop["active"] = "green"
    stored.watcher.plan({"shop": Wanted("green", shop["green"]["image"], 2)})
    with start(stored, "promote", "shop", "--yes") as first:
        lines = []
        for line in first.stdout or ():
            lines.append(line)
            if "draining" in line:
                break
        second = cutover(stored, "up", "--yes")
        assert second.code == 4, second.out + second.err
        lines += list(first.stdout or ())
    assert first.returncode == 0, "".join(lines)
    assert views.live_color(namespace, "shop") == "green"

    shop["active"] = "blue"
    killed, _ = kills.up_killed(stored, tmp_path / "log", "cli", lambda steps: "draining" in steps)
    assert killed
    locked = cutover(stored, "up", "--yes")
    assert locked.code == 4, locked.out + locked.err
    assert "pulumi cancel" in locked.out + locked.err
    assert stored.run("cancel", "--yes").code == 0
    assert cutover(stored, "up", "--yes").code == 0
    assert views.live_color(namespace, "shop") == "blue"
    again = cutover(stored, "up", "--yes")
    assert (again.code, "nothing to do" in again.out + again.err) == (0, True), again.out + again.err
    assert len(cutover(stored, "history", "--json").json()["updates"]) >= 4
    stored.watcher.plan({})
    assert cutover(stored, "destroy", "--yes").code == 0
    views.wait_until_empty(namespace)
    assert stored.run("stack", "rm", "--yes").code == 0
