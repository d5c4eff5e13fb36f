"""The prober in its own process: start, mark, stop, and what happens when something goes wrong."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from prober import START, URL_KINDS, Prober, ProberError, Result, TargetRefusedError
from prober.result import Phase, Progress
from tests.patience import PATIENCE_SECONDS, eventually
from tests.unit.prober.fake_podinfo import FakePodinfo


def test_start_mark_stop() -> None:
    begun = time.monotonic()
    with FakePodinfo() as server, Prober(server.url, rate_per_second=100, timeout_seconds=PATIENCE_SECONDS) as prober:
        eventually("answers", lambda: prober.progress.requests > 10)
        server.version = "2.0.0"
        prober.mark("switched")
        # More than could be due before the mark, so that some were due after it.
        wanted = (time.monotonic() - begun) * 100 + 20
        eventually("answers after it", lambda: prober.progress.requests > wanted)
        (latencies,) = prober.latencies_ms("switched").values()
        assert sum(map(len, latencies.values())) >= 10
        prober.mark("end")
        assert prober.latencies_ms("end").keys() <= {"2.0.0"}
        result = prober.stop()
        assert prober.stop() is result
    assert result.failed == 0
    assert result.requests > wanted
    assert result.between("switched", "end").versions.keys() == {"2.0.0"}
    assert set(result.versions) == {"1.0.0", "2.0.0"}


def test_a_path_is_asked_from_any_folder_and_phases_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise ImportError('not this one')")
    monkeypatch.chdir(tmp_path)
    with FakePodinfo() as server:
        url = f"{server.url}/shop?key=1"
        prober = Prober(url, rate_per_second=50, kinds=URL_KINDS, timeout_seconds=PATIENCE_SECONDS)
        assert not prober.running
        with prober:
            eventually("answers", lambda: prober.progress.phases[START].answered > 10)
            prober.mark("second")
            server.mode = "503"
            progress = eventually("failures, and all answers from before", lambda: _settled(prober.progress))
            assert prober.running
            result = prober.stop()
            assert not prober.running
    assert set(server.targets) == {"/shop?key=1"}
    assert result.target == f"{server.url}/shop"
    assert progress.phases[START].answered > 10
    assert progress.last_failure == "status: 503"
    assert (progress.median_ms or 0) > 0


def test_a_result_survives_json() -> None:
    with (
        FakePodinfo("503") as server,
        Prober(server.url, rate_per_second=20, timeout_seconds=PATIENCE_SECONDS) as prober,
    ):
        eventually("failures", lambda: prober.progress.failed)
        server.mode = "ok"
        eventually("answers", lambda: prober.progress.versions)
        result = prober.stop()
    assert result.failed
    assert result.answers
    assert Result.from_json(json.loads(json.dumps(result.to_json()))) == result


def test_a_refused_target_starts_nothing() -> None:
    with pytest.raises(TargetRefusedError):
        Prober("http://192.0.2.1")


def test_stop_without_start_says_so() -> None:
    with pytest.raises(ProberError, match="not started"):
        Prober("http://127.0.0.1:9").stop()


def test_a_killed_process_is_an_error_and_not_a_result() -> None:
    with FakePodinfo() as server, Prober(server.url) as prober:
        assert prober._process is not None
        prober._process.kill()
        with pytest.raises(ProberError, match="no result"):
            prober.stop()


def test_it_ends_with_its_parent() -> None:
    script = "import sys, time, prober; p = prober.Prober(sys.argv[1]).start(); print(p._process.pid, flush=True); "
    with FakePodinfo() as server:
        parent = subprocess.Popen(
            [sys.executable, "-c", script + "time.sleep(60)", server.url], stdout=subprocess.PIPE, text=True
        )
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
        parent.communicate()
        eventually("the child's end", lambda: not _alive(child))


def test_command_line(tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    with FakePodinfo() as server:
        asked = [sys.executable, "-m", "prober", server.url, "--rate", "50", "--seconds", "0.4", "--json-out", str(out)]
        asked += ["--timeout", str(PATIENCE_SECONDS)]
        good = subprocess.run(asked, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
        server.mode = "503"
        bad = subprocess.run(asked, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    assert (good.returncode, bad.returncode) == (0, 1)
    assert json.loads(good.stdout)["requests"] == 20
    assert Result.from_json(json.loads(out.read_text())).failed == 20
    refused = [sys.executable, "-m", "prober", "http://192.0.2.1"]
    answer = subprocess.run(refused, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr
    assert "--allow-host 192.0.2.1" in answer.stderr


def _settled(progress: Progress) -> Progress | None:
    failed = progress.phases.get("second", Phase()).failed
    return progress if failed > 10 and progress.phases[START].open == 0 else None


def _alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(") ", 1)[1][0] != "Z"
