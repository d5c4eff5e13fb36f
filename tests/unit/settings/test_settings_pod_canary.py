"""What a service with a canary by pods may be, how many they are, and what is said where they do not do."""

from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import BlueGreenSettings, ConfigError
from contract.pod_shares import pods_for

Json = dict[str, Any]
BLUE: Json = {"version": "1.0.0", "build": 1, "image": "shop:1"}
GREEN: Json = {"version": "2.0.0", "build": 7, "image": "shop:2"}
LABELS: Json = {"cutover": "labels", "workload": "replica-set"}
SELECTOR: Json = {"cutover": "selector", "workload": "deployment"}


def settings(weight: int = 10, **fields: Any) -> BlueGreenSettings:
    given = {"active": "blue", "port": 80, "blue": BLUE, "green": GREEN, "canary": {"weight": weight}, **LABELS}
    return BlueGreenSettings(**given | fields)


def test_the_idle_color_keeps_its_standby_and_the_active_one_all_its_pods() -> None:
    made = settings(replicas=4, standby_replicas=1)
    assert (made.weight, made.fewest, made.beside) == (10, 4, 1)


@given(st.integers(0, 100), st.integers(1, 60), st.none() | st.integers(0, 60))
def test_it_is_taken_exactly_where_the_pods_make_the_share(weight: int, replicas: int, standby: int | None) -> None:
    fields = {"replicas": replicas, "standby_replicas": standby}
    has = replicas if standby is None else standby
    fits = has <= replicas and weight <= 50 and pods_for(weight, replicas) <= has
    with nullcontext() if fits else pytest.raises(ConfigError):
        settings(weight, **fields)


@given(st.integers(0, 100), st.integers(1, 60), st.none() | st.integers(0, 60))
def test_replicas_are_as_many_as_the_share_takes_whatever_the_standby(
    weight: int, replicas: int, standby: int | None
) -> None:
    fields = {"replicas": replicas, "standby_replicas": standby, **SELECTOR}
    fits = (standby or 0) <= replicas and weight <= 50
    with nullcontext() if fits else pytest.raises(ConfigError):
        made = settings(weight, **fields)
        assert made.beside == (pods_for(weight, replicas) if weight else made.standby)
        assert made.beside <= replicas


def test_a_service_that_spreads_its_clients_over_all_pods_is_taken() -> None:
    spec = {"type": "LoadBalancer", "externalTrafficPolicy": "Cluster", "sessionAffinity": "ClientIP"}
    assert settings(service={"spec": spec}).weight == 10


def test_the_number_that_would_do_does() -> None:
    with pytest.raises(ConfigError) as caught:
        settings(40, replicas=6, standby_replicas=2)
    assert "weight 40 takes 4 of green's pods beside 6 of blue's, and green has 2 (standby_replicas)" in str(
        caught.value
    )
    assert "set standby_replicas to 4, or canary.weight to 25" in str(caught.value)
    assert (
        settings(40, replicas=6, standby_replicas=4).weight == settings(25, replicas=6, standby_replicas=2).weight + 15
    )


@pytest.mark.parametrize(
    ("fields", "path", "what"),
    [
        (
            {"standby_replicas": 0},
            "canary.weight",
            "weight 10 takes 1 of green's pods beside 2 of blue's, and green has 0",
        ),
        ({"canary": {"weight": 51}}, "canary.weight", "weight is 51, and 50 is the most that pods make"),
        ({"canary": {"weight": 100}}, "canary.weight", "weight is 100, and 50 is the most that pods make"),
        ({"green": None}, "canary.weight", "the idle color green has no release"),
        ({"green": {**GREEN, "rollback": "forbidden"}}, "canary.weight", "rollback: forbidden"),
        (
            {
                "autoscale": {"min_replicas": 2, "max_replicas": 4},
                "resources": {"requests": {"cpu": "1", "memory": "1Gi"}},
            },
            "autoscale",
            "autoscale is set on a service whose canary is a number of pods",
        ),
        (
            {"autoscaler": {"spec": {"maxReplicas": 4}}},
            "autoscaler",
            "autoscaler is set on a service whose canary is a number of pods",
        ),
        (
            {"canary": {"weight": 10, "match": [{"header": "x", "value": "a"}]}},
            "canary.match",
            "match is given, and the share is made of pods",
        ),
        (
            {"service": {"spec": {"trafficDistribution": "PreferClose"}}},
            "service.spec.trafficDistribution",
            "trafficDistribution is PreferClose on a service whose canary is a number of pods",
        ),
        (
            {"service": {"spec": {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}}},
            "service.spec.externalTrafficPolicy",
            "externalTrafficPolicy is Local on",
        ),
        ({**SELECTOR, "canary": {"weight": 51}}, "canary.weight", "weight is 51, and 50 is the most that pods make"),
        ({**SELECTOR, "port": None}, "canary", "canary is set, and port is null"),
        ({**SELECTOR, "adopt_service": True}, "adopt_service", "adopt_service is set on a service whose canary is a"),
        (
            {**SELECTOR, "canary": {"weight": 10, "match": [{"header": "x", "value": "a"}]}},
            "canary.match",
            "match is given, and the share is made of pods",
        ),
        ({"route": {"http_route": "public"}}, "cutover", "cutover is set on a service with a route"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_is_written(fields: Json, path: str, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings(**fields)
    found = {problem.path.partition(".")[2]: problem.what for problem in caught.value.problems}
    assert what in found[path], found
