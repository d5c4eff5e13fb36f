from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.engine.deploy.bench import Bench
from tests.sandbox.engine.deploy.fake_kube import FakeKube


@pytest.fixture
def kube() -> Iterator[FakeKube]:
    server = FakeKube()
    yield server
    server.close()


@pytest.fixture
def bench(tmp_path: Path, kube: FakeKube) -> Bench:
    return Bench(tmp_path, config={"kubernetes:kubeconfig": kube.kubeconfig()})
