"""The language host's own tests, in Go, where the host is built here: else the CLI has a host of its own."""

import pytest

from sandbox.pulumi import Engine, build


def test_the_language_host(engine: Engine) -> None:
    if engine.plugins is None:
        pytest.skip(f"{engine} has a language host of its own")
    said: list[str] = []
    printed = build.CLI.go("test", "-count=1", "./host/", report=said.append)
    assert printed.startswith("ok"), printed
