"""Inputs become settings, or problems that name the program's own properties; no problem shows what is secret."""

from typing import Any

import pytest
from pulumi.errors import InputPropertiesError

from components.plugin.inputs import GroupInputs
from components.plugin.kinds import KINDS
from components.plugin.problems import invalid
from components.plugin.reading import Read, settings_of, unknown
from components.plugin.values import REFERENCE, UNKNOWN, Secret
from components.rules.errors import ConfigError
from components.strategies.blue_green.settings import BlueGreenSettings

BY_NAME = {kind.name: kind for kind in KINDS}
BLUE = {"version": "1.0.0", "build": 1, "image": "shop:1"}
SHOP: dict[str, Any] = {"namespace": "ns", "active": "blue", "port": 8080, "blue": BLUE}
WORD = "hunter2"


def read(kind: str = "BlueGreenService", **changes: Any) -> Read:
    return settings_of(BY_NAME[kind], "shop", SHOP | changes)


def problems(kind: str = "BlueGreenService", inputs: dict[str, Any] | None = None, **changes: Any) -> dict[str, str]:
    """What the engine is told: reason by property."""
    given = (SHOP if inputs is None else inputs) | changes
    with pytest.raises(ConfigError) as caught:
        settings_of(BY_NAME[kind], "shop", given)
    error = invalid("shop", caught.value.problems, given)
    assert isinstance(error, InputPropertiesError)
    assert error.errors
    assert "code: config.invalid" in error.message
    return {one["property_path"]: one["reason"] for one in error.errors}


def test_settings_are_those_that_python_would_make() -> None:
    made = read(drainSeconds=3, min_ready_seconds=1, smoke={"path": "/v", "expectBody": "x", "timeoutSeconds": 4.5})
    assert made.place.namespace == "ns"
    assert made.settings == BlueGreenSettings(
        active="blue",
        port=8080,
        blue=BLUE,  # type: ignore[arg-type]
        drain_seconds=3,
        min_ready_seconds=1,
        smoke={"path": "/v", "expect_body": "x", "timeout_seconds": 4.5},  # type: ignore[arg-type]
    )


def test_a_secret_belongs_in_secrets() -> None:
    made = read(secrets={"A": Secret(WORD), "B": "key"}, blue=BLUE | {"secrets": Secret({"C": WORD})}).settings
    assert isinstance(made, BlueGreenSettings)
    assert made.secrets["A"].get_secret_value() == WORD  # type: ignore[union-attr]
    assert made.secrets["B"] == "key"
    assert made.blue
    assert made.blue.secrets["C"].get_secret_value() == WORD  # type: ignore[union-attr]
    assert WORD not in repr(made)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"env": {"A": Secret(WORD)}}, "shop.env.A"),
        ({"env": Secret({"A": WORD})}, "env"),
        ({"namespace": Secret(WORD)}, "namespace"),
        ({"blue": BLUE | {"image": Secret(WORD)}}, "blue.image"),
        ({"pod": {"spec": {"secrets": Secret(WORD)}}}, "pod.spec.secrets"),
        ({"services": {"secrets": Secret({"spec": WORD})}}, "services.secrets"),
        ({"writablePaths": [Secret(WORD)]}, "writablePaths[0]"),
    ],
)
def test_a_secret_anywhere_else_is_refused(changes: dict[str, Any], path: str) -> None:
    found = problems(**changes)
    assert {one.removeprefix("shop.") for one in found} == {path.removeprefix("shop.")}
    assert all("is marked secret" in reason and "envFromSecrets" in reason for reason in found.values())
    assert WORD not in str(found)


