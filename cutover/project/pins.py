"""The pins of a new project: the package in the version that is running, and what that needs as it is here."""

import json
import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

DISTRIBUTION = "pulumi-cutover"


def pins(checkout: Path) -> Mapping[str, str]:
    """Package -> the rest of its line in a requirements.txt. A driver that is not installed runs in its checkout; one
    that was installed from a file or an address is found there and in no index.
    """
    try:
        installed = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return {DISTRIBUTION: f" @ {checkout.as_uri()}"}
    lines = [line for line in installed.requires or [] if "extra ==" not in line]
    names = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in lines]
    return {DISTRIBUTION: _from(installed)} | {name: f"=={metadata.version(name)}" for name in names}


def _from(installed: metadata.Distribution) -> str:
    """Where pip got it, as PEP 610 has it written down; else its version."""
    url = json.loads(installed.read_text("direct_url.json") or "{}").get("url")
    return f" @ {url}" if url else f"=={installed.version}"
