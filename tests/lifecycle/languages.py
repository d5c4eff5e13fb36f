"""Programs in other languages: the page that shows them, and a shell in which the plugin serves them."""

import os
import re
import shutil
import sys
from pathlib import Path

import yaml

from sandbox.pulumi import Engine, build
from tests.lifecycle.kube import Kubernetes, Namespace
from tests.lifecycle.shell import Shell
from tests.lifecycle.stack import ROOT

PAGE = (ROOT / "docs" / "languages.md").read_text()


def programs(language: str) -> list[str]:
    """The page's programs in a language, as they stand."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def yaml_shell(
    folder: Path, cluster: Kubernetes, engine: Engine, namespace: Namespace, program: str, plugin: Path | None = None
) -> Shell:
    """A project in YAML. The plugin is the checkout's folder, in the tests' own environment, unless one is given."""
    build.LANGUAGES.ensure(print)
    shell = Shell(folder, cluster, engine, namespace)
    # The host of YAML starts that of Python, for the plugin, and finds it on the PATH only.
    hosts = (str(build.LANGUAGES.binaries), str(engine.command.parent))
    shell.environment["PATH"] = os.pathsep.join([*hosts, shell.environment["PATH"]])
    shell.project.mkdir()
    text = program.replace("../cutover/plugin", str(plugin or plugin_folder(folder))).replace(
        "default: shop", f"default: {namespace.name}"
    )
    (shell.project / "Pulumi.yaml").write_text(text)
    shell.must("pulumi stack init dev")
    return shell


def plugin_folder(folder: Path) -> Path:
    """A copy of the checkout's plugin that runs in the tests' own environment."""
    plugin = folder / "plugin"
    shutil.copytree(ROOT / "plugin", plugin, ignore=shutil.ignore_patterns("venv", "__pycache__"))
    where = {"runtime": {"name": "python", "options": {"virtualenv": sys.prefix}}}
    (plugin / "PulumiPlugin.yaml").write_text(yaml.safe_dump(where))
    return plugin
