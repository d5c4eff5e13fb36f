"""A PostgreSQL server from the machine's package."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.stores.server import HOST, Store, free_port, serving

ROOT = Path("/usr/lib/postgresql")  # where Debian has its versions
PASSWORD = "letmein"  # noqa: S105 - of a server on the loopback address that lives for a test


@contextmanager
def postgres() -> Iterator[Store]:
    """An empty database. Raises SandboxError where the package is missing."""
    found = sorted(ROOT.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        msg = "this machine has no PostgreSQL server: apt-get install postgresql"
        raise SandboxError(msg)
    programs, port = found[-1].parent, free_port()
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name  # it refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="cutover-postgres-"))
    try:
        password = folder / "password"
        password.write_text(PASSWORD)
        for path in (folder, password):
            shutil.chown(path, user)
        data = ["-D", str(folder / "data")]
        made = [str(programs / "initdb"), *data, "-U", "cutover", "-A", "scram-sha-256", f"--pwfile={password}"]
        subprocess.run(made, check=True, capture_output=True, user=user, cwd=folder)
        command = [str(programs / "postgres"), *data, "-p", str(port), "-h", HOST, "-k", str(folder), "-c", "fsync=off"]
        with serving(command, _takes_connections(programs, port), folder / "log", user=user):
            url = f"postgres://cutover:{PASSWORD}@{HOST}:{port}/postgres?sslmode=disable"
            yield Store({"PULUMI_BACKEND_URL": url}, (PASSWORD,))
    finally:
        shutil.rmtree(folder)


def _takes_connections(programs: Path, port: int) -> Callable[[], bool]:
    """It listens a moment before it takes connections."""
    asked = [str(programs / "pg_isready"), "-h", HOST, "-p", str(port)]
    return lambda: subprocess.run(asked, capture_output=True, check=False).returncode == 0
