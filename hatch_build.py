"""What the wheel holds: the checkout's packages below one of their own, `pulumi_cutover`, and nothing else.

`components`, `contract` and their like are no names for site-packages, where another project's would take their place.
So each package goes one level down, and each import of it gets the prefix: `from contract.text import …` is
`from pulumi_cutover.contract.text import …` there. Nothing else of a file changes (docs/adr/0019).
"""

import ast
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOF = "pulumi_cutover"
PACKAGES = ("components", "contract", "cutover", "kubeaccess", "prober")
# What the driver reads beside its own package (cutover/shipped.py).
DATA = ("schema/pulumi-stack.schema.json", "docs/rbac.yaml", "docs/rbac-plan.yaml", "docs/ci.md", "requirements.txt")
_STATEMENT = re.compile(r"from (\w+)")


class RoofHook(BuildHookInterface):
    """Writes the packages as the wheel has them, and tells hatchling where each file goes."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before a wheel is built. An editable install uses the checkout as it is."""
        if version == "editable":
            return
        root = Path(self.root)
        self._written = tempfile.TemporaryDirectory()
        for source, place in files(root):
            made = Path(self._written.name, place)
            made.parent.mkdir(parents=True, exist_ok=True)
            content = source.read_bytes()
            made.write_bytes(below_the_roof(content.decode()).encode() if source.suffix == ".py" else content)
            build_data["force_include"][str(made)] = place

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Called when the wheel is there."""
        if version != "editable":
            self._written.cleanup()


def files(root: Path) -> Iterator[tuple[Path, str]]:
    """Each file of the wheel: where it is in the checkout, and its path in site-packages. In the same order always."""
    for package in (ROOF, *PACKAGES):
        for source in sorted((root / package).rglob("*")):
            if source.is_file() and "__pycache__" not in source.parts:
                place = source.relative_to(root).as_posix()
                yield source, place if package == ROOF else f"{ROOF}/{place}"
    for name in DATA:
        yield root / name, f"{ROOF}/{name}"


def below_the_roof(text: str) -> str:
    """A module's text with the prefix in each `from … import` of our packages."""
    lines = text.splitlines(keepends=True)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in PACKAGES:
            line = lines[node.lineno - 1].encode()  # columns are of bytes
            before, statement = line[: node.col_offset].decode(), line[node.col_offset :].decode()
            lines[node.lineno - 1] = before + _STATEMENT.sub(rf"from {ROOF}.\1", statement, count=1)
        elif isinstance(node, ast.Import) and any(alias.name.partition(".")[0] in PACKAGES for alias in node.names):
            raise ValueError(f"line {node.lineno}: write `from … import …`: a plain import has no place for a prefix")
    return "".join(lines)
