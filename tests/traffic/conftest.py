"""These tests make a cluster of their own, so they need none of the session's."""

import pytest

from sandbox.cluster import capability


@pytest.fixture(autouse=True)
def _real_pods_only() -> None:
    """In place of the session's: skip where no pod can run."""
    if obstacle := capability.node_kind(())[1]:
        pytest.skip(f"no pod can run here: {obstacle}")
