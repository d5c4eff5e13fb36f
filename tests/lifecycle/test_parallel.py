"""Many services in one `up`: gates go on where all the threads of the program wait for them."""

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.kube import Namespace
from tests.lifecycle.stack import Stack

pytestmark = pytest.mark.cluster
# Every registration holds a thread of the program until its step is done: four of them with `--parallel 1`.
COUNT = 6


@pytest.mark.wide  # a group is the same with more order
def test_one_step_at_a_time_is_enough(stack: Stack, namespace: Namespace) -> None:
    names = [f"s{number}" for number in range(COUNT)]
    # A host's name is looked up in a thread, an address is not.
    stack.kubeconfig.write_text(stack.kubeconfig.read_text().replace("127.0.0.1", "localhost"))
    for name in names:
        stack.services[name] = services.blue_green(replicas=1, standby_replicas=1)
    stack.must_up("--parallel", "1")
    for name in names:
        stack.services[name]["active"] = "green"
    stack.must_up("--parallel", "1")
    assert {views.live_color(namespace, name) for name in names} == {"green"}


def test_a_group_is_cut_over_one_step_at_a_time(stack: Stack, namespace: Namespace) -> None:
    names = [f"s{number}" for number in range(COUNT)]
    for name in names:
        stack.services[name] = services.blue_green(active=None, replicas=1, standby_replicas=1)
    group = stack.groups["all"] = {"active": "blue", "services": names, "switch": "at-once"}
    stack.must_up("--parallel", "1")
    group["active"] = "green"
    stack.must_up("--parallel", "1")
    assert {views.live_color(namespace, name) for name in names} == {"green"}
    assert max(map(len, _dependencies(stack))) <= COUNT + 1, "a resource names more than one of each member's stage"


def _dependencies(stack: Stack) -> list[list[str]]:
    return [resource.get("dependencies") or [] for resource in stack.resources()]
