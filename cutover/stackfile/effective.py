"""Values of a stack's config as the engine sees them, asked of the engine only where the file cannot tell.

That is where the file's value is encrypted or no text, and where it has none but the project's Pulumi.yaml or an
environment (ESC) may: `pulumi config get` resolves all of these. One such question takes about half a second.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contract.text import one_line
from cutover.errors import LoginNeeded
from cutover.stackfile.find import project_file, project_of, stack_name

LIMIT_SECONDS = 30
_ABSENT = "not found for stack"


def effective(path: Path, content: Mapping[str, Any], key: str) -> str | None:
    """The value of one key of the stack's file at `path`, whose content is given; None where there is none.

    Raises LoginNeeded where only the engine can tell and does not.
    """
    given = (content.get("config") or {}).get(key)
    if isinstance(given, str):
        return given
    if given is None and "environment" not in content and key not in _defaults(project_of(path)):
        return None
    return _asked(path, key)


def _defaults(project: Path) -> Mapping[str, Any]:
    """The keys under `config:` of the project's file."""
    config = project_file(project).get("config")
    return config if isinstance(config, dict) else {}


def _asked(path: Path, key: str) -> str | None:
    import shutil
    import subprocess

    name = stack_name(path)
    command = os.environ.get("CUTOVER_PULUMI") or shutil.which("pulumi") or "pulumi"
    words = [command, "config", "get", key, "--stack", name, "--non-interactive"]
    fix = f"try `pulumi config get {key} --stack {name}`: it needs the login, and what opens the stack's secrets"
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        ended = subprocess.run(
            words, cwd=project_of(path), env=environment, capture_output=True, text=True, timeout=LIMIT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LoginNeeded(f"the engine does not tell {key} of {name}: {error}", fix) from None
    if ended.returncode == 0:
        return ended.stdout.strip()
    said = ended.stderr.strip()
    if _ABSENT in said:
        return None
    raise LoginNeeded(f"the engine does not tell {key} of {name}: {one_line(said) or 'no reason given'}", fix)
