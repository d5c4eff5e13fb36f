"""The user's own verify command, run for real."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from components.checks.verify import Verify, VerifyAfter
from components.releases.view import ReleaseView
from components.rules.errors import SwitchNotFollowed, VerifyFailed
from components.settings import Release
from components.settings.release_checks import VerifyCommand
from contract.labels import COLOR
from tests.components.fakes import FakeCluster, make_pod

RELEASE = Release(version="1.1.0", build=3, image="shop:1.1.0")
SELECTOR = {"color": "green"}
TARGET = ReleaseView("green", RELEASE, RELEASE.id, SELECTOR, 2, 30)


def verify(program: str, *arguments: str, **settings: Any) -> None:
    """Ask a command of Python's."""
    cluster = FakeCluster()
    cluster.all_pods = [
        make_pod("a", SELECTOR, "shop:1.1.0", ip="10.0.0.1"),
        make_pod("b", SELECTOR, "shop:1.1.0", ready=False),
        make_pod("c", SELECTOR, terminating=True),
    ]
    command = VerifyCommand(command=(sys.executable, "-c", program, *arguments), **settings)
    asyncio.run(Verify(command, "shop", "prod", "http://shop-green.prod.svc:80").ask(cluster, TARGET))


def test_the_command_reads_what_it_is_to_judge(tmp_path: Path) -> None:
    verify("import sys; open(sys.argv[1], 'w').write(sys.stdin.read())", str(tmp_path / "read"))
    assert json.loads((tmp_path / "read").read_text()) == {
        "namespace": "prod",
        "service": "shop",
        "color": "green",
        "address": "http://shop-green.prod.svc:80",
        "release": {"id": "1-1-0-b3", "version": "1.1.0", "build": 3, "image": "shop:1.1.0"},
        "pods": [
            {"name": "a", "color": "green", "ready": True, "image": "shop:1.1.0", "ip": "10.0.0.1"},
            {"name": "b", "color": "green", "ready": False, "image": "shop:1.1.0", "ip": ""},
        ],
    }


def test_not_yet_is_asked_again_until_it_is_yes(tmp_path: Path) -> None:
    count = tmp_path / "count"
    program = (
        "import sys; f = open(sys.argv[1], 'a+'); f.write('x'); f.seek(0); sys.exit(75 if len(f.read()) < 3 else 0)"
    )
    verify(program, str(count), interval_seconds=0.01)
    assert count.read_text() == "xxx"


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; print('p99 is 3 s'); sys.exit(2)", "ended with exit code 2 for green 1-1-0-b3: p99 is 3 s"),
        ("import sys; print('token=hunter2hunter2'); sys.exit(1)", "token=…"),
        ("import sys; sys.exit(75)", "says 'not yet' (exit code 75), and 20 s do not last for another try"),
    ],
)
def test_a_no_is_a_refusal_with_the_last_words(program: str, said: str) -> None:
    with pytest.raises(VerifyFailed) as refused:
        verify(program, timeout_seconds=20, interval_seconds=20)
    assert said in refused.value.what
    assert "hunter2" not in str(refused.value)


def test_a_command_that_is_not_there_is_a_refusal() -> None:
    missing = VerifyCommand(command=("/no/such/command",))
    with pytest.raises(VerifyFailed, match=r"did not run.*No such file"):
        asyncio.run(Verify(missing, "shop", "prod", "http://x").ask(FakeCluster(), TARGET))


def test_a_no_after_the_switch_says_what_still_runs_and_the_next_run_asks_again(tmp_path: Path) -> None:
    program = f"import os; print('2 old targets'); exit(not os.path.exists('{tmp_path / 'follows'}'))"
    command = VerifyCommand(command=(sys.executable, "-c", program))
    check = VerifyAfter(command, "shop", "prod", "http://shop.prod.svc:80")
    assert check.says.startswith("verify_after command")
    with pytest.raises(SwitchNotFollowed, match="after the switch to green 1-1-0-b3: 2 old targets") as refused:
        asyncio.run(check.ask(FakeCluster(), TARGET))
    assert "the old release still runs" in str(refused.value)
    (tmp_path / "follows").touch()
    asyncio.run(check.ask(FakeCluster(), TARGET))


def test_after_a_step_the_command_reads_the_shares_and_the_pods_of_each_color_that_has_one(tmp_path: Path) -> None:
    program = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read())"
    command = VerifyCommand(command=(sys.executable, "-c", program, str(tmp_path / "read")))
    check = VerifyAfter(command, "shop", "prod", "http://shop.prod.svc:80")
    cluster = FakeCluster()
    blue = ReleaseView("blue", RELEASE, "1", {"color": "blue"}, 1, 30)
    cluster.all_pods = [make_pod("b", blue.selector, ip="10.0.0.1"), make_pod("g", SELECTOR, ip="10.0.0.2")]

    def read(*shares: int) -> tuple[str, dict[str, int], list[str]]:
        asyncio.run(check.ask_shares(cluster, list(zip((blue, TARGET), shares, strict=True))))
        found = json.loads((tmp_path / "read").read_text())
        return found["color"], found["shares"], [f"{pod['color']} {pod['ip']}" for pod in found["pods"]]

    assert read(90, 10) == ("green", {"blue": 90, "green": 10}, ["blue 10.0.0.1", "green 10.0.0.2"])
    assert read(100, 0) == ("blue", {"blue": 100, "green": 0}, ["blue 10.0.0.1"])
    assert read(0, 100) == ("green", {"blue": 0, "green": 100}, ["green 10.0.0.2"])


def test_a_no_after_a_step_names_the_shares() -> None:
    command = VerifyCommand(command=(sys.executable, "-c", "print('weights 95/5'); exit(1)"))
    check = VerifyAfter(command, "shop", "prod", "http://shop.prod.svc:80")
    blue = ReleaseView("blue", RELEASE, "1", {"color": "blue"}, 1, 30)
    said = r"switch to blue 90 %, green 10 %: weights 95/5(?s:.)*set `canary` back"
    with pytest.raises(SwitchNotFollowed, match=said):
        asyncio.run(check.ask_shares(FakeCluster(), [(blue, 90), (TARGET, 10)]))


def test_where_labels_move_the_pods_are_those_that_the_live_service_finds(tmp_path: Path) -> None:
    program = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read())"
    command = VerifyCommand(command=(sys.executable, "-c", program, str(tmp_path / "read")))
    cluster, live = FakeCluster(), {"live": "yes"}
    cluster.all_pods = [
        make_pod("a", SELECTOR | live),
        make_pod("b", SELECTOR),
        make_pod("c", live | {COLOR: "blue"}),
    ]
    asyncio.run(VerifyAfter(command, "shop", "prod", "http://shop.prod.svc:80", live).ask(cluster, TARGET))
    pods = json.loads((tmp_path / "read").read_text())["pods"]
    assert [(pod["name"], pod["color"]) for pod in pods] == [("a", "green"), ("c", "blue")]


def test_a_command_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    program = (
        "import os, subprocess, sys, time; child = subprocess.Popen(['sleep', '60']);"
        "open(sys.argv[1], 'w').write(str(child.pid)); time.sleep(60)"
    )
    with pytest.raises(VerifyFailed, match="was still running after 2 s"):
        verify(program, str(tmp_path / "pid"), timeout_seconds=2)
    child = int((tmp_path / "pid").read_text())
    end = time.monotonic() + 10
    while Path(f"/proc/{child}/stat").exists() and " Z " not in Path(f"/proc/{child}/stat").read_text():
        assert time.monotonic() < end, f"{child} of {os.getpid()} still runs"
        time.sleep(0.05)
