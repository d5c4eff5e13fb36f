"""`cutover init` by the installed package: pip takes its requirements.txt with every file held to a hash."""

import re
from pathlib import Path

import pytest

from tests.packaged import environment, run

pytestmark = pytest.mark.wide  # it downloads all that the package needs

WORDS = ("init", "eu", "--image", "registry.example/shop:1.4.0", "--project", "shop")


def test_an_empty_environment_is_filled_by_hash_alone(tmp_path: Path, dist: Path) -> None:
    (tmp_path / "first").mkdir()
    command = environment(tmp_path / "first", dist) / "bin" / "cutover"
    folder = tmp_path / "shop"
    folder.mkdir()
    made = run([str(command), *WORDS], folder)
    install = "python3 -m venv .venv && . .venv/bin/activate && pip install --require-hashes -r requirements.txt"
    assert made.partition("next:\n")[2].splitlines()[0].strip() == install
    run(["bash", "-c", f"{install} --quiet --no-compile"], folder)
    assert "--require-hashes -r requirements.txt" in (folder / ".github/actions/cutover/action.yml").read_text()
    packages = run([".venv/bin/python", "-m", "pip", "list"], folder)
    assert "pulumi-cutover" in packages
    assert "uvicorn" not in packages
    assert run([".venv/bin/cutover", "--help"], folder)

    lock = folder / "requirements.txt"
    lock.write_text(re.sub(r"sha256:\w+", f"sha256:{'0' * 64}", lock.read_text(), count=1))  # the package's own
    with pytest.raises(AssertionError, match="DO NOT MATCH THE HASHES"):
        run(["bash", "-c", f"{install} --quiet --no-compile --force-reinstall"], folder)