def test_all_problems_at_once_each_at_its_property() -> None:
    found = problems(
        namespace="kube-system",
        port=99980,
        drainSeconds=40,
        maxSurg=1,
        blue=BLUE | {"image": "shop", "configFiles": {"rel": "x"}},
        readiness={"periodSeconds": 0},
        cluster={"context": 3},
    )
    assert found.keys() == {
        "namespace",
        "port",
        "terminationGraceSeconds",
        "maxSurg",
        "blue.image",
        "shop.blue.configFiles.rel",
        "readiness.periodSeconds",
        "cluster.context",
    }
    assert "did you mean maxSurge?" in found["maxSurg"]
    assert "drainSeconds of 40 s" in found["terminationGraceSeconds"]


def test_what_an_application_is_told_is_not_shown_beside_its_property() -> None:
    """The engine would print the value of a property that it finds."""
    found = problems(secrets={"DB": "a password!"}, env={"A": 1})
    assert found.keys() == {"shop.secrets.DB", "shop.env.A"}
    assert "a password!" not in str(found)
    assert "mark the value secret" in found["shop.secrets.DB"]
    assert problems(blue={"build": 1}).keys() == {"blue.version", "blue.image"}
    assert problems(green=[WORD]).keys() == {"shop.green"}  # a list, or an object with all that is in it


def test_references_and_what_is_not_known_are_no_values() -> None:
    found = problems(namespace=REFERENCE, blue=BLUE | {"image": UNKNOWN})
    assert {one.removeprefix("shop.") for one in found} == {"namespace", "blue.image"}
    assert unknown({"a": {"b": [UNKNOWN]}, "c": Secret(UNKNOWN)}) == ["a.b[0]", "c"]


def test_a_service_of_an_environment_is_a_property_of_the_inputs() -> None:
    web = {"strategy": "rolling", "port": 80, "drainSeconds": -1, "release": BLUE | {"image": "shop"}, "rolling": 1}
    blue_green = {"strategy": "blue-green", "port": 80, "active": "blue", "blue": BLUE, "smoke": {"expectBody": 1}}
    inputs = {
        "namespace": "ns",
        "active": "coco-1",
        "builds": {"coco-1": {"services": {"web": web, "rolling": blue_green}}},
    }
    found = problems("Environments", inputs)
    services = "builds.coco-1.services"
    assert found.keys() == {
        f"{services}.web.drainSeconds",
        f"{services}.web.release.image",
        f"{services}.web.rolling",
        f"{services}.rolling.smoke.path",
        f"{services}.rolling.smoke.expectBody",
    }


GROUP: dict[str, Any] = {
    "namespace": "ns",
    "active": "green",
    "order": ["api", "web"],
    "services": {"web": {"port": 80, "green": BLUE}, "api": {"port": 80, "green": BLUE, "drainSeconds": 1}},
}


def test_the_members_of_a_group_have_its_color() -> None:
    made = settings_of(BY_NAME["ReleaseGroup"], "shop", GROUP).settings
    assert isinstance(made, GroupInputs)
    assert {one.active for one in made.services.values()} == {"green"}
    assert made.services["api"].drain_seconds == 1


def test_what_is_wrong_with_a_group_is_told_of_the_group() -> None:
    assert problems("ReleaseGroup", GROUP, active="teal").keys() == {"active"}
    web = GROUP["services"]["web"]
    found = problems("ReleaseGroup", GROUP, services={"web": web | {"active": "blue", "port": 0}}, order=["api", "api"])
    assert {"services.web.active", "services.web.port"} <= found.keys()
    found = problems("ReleaseGroup", GROUP, order=["api", "api", "no"])
    assert found.keys() == {"shop.order", "order[1]", "order[2]"}
    assert "web is in services and not in order" in found["shop.order"]


def test_a_kubeconfig_may_be_secret_and_is_in_no_repr() -> None:
    for given in (Secret(WORD), WORD):
        place = read(cluster={"kubeconfig": given, "context": "c"}).place
        assert place.cluster
        assert place.cluster.access.kubeconfig == WORD
        assert WORD not in repr(place)
    assert "kubeconfig" in str(problems(cluster={"kubeconfig": ""}))
