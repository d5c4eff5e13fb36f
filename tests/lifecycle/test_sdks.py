"""The page's programs in TypeScript and Go: they compile against the generated SDKs, deploy, cut over and end."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.pulumi import Engine
from tests.lifecycle import sdks, views
from tests.lifecycle.judge import Wanted
from tests.lifecycle.kube import Kubernetes, Namespace
from tests.lifecycle.services import REPOSITORY, V1, V2
from tests.lifecycle.shell import Shell
from tests.lifecycle.watcher import Watcher
from tests.packaged import environment

# One more program to build, and for TypeScript what the registry of npm has.
pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]
WORD = "c4n4ry in the mine"


@pytest.mark.parametrize(("language", "compile_"), [("nodejs", sdks.typescript), ("go", sdks.go)])
def test_the_program_of_the_page(
    language: str,
    compile_: Callable[[Path, str], str],
    cluster: Kubernetes,
    engine: Engine,
    namespace: Namespace,
    watcher: Watcher,
    dist: Path,
    tmp_path: Path,
) -> None:
    if language == "nodejs" and shutil.which("npm") is None:
        pytest.skip("there is no npm")
    shell = Shell(tmp_path, cluster, engine, namespace)
    shell.project.mkdir()
    installed = environment(tmp_path, dist)
    program = compile_(shell.project, namespace.name)
    sdks.settle(shell, language, installed / "bin")
    shell.inside(installed)
    shell.environment["WORD"] = WORD
    said = []
    for color, tag, changes in (("blue", V1, "created"), ("green", V2, "1 updated"), ("green", V2, "unchanged")):
        watcher.plan({"storefront": Wanted(color, f"{REPOSITORY}:{tag}", 2)})
        said.append(shell.must(f"{program} {color} up"))
        assert changes in said[-1]
        assert views.live_color(namespace, "storefront") == color
    said += [shell.must("pulumi stack export --stack dev"), shell.must("pulumi stack output --stack dev")]
    assert "http://storefront" in said[-1]
    assert [one for one in said if WORD in one] == []  # though a secret map of an object came through the SDK
    assert {tuple(one["data"]) for one in namespace.items("secrets")} == {("DB",)}
    watcher.plan({})
    shell.must(f"{program} green destroy")
    views.wait_until_empty(namespace)
    assert watcher.violations() == []
