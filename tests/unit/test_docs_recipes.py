"""The recipes of docs/verify.md, run word for word: what they say for what the clouds' command lines print."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "verify.md").read_text()
AWS, GOOGLE = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
BLUE = {"name": "b", "color": "blue", "ready": True, "image": "shop:1", "ip": "10.0.0.1"}
GREEN = {"name": "g", "color": "green", "ready": True, "image": "shop:2", "ip": "10.0.0.2"}
STARTING = GREEN | {"name": "h", "ready": False, "ip": "10.0.0.3"}
_CLOUD = """#!{python}
import json, sys
said = json.load(open({said!r}))
print(json.dumps(next(value for key, value in said.items() if set(key.split()) <= set(sys.argv[1:]))))
"""


class Cloud:
    """The command lines of both clouds: what they print for the words of a command."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.said: dict[str, Any] = {}
        for name in ("aws", "gcloud"):
            command = folder / name
            command.write_text(_CLOUD.format(python=sys.executable, said=str(folder / "said")))
            command.chmod(0o755)

    def targets(self, group: str, **states: str) -> None:
        """A target group of AWS: the state of each target, by the last number of its address."""
        targets = [
            {"Target": {"Id": f"10.0.0.{number[1:]}"}, "TargetHealth": {"State": state}}
            for number, state in states.items()
        ]
        self.said[f"elbv2 describe-target-health --target-group-arn {group}"] = {"TargetHealthDescriptions": targets}

    def rule(self, **weights: int) -> None:
        """A listener's rule of AWS."""
        groups = [{"TargetGroupArn": group, "Weight": weight} for group, weight in weights.items()]
        actions = [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]
        self.said["elbv2 describe-rules --rule-arns the-rule"] = {"Rules": [{"Actions": actions}]}

    def backend(self, name: str, *zones: Mapping[str, str]) -> None:
        """A backend service of Google's: the health of each endpoint, by zone."""
        self.said[f"compute backend-services get-health {name} --global"] = [
            {"status": {"healthStatus": [{"ipAddress": ip, "healthState": state} for ip, state in one.items()]}}
            if one
            else {"status": {"kind": "compute#backendServiceGroupHealth"}}
            for one in zones
        ]

    def ask(self, recipe: str, document: Mapping[str, Any], *arguments: str) -> tuple[int, str]:
        """The recipe's exit code, and what it prints last."""
        (self._folder / "said").write_text(json.dumps(self.said))
        done = subprocess.run(
            [sys.executable, "-c", recipe, *arguments],
            input=json.dumps(document),
            env={**os.environ, "PATH": str(self._folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout.strip()


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(tmp_path)


def test_aws_after_a_cutover(cloud: Cloud) -> None:
    document = {"color": "green", "pods": [GREEN, STARTING]}
    cloud.targets("live", _1="healthy", _2="initial")
    assert cloud.ask(AWS, document, "live") == (75, "not yet: 10.0.0.1, 10.0.0.2")
    cloud.targets("live", _1="draining", _2="healthy")
    assert cloud.ask(AWS, document, "live")[0] == 0


def test_aws_after_a_step_of_a_canary(cloud: Cloud) -> None:
    document = {"color": "green", "pods": [BLUE, GREEN], "shares": {"blue": 90, "green": 10}}
    given = ("blue=one", "green=two", "rule=the-rule")
    cloud.targets("one", _1="healthy")
    cloud.targets("two", _2="initial")
    cloud.rule(one=100)
    assert cloud.ask(AWS, document, *given) == (75, "not yet: 10.0.0.2, blue has 100 % of 90, green has 0 % of 10")
    cloud.targets("two", _2="healthy", _4="unhealthy")
    cloud.rule(one=180, two=20)
    assert cloud.ask(AWS, document, *given)[0] == 0
    cloud.rule(one=0, two=100)
    assert cloud.ask(AWS, {"color": "green", "pods": [GREEN]}, *given)[0] == 0, "then for the live Service"


def test_google_after_a_cutover_and_after_a_step(cloud: Cloud) -> None:
    document = {"color": "green", "pods": [GREEN, STARTING]}
    cloud.backend("live", {"10.0.0.1": "HEALTHY"}, {"10.0.0.2": "UNHEALTHY"}, {})
    assert cloud.ask(GOOGLE, document, "live") == (75, "not yet: 10.0.0.1, 10.0.0.2")
    cloud.backend("live", {}, {"10.0.0.2": "HEALTHY"})
    assert cloud.ask(GOOGLE, document, "live")[0] == 0
    cloud.backend("one", {"10.0.0.1": "HEALTHY"})
    cloud.backend("two", {})
    step = {"color": "green", "pods": [BLUE, GREEN], "shares": {"blue": 90, "green": 10}}
    assert cloud.ask(GOOGLE, step, "blue=one", "green=two") == (75, "not yet: 10.0.0.2")
