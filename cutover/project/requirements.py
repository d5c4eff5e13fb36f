"""The requirements.txt of a new project: the package as it is installed here, and the lock that it was tested with.

The hash of the package itself is in no file of it. It is known of a file, which can be read, of an address, where pip
wrote it down (PEP 610), and of an index, which pip is asked again. A folder or a repository has none: pip installs
nothing by hash then, so there are versions alone.
"""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from cutover.project.lock import needed, plain, read_lock

DISTRIBUTION = "pulumi-cutover"
LIMIT_SECONDS = 30.0
_HASHED = "# What the program and `cutover` need, as this release was tested, for `pip install --require-hashes`.\n"
_PLAIN = """\
# What the program and `cutover` need, in the versions that this project was started with. Without hashes, as the
# package has none: it is from a folder, a repository, or an index that was out of reach.
"""


@dataclass(frozen=True)
class Requirements:
    """A requirements.txt. `hashed` tells whether pip can hold all of it to its hashes, `installed` whether this
    environment has what it asks for.
    """

    text: str
    hashed: bool
    installed: bool

    @property
    def words(self) -> str:
        """What pip is told to install."""
        return f"{'--require-hashes ' if self.hashed else ''}-r requirements.txt"


def requirements(checkout: Path, lock: Path) -> Requirements:
    """Those of the driver that runs: installed, or in its `checkout`. `lock` is the file of the release's own."""
    try:
        found = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return Requirements(f"{_PLAIN}{DISTRIBUTION} @ {checkout.as_uri()}\n", hashed=False, installed=False)
    wanted = [line for line in found.requires or [] if "extra ==" not in line]
    names = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in wanted]
    origin = json.loads(found.read_text("direct_url.json") or "{}")
    own = f"{DISTRIBUTION} @ {origin['url']}" if "url" in origin else f"{DISTRIBUTION}=={found.version}"
    digest = _of_archive(origin) if origin else _of_index(own)
    if not digest:
        lines = [own, *(f"{name}=={metadata.version(name)}" for name in names)]
        return Requirements(f"{_PLAIN}{_lines(lines)}", hashed=False, installed=True)
    packages = needed(read_lock(lock.read_text()), names)
    same = all(metadata.version(name) == packages[plain(name)].version for name in names)
    hashed = [f"{own} \\\n    --hash=sha256:{digest}", *(one.text.rstrip("\n") for one in packages.values())]
    return Requirements(f"{_HASHED}{_lines(hashed)}", hashed=True, installed=same)


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _of_archive(origin: dict[str, Any]) -> str | None:
    """The digest of the file that the package was installed from; None of a folder, a repository, a file that is gone.
    uv writes none down.
    """
    if "archive_info" not in origin:
        return None
    if known := origin["archive_info"].get("hashes", {}).get("sha256"):
        return str(known)
    address = urlsplit(origin["url"])
    path = Path(unquote(address.path))
    return hashlib.sha256(path.read_bytes()).hexdigest() if address.scheme == "file" and path.is_file() else None


def _of_index(pin: str) -> str | None:
    """The digest of the file that pip would install, by the index of its settings; None where it gives no answer."""
    words = ("install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet", "--report", "-", pin)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "pip", *words], capture_output=True, text=True, timeout=LIMIT_SECONDS
        )
        (found,) = json.loads(ended.stdout)["install"]
        return str(found["download_info"]["archive_info"]["hashes"]["sha256"])
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError):
        return None
