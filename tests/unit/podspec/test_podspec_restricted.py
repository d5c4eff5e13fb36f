"""What is less than the "restricted" standard is told, each field of it; what the program makes itself is not."""

import copy
from typing import Any

import pytest

from components.manifests.content import NOTHING
from components.manifests.pod import pod_template
from components.podspec.restricted import loosened
from components.settings import Release
from components.strategies.rolling.settings import RollingSettings

SETTINGS = RollingSettings(
    port=80,
    release=Release(version="1.0.0", build=1, image="a:1"),
    writable_paths=("/tmp",),  # noqa: S108 - in the pod
)
GOOD: dict[str, Any] = pod_template(SETTINGS, SETTINGS.release, labels={}, spread={}, content=NOTHING)


def test_what_the_program_makes_is_restricted() -> None:
    assert loosened(GOOD) == []


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("hostNetwork",), True, "the pod has hostNetwork"),
        (("hostPID",), True, "the pod has hostPID"),
        (("volumes",), [{"name": "a", "hostPath": {"path": "/"}}], "volume a is a hostPath"),
        (("securityContext", "runAsNonRoot"), False, "container app: may run as root"),
        (("securityContext", "runAsUser"), 0, "container app: may run as root"),
        (("securityContext", "seccompProfile"), {"type": "Unconfined"}, "container app: no seccompProfile"),
        (("containers", 0, "securityContext", "privileged"), True, "container app: privileged"),
        (
            ("containers", 0, "securityContext", "allowPrivilegeEscalation"),
            None,
            "container app: allowPrivilegeEscalation is not false",
        ),
        (("containers", 0, "securityContext", "capabilities", "drop"), [], "container app: capabilities.drop has not"),
        (("containers", 0, "securityContext", "capabilities", "add"), ["NET_ADMIN"], "container app: adds NET_ADMIN"),
        (("initContainers",), [{"name": "x", "image": "x"}], "container x: allowPrivilegeEscalation is not false, cap"),
    ],
)
def test_each_field_of_the_standard(path: tuple[str | int, ...], value: Any, says: str) -> None:
    template = copy.deepcopy(GOOD)
    owner = template["spec"]
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = value
    (line,) = loosened(template)
    assert line.startswith(says)
