"""Secrets stay marked at their paths, and never show in events or messages."""

import json

from sandbox.engine.model import SECRET, SIG
from tests.sandbox.engine.deploy.bench import Bench
from tests.sandbox.engine.deploy.fake_kube import FakeKube

PROGRAM = """
password = config.require_secret("password")
made = make("Secret", "keys", ResourceOptions(additional_secret_outputs=["data"]), stringData={"word": password})
config_map("plain", note=password)
pulumi.export("word", made.data)
pulumi.export("open", "yes")
print("the password is", config.require("password"))
"""


def test_secrets_are_kept_marked_and_out_of_sight(bench: Bench, kube: FakeKube) -> None:
    run = bench.run(PROGRAM, config={"password": "correct-horse"}, secret_keys=["demo:password"])
    assert run.outcome.ok, run.said()
    live = kube.live("secrets", "keys")
    assert live is not None
    assert live["data"] == {"word": "Y29ycmVjdC1ob3JzZQ=="}
    row = run.row("keys")
    assert row["inputs"]["data"]["word"] == {SIG: SECRET, "value": "Y29ycmVjdC1ob3JzZQ=="}
    assert row["outputs"]["data"][SIG] == SECRET
    assert run.row("plain")["inputs"]["data"]["note"] == {SIG: SECRET, "value": "correct-horse"}
    assert run.row("plain")["outputs"]["data"]["note"][SIG] == SECRET
    assert run.row("demo-dev")["outputs"]["word"][SIG] == SECRET
    text = json.dumps(run.events)
    assert "correct-horse" not in text
    assert "Y29ycmVjdC1ob3JzZQ==" not in text
    assert "the password is [secret]" in run.said("info")
    again = bench.run(config={"password": "correct-horse"}, secret_keys=["demo:password"])
    assert again.outcome.changes == {"same": 3}


def test_secrets_show_when_asked_for(bench: Bench) -> None:
    run = bench.run(PROGRAM, config={"password": "correct-horse"}, secret_keys=["demo:password"], show_secrets=True)
    assert "the password is correct-horse" in run.said("info")
