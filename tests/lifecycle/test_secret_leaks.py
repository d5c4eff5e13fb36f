"""A secret's value is in its Secret and in its pods, and nowhere else: no file, output, error, no other object."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Namespace
from tests.lifecycle.services import BROKEN, IMPATIENT, SMOKE, V1, V2, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]

CANARIES = ("c4n4ry/one in=the mine", 'c4n4ry "two" ünder ground')


def forms(value: str) -> Iterator[str]:
    """How a value may be written: as it is, as JSON, in a URL, in base64 wherever it begins."""
    yield value
    yield json.dumps(value)[1:-1]
    yield quote(value)
    yield quote(value, safe="")
    for shift in range(3):
        yield base64.b64encode(b" " * shift + value.encode()).decode()[4 * (shift > 0) : -4]


def leaks(text: str) -> list[str]:
    return [form for value in CANARIES for form in forms(value) if form in text]


def leaking_files(folder: Path) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(files) > 10
    return [path for path in files if leaks(path.read_bytes().decode(errors="replace"))]


def test_the_test_finds_what_leaks() -> None:
    for value in CANARIES:
        for text in (value, json.dumps({"a": value}), f"http://x/?{quote(value)}"):
            assert leaks(text)
        for prefix in (b"", b"a", b"ab"):
            assert leaks(base64.b64encode(prefix + value.encode() + b"!").decode())


def test_a_value_is_nowhere_but_in_its_secret(stack: Stack, namespace: Namespace, tmp_path: Path) -> None:
    one, two = CANARIES
    stack.keep_secret("db-1", one)
    said = [stack.run("config", "set", "--secret", "cutover:db-2", two).said]
    blue = release(V1, secrets={"DB": "db-1"})
    shop = stack.services["shop"] = services.blue_green(blue=blue, green=None, smoke=SMOKE)
    stack.services["app"] = services.rolling(release=release(V1, secrets={"TOKEN": "db-2"}))
    log = tmp_path / "events.jsonl"

    said += [stack.preview().said]
    said += [stack.must_up("--diff", "--event-log", str(log)).said]
    shop["green"] = release(V2, secrets={"DB": "db-2"})
    stack.save()
    said += [str(cutover(stack, "plan")), str(cutover(stack, "plan", "--json")), stack.run("preview", "--diff").said]
    said += [stack.must_up("--event-log", str(log), "--json").said]
    shop |= {
        "green": release(BROKEN, build=2, secrets={"DB": "db-1", "MORE": "db-2"}),
        "active": "green",
        "smoke": IMPATIENT,
    }
    refused = stack.up("--event-log", str(log), "--diff")
    assert "failed its smoke check" in refused.said
    said += [refused.said, stack.run("refresh", "--yes", "--skip-preview", "--diff").said]
    shop["blue"] = release(V1, secrets={"DB": "missing"})
    missing = stack.up()
    assert "the stack's config has no cutover:missing" in missing.said
    shop |= {"blue": blue, "green": release(V2, secrets={"DB": "db-2"}), "active": "blue", "smoke": SMOKE}
    said += [missing.said, stack.must_up().said]
    for words in (
        ("history", "--json", "--provenance"),
        ("status", "--json", "--provenance"),
        ("doctor",),
        ("statement",),
    ):
        said.append(str(cutover(stack, *words)))
    for asked in (("stack", "export"), ("stack", "history", "--json"), ("stack", "output", "--json")):
        said.append(stack.run(*asked).said)
    assert [text for text in said if leaks(text)] == []
    events = log.read_text()
    assert "[secret]" in events
    assert leaks(events) == []
    assert leaking_files(stack.folder) == []
    assert '"ciphertext"' in stack.checkpoint.read_text()

    others = [kind for kind in views.MADE if kind != "secrets"]
    assert [kind for kind in others if leaks(json.dumps(namespace.items(kind)))] == []
    found = namespace.items("secrets")
    held = {base64.b64decode(value).decode() for secret in found for value in secret["data"].values()}
    assert held == set(CANARIES)
    assert not leaks(json.dumps([secret["metadata"] for secret in found]))
    for pod in views.ready_pods(namespace, color="green"):
        assert f"DB={two}" in json.loads(namespace.ask_pod(pod["metadata"]["name"], "env"))
