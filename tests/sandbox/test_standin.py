"""The stand-in answers whatever a probe may ask, on any port, and ends when it is told to."""

import socket
import ssl
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from sandbox.standin import VERSIONS, archive
from sandbox.standin.image import MODULE, PROGRAM
from tests.patience import eventually


@pytest.fixture(scope="module")
def images() -> Path:
    return archive(print)


@pytest.fixture
def port(images: Path) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    running = subprocess.Popen([MODULE.binaries / f"{PROGRAM}-{VERSIONS[0]}"], env={"STANDIN": f"{number}"})
    eventually("the stand-in to listen", lambda: _listens(number))
    yield number
    running.terminate()
    assert running.wait(timeout=10) == 0


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_http_and_https_on_one_port(port: int) -> None:
    assert httpx2.get(f"http://127.0.0.1:{port}/any/path").json() == {"version": VERSIONS[0]}
    assert httpx2.get(f"https://127.0.0.1:{port}/", verify=_unverified()).status_code == 200


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def test_a_command_ends_with_success(images: Path) -> None:
    program = MODULE.binaries / f"{PROGRAM}-{VERSIONS[0]}"
    for words in (["exit"], ["sleep", "0.01"]):
        assert subprocess.run([program, *words], timeout=10, check=False).returncode == 0


def test_there_is_an_image_for_each_version(images: Path) -> None:
    with tarfile.open(images) as made:
        index = made.extractfile("index.json")
        assert index is not None
        said = index.read().decode()
    assert all(f"cutover.local/standin:{version}" in said for version in VERSIONS)
