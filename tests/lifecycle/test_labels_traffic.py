"""Under traffic from new and kept connections: cutovers by labels there and back, to that mode, and out of it."""

import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from prober import Prober, TargetRefusedError
from tests.lifecycle import services, views
from tests.lifecycle.kube import Namespace
from tests.lifecycle.load import ANSWER_SECONDS
from tests.lifecycle.services import V1, V2
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


@pytest.fixture
def live(stack: Stack, namespace: Namespace) -> Iterator[Prober]:
    """Steady traffic to the live Service of `shop`, which is cut over by its selector as yet."""
    # This application ends at once on SIGTERM, so nothing is recycled: what is lost here, a cutover lost.
    stack.services["shop"] = services.blue_green("replica-set", recycle=False)
    stack.must_up()
    address = namespace.get("services", "shop")["spec"]["clusterIP"]
    try:
        prober = Prober(f"http://{address}:80", rate_per_second=60, timeout_seconds=ANSWER_SECONDS)
    except TargetRefusedError:
        pytest.skip(f"Services of this cluster ({address}) are no targets of the prober")
    with prober:
        yield prober


def test_no_request_is_lost_by_labels_nor_on_the_way_to_them_and_back(
    stack: Stack, namespace: Namespace, live: Prober
) -> None:
    shop = stack.services["shop"]
    pods = views.uids(views.pods(namespace))
    shop["cutover"] = "labels"
    stack.must_up()
    assert views.attached(namespace) == {"blue"}

    shop["active"] = "green"
    stack.must_up()
    assert views.attached(namespace) == {"green"}

    shop |= {"active": "blue", "overlap_seconds": 2}
    begun = time.time()
    assert "both colors answer for 2 s" in stack.must_up().said
    ended = time.time()
    assert views.attached(namespace) == {"blue"}

    del shop["overlap_seconds"]
    shop |= {"cutover": "selector", "active": "green"}
    stack.must_up()
    assert views.live_color(namespace) == "green"

    shop |= {"cutover": "labels", "active": "blue"}
    stack.must_up()
    assert views.attached(namespace) == {"blue"}
    assert views.uids(views.pods(namespace)) == pods

    result = live.stop()
    assert result.failures == [], result.failures
    start = datetime.fromisoformat(result.started_at).timestamp()
    both = {answer.version for answer in result.answers if begun < start + answer.at_seconds < ended}
    assert both == {V1, V2}
