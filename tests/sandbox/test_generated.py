"""The SDKs that the package schema becomes: the page's programs in Go and TypeScript compile against them."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from components.plugin.package import GO_IMPORT, text
from sandbox.golang import module
from sandbox.golang.toolchain import find_go
from sandbox.pulumi import build
from tests.lifecycle.languages import programs

# Two more programs to build, and for TypeScript what the registry of npm has.
pytestmark = pytest.mark.wide
TIMEOUT_SECONDS = 500
PULUMI_NODE, TYPESCRIPT = "3.200.0", "5.9.3"


def run(words: Sequence[str | Path], folder: Path, **variables: str) -> None:
    ended = subprocess.run(
        words, cwd=folder, env=os.environ | variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_SECONDS, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout


def generated(folder: Path, language: str) -> Path:
    """The SDK of a language. The generator refuses a schema that breaks a rule of Pulumi's."""
    build.LANGUAGES.ensure(print, (build.GEN_SDK,))
    schema = folder / "schema.json"
    schema.write_text(text())
    made = folder / "sdk"
    run([build.LANGUAGES.binaries / build.GEN_SDK, schema, language, made], folder)
    return made


def test_the_program_in_go_compiles(tmp_path: Path) -> None:
    sdk = generated(tmp_path, "go") / "cutover"
    (program,) = programs("go")
    for place, name in ((sdk, GO_IMPORT), (tmp_path / "program", "shop")):
        place.mkdir(exist_ok=True)
        pins = (build.LANGUAGES.directory / "go.mod").read_text().partition("\n\ntool ")[2].partition("\n\n")[2]
        shutil.copy(build.LANGUAGES.directory / "go.sum", place)
        ours = "" if place == sdk else f"\nrequire {GO_IMPORT} v0.0.0\n\nreplace {GO_IMPORT} => {sdk}\n"
        (place / "go.mod").write_text(f"module {name}\n\ngo 1.26.0\n\n{pins}{ours}")
    (tmp_path / "program" / "main.go").write_text(program)
    # With the flags of the sandbox's own builds, which have compiled nearly all of it before.
    flags = {"GOFLAGS": module.FLAGS.replace("readonly", "mod"), "GOWORK": "off", "CGO_ENABLED": "0"}
    run([find_go(print), "build", "-o", os.devnull, "."], tmp_path / "program", **flags)


def test_the_program_in_typescript_compiles(tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("there is no npm")
    sdk = generated(tmp_path, "nodejs")
    (program,) = programs("typescript")
    (tmp_path / "index.ts").write_text(program)
    own = json.loads((sdk / "package.json").read_text())
    assert (own["name"], own["pulumi"]["name"]) == ("@pulumi/cutover", "cutover")
    needs = {"@pulumi/pulumi": PULUMI_NODE, "typescript": TYPESCRIPT, "@types/node": "^20"}
    (tmp_path / "package.json").write_text(json.dumps({"name": "shop", "private": True, "dependencies": needs}))
    run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"], tmp_path)
    options = {
        "strict": True,
        "noEmit": True,
        "target": "es2022",
        "module": "commonjs",
        "moduleResolution": "node",
        "skipLibCheck": True,
        "paths": {"@pulumi/cutover": ["./sdk/index.ts"]},
    }
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": ["index.ts"]}))
    run([tmp_path / "node_modules" / ".bin" / "tsc", "--project", "."], tmp_path)
