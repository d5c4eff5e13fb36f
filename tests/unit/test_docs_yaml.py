"""What the docs tell to copy is well formed: every block of YAML in them parses."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").glob("*/README.md")])
_BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_every_block_parses() -> None:
    bad = []
    for page in PAGES:
        for text in _BLOCK.findall(page.read_text()):
            try:
                list(yaml.safe_load_all(text))
            except yaml.YAMLError as error:
                bad.append(f"{page.name}: {error}\n{text}")
    assert bad == []
