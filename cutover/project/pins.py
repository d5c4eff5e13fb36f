"""The pins of a new project: the package in the version that is running, and what that needs as it is here."""

import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

DISTRIBUTION = "pulumi-cutover"


def pins(checkout: Path) -> Mapping[str, str]:
    """Package -> the rest of its line in a requirements.txt. A driver that is not installed runs in its checkout."""
    try:
        needed = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return {DISTRIBUTION: f" @ {checkout.as_uri()}"}
    names = [DISTRIBUTION, *(re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in needed if "extra ==" not in line)]
    return {name: f"=={metadata.version(name)}" for name in names}
