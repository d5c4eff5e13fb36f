"""Explicit providers, components, parallel steps, and a server whose answers get lost."""

import threading
import time

import pytest

from sandbox.engine.kube.access import Access
from sandbox.engine.kube.client import Client, Ref
from tests.patience import PATIENCE_SECONDS
from tests.sandbox.engine.deploy.bench import Bench
from tests.sandbox.engine.deploy.fake_kube import FakeKube, Object

PROVIDER = """
import os
own = pulumi.ProviderResource("kubernetes", "own", {"kubeconfig": os.environ["OTHER"], "namespace": config.get("ns")})
config_map("inside", ResourceOptions(provider=own))
"""


def test_an_explicit_provider_names_cluster_and_namespace(
    bench: Bench, kube: FakeKube, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER", kube.kubeconfig())
    bench.config = {"demo:ns": "team"}
    made = bench.run(PROVIDER)
    assert made.outcome.ok, made.said()
    assert made.row("inside")["id"] == "team/inside"
    assert made.row("inside")["provider"] == f"{made.row('own')['urn']}::{made.row('own')['id']}"
    assert kube.live("configmaps", "inside", "team")
    again = bench.run(PROVIDER)
    assert again.outcome.changes == {"same": 3}
    refused = bench.run(PROVIDER.replace('"namespace"', '"helmReleaseSettings"'))
    assert "does not support helmReleaseSettings" in refused.said("error")
    # Destroying needs only what the state says about the provider.
    monkeypatch.delenv("OTHER")
    gone = bench.run(kind="destroy", run_program=False)
    assert gone.outcome.ok, gone.said()
    assert [name for _, name in gone.steps()][:2] == ["inside", "own"]
    assert kube.objects == {}


def _uids(kube: FakeKube) -> list[str]:
    found = (kube.live("configmaps", "kept"), kube.live("services", "live"))
    return [live["metadata"]["uid"] for live in found if live]


def test_a_lost_state_is_made_again_from_what_is_there_only_where_asked(bench: Bench, kube: FakeKube) -> None:
    program = 'config_map("kept", a="1")\nservice("live", color="blue")\n'
    assert bench.run(program).outcome.ok
    uids = _uids(kube)
    bench.store.text = type(bench.store)().text
    assert "already exists" in bench.run(program).said("error")
    bench.store.text = type(bench.store)().text
    before, bench.config = bench.config, bench.config | {"kubernetes:upsertExistingObjects": "true"}
    made = bench.run(program)
    assert made.outcome.changes == {"create": 3}, made.said("error")
    assert _uids(kube) == uids
    bench.config = before
    assert bench.run(program).outcome.changes == {"same": 3}


def test_no_more_steps_at_once_than_asked_for(bench: Bench, kube: FakeKube, monkeypatch: pytest.MonkeyPatch) -> None:
    now, most, lock, two = 0, 0, threading.Lock(), threading.Event()

    real = kube.answer

    def slow(method: str, target: str, body: object, kind: str) -> tuple[int, Object]:
        nonlocal now, most
        if method != "POST":
            return real(method, target, body, kind)
        with lock:
            now += 1
            most = max(most, now)
            if now == 2:
                two.set()
        assert two.wait(PATIENCE_SECONDS)
        time.sleep(0.05)  # for a third
        with lock:
            now -= 1
        return real(method, target, body, kind)

    monkeypatch.setattr(kube, "answer", slow)
    made = bench.run('for i in range(8):\n    config_map(f"c{i}")\n', parallel=2)
    assert made.outcome.ok
    assert most == 2


def test_a_create_whose_answer_was_lost_is_not_an_error(kube: FakeKube, monkeypatch: pytest.MonkeyPatch) -> None:
    real, lost = kube.answer, [True]

    def drop(method: str, target: str, body: object, kind: str) -> tuple[int, Object]:
        answer = real(method, target, body, kind)
        if method == "POST" and lost.pop():
            lost.append(False)
            raise ConnectionResetError
        return answer

    monkeypatch.setattr(kube, "answer", drop)
    client = Client(Access(kubeconfig=kube.kubeconfig()))
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default"}}
    made = client.create(obj)
    assert made["metadata"]["uid"]
    assert client.get(Ref.of(obj)) == made
    client.close()
