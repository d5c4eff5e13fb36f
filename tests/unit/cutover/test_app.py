"""The command line itself: quick, quiet about what it does not need, with the exit codes it promises."""

import resource
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import NoReturn

import pytest

from cutover.app import main
from cutover.command_line import VERBS

ROOT = Path(__file__).resolve().parents[3]
HEAVY = ("pulumi", "grpc", "lightkube", "httpx2", "yaml", "pydantic")
STARTS = 5
START = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from cutover.app import main; main()"


def run(*words: str, cwd: Path = ROOT, code: int = 0) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run(
        [sys.executable, "-c", START, *words],
        cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert ended.returncode == code, ended
    assert "Traceback" not in ended.stderr
    return ended


def loaded_by(*words: str) -> set[str]:
    script = (
        f"import sys\nfrom cutover.app import main\ntry:\n    main({list(words)!r})\nexcept SystemExit:\n    pass\n"
        "sys.stderr.write('LOADED ' + ' '.join(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    return {name.partition(".")[0] for name in ended.stderr.partition("LOADED ")[2].split()}


@pytest.mark.parametrize(
    "words", [("--help",), ("promote", "--help"), ("schema",), ("bogus",), ("release", "shop"), ()]
)
def test_nothing_heavy_is_imported_where_no_engine_is_needed(words: tuple[str, ...]) -> None:
    loaded = loaded_by(*words)
    assert "typer" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_only_a_process_of_its_own_looks_for_garbage_rarely() -> None:
    script = (
        "import atexit, gc\nfrom cutover.app import main\n"
        "atexit.register(lambda: print('after', gc.get_threshold()[0]))\n"
        "main({words})\n"
    )
    for words, after in ("['--help']", 700), ("", 100_000):
        ended = subprocess.run(
            [sys.executable, "-c", script.format(words=words), "--help"], cwd=ROOT, capture_output=True, text=True
        )
        assert "Usage: cutover" in ended.stdout
        assert f"after {after}\n" in ended.stdout


def test_every_verb_has_help() -> None:
    listed = run("--help").stdout
    for verb in VERBS:
        assert f"  {verb} " in listed
        assert run(verb, "--help").stdout.startswith(f"Usage: cutover {verb}")


def test_the_version_is_that_of_the_installed_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for found, told in (lambda _: "1.2.3", "1.2.3"), (_not_installed, "of a checkout"):
        monkeypatch.setattr(metadata, "version", found)
        with pytest.raises(SystemExit) as ended:
            main(["--version"])
        assert (ended.value.code, capsys.readouterr().out) == (0, f"cutover {told}\n")


def _not_installed(name: str) -> NoReturn:
    raise metadata.PackageNotFoundError(name)


def test_the_quickest_of_some_starts_takes_less_than_half_a_second() -> None:
    """Of the processor's time, as this machine may have others to serve."""
    times = []
    for _ in range(STARTS):
        begun = resource.getrusage(resource.RUSAGE_CHILDREN)
        run("--help")
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime)
    assert min(times) < 0.5, times


def test_bad_usage_is_exit_code_2(tmp_path: Path) -> None:
    assert "No such command 'bogus'" in run("bogus", code=2).stderr
    assert "Missing option '--version'" in run("release", "shop", code=2).stderr
    assert "no Pulumi.yaml" in run("up", "--yes", cwd=tmp_path, code=2).stdout
    assert "there is nobody to ask\n" in run("up", "--stack", "dev", code=2).stdout
    assert "--now switches to the color that stands by" in run("rollback", "--now", "--to", "3", code=2).stderr
    assert "is no duration" in run("promote", "--bake", "soon", code=2).stderr
    assert "not an http or https URL" in run("up", "--notify", "ftp://x/", "--stack", "dev", code=2).stdout
