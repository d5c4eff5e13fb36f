"""A blue/green worker: `port: null`, pods of the active color alone, and nothing that is about callers."""

from typing import Any

import pytest

from components.stack.load import parse
from cutover.strategies.registry import parse_services
from tests.unit.settings.test_settings_bad_config import REMOVED, SF, edited, problems


def worker(**changes: Any) -> dict[str, Any]:
    """The good config, its blue/green service a worker."""
    services = edited(f"{SF}.port", None)
    services[SF] |= changes
    return services


def test_the_idle_color_has_no_pods_unless_it_is_given_some() -> None:
    for given, pods in (({}, 0), ({"standby_replicas": 1}, 1)):
        (settings,) = [one for name, one in parse("ns", worker(**given)).services.items() if name == SF]
        assert (settings.standby, settings.beside) == (pods, pods)  # type: ignore[union-attr]
        assert parse_services(worker(**given), {})[SF].standby_replicas == pods


def test_a_port_that_is_missing_is_no_worker() -> None:
    (found,) = problems(edited(f"{SF}.port", REMOVED))
    assert found.path == f"cutover:services.{SF}.port"


@pytest.mark.parametrize(
    ("key", "value", "fix"),
    [
        ("smoke", {"path": "/"}, "use smoke_job or verify"),
        ("route", {"http_route": "shop"}, "remove route"),
        ("expose_both", True, "remove expose_both"),
        ("service", {"spec": {"type": "NodePort"}}, "service"),
        ("services", {"shop-udp": {"spec": {"ports": [{"port": 9}]}}}, "set port"),
        ("service_port", 8080, "remove service_port"),
        ("ports", {"metrics": 9090}, "remove ports"),
    ],
)
def test_what_is_about_callers_is_refused(key: str, value: Any, fix: str) -> None:
    (found,) = [one for one in problems(worker(**{key: value})) if one.path == f"cutover:services.{SF}.{key}"]
    assert fix in found.fix


def test_labels_move_connections_and_a_worker_has_none() -> None:
    found = problems(worker(cutover="labels", workload="replica-set"))
    assert [one.path for one in found] == [f"cutover:services.{SF}.cutover"]
    assert "its old pods would go on working" in found[0].why


def test_a_probe_asks_a_port_by_number() -> None:
    (found,) = problems(worker(readiness={"path": "/ready"}))
    assert found.path == f"cutover:services.{SF}.readiness.port"
    parse("ns", worker(readiness={"path": "/ready", "port": 8080}))
