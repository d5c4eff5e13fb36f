"""Whether a live pod template is what is wanted: the server's defaults are no difference, everything that runs is."""

import copy
from typing import Any

import pytest

from components import HttpProbe, Release, RollingSettings
from components.manifests.content import NOTHING
from components.manifests.pod import pod_template
from components.rules.drift import why_another

SETTINGS = RollingSettings(
    port=80,
    release=Release(version="1.0.0", build=1, image="shop:1"),
    env={"A": "1", "EMPTY": ""},
    readiness=HttpProbe(path="/readyz"),
)
WANTED = pod_template(SETTINGS, SETTINGS.release, labels={"x": "y"}, spread={"x": "y"}, content=NOTHING)


def live(**container: Any) -> dict[str, Any]:
    """As the API server and those who put something beside make of it."""
    made = copy.deepcopy(WANTED)
    app = made["spec"]["containers"][0]
    app |= {"terminationMessagePath": "/dev/termination-log", "resources": {}, **container}
    app["env"] = [{k: v for k, v in entry.items() if v} for entry in app["env"]]
    made["spec"]["containers"].insert(0, {"name": "mesh", "image": "proxy:1"})
    made["spec"] |= {"restartPolicy": "Always", "dnsPolicy": "ClusterFirst"}
    made["metadata"] |= {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}, "creationTimestamp": None}
    return made


def test_what_the_server_and_others_add_is_no_difference() -> None:
    assert why_another(WANTED, live()) is None


@pytest.mark.parametrize(
    ("container", "words"),
    [
        ({"image": "shop:2"}, "app.image is 'shop:2' instead of 'shop:1'"),
        ({"command": ["sh"]}, "app.command is set, and not wanted"),
        ({"env": [{"name": "A", "value": "1"}]}, "app.env has 1 entries instead of 2"),
        ({"env": [{"name": "A", "value": "2"}, {"name": "EMPTY"}]}, "env[0].value is '2' instead of '1'"),
        ({"readinessProbe": {}}, "app.readinessProbe"),
    ],
)
def test_what_runs_otherwise_is_named(container: dict[str, Any], words: str) -> None:
    assert words in str(why_another(WANTED, live(**container)))


def test_labels_and_the_pod_count_too() -> None:
    other = live()
    other["metadata"]["labels"] = {"x": "z"}
    assert why_another(WANTED, other) == "labels.x is 'z' instead of 'y'"
    other = live()
    other["spec"]["volumes"] = [{"name": "more"}]
    assert why_another(WANTED, other) == "spec.volumes is set, and not wanted"
