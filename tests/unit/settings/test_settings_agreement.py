"""The JSON Schema refuses what a schema can: all of the bad config, but what needs arithmetic or another field."""

import copy
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from components.stack.schema import stack_schema
from tests.unit.settings.test_settings_bad_config import CASES, GOOD, REMOVED, Bad, edited

BEYOND = (  # what no schema can tell
    "'1e30' is not", "half of a surrogate", "a name of 256 characters", "/a%2f..%2fb", "active is missing",
    "thousandth", "requests 2 of cpu", "run_as_user is 0", "adds SYS_ADMIN", "termination_grace_seconds is",
    "progress_deadline_seconds is", "success_threshold is 2", "holds 1048", "green has no release",
    "standby_replicas is 3", "both version 1.4.0", "round to 0 and 0", "max_surge '0%'", "100 successes",
    "request_timeout_seconds is 31", "autoscale aims", "min_replicas is 4", "while workload is",
    "overlap_seconds is set", "would both make", "is set while kind is", "kind is exec", "while kind is grpc",
    "is set while port is not", "asks the port of the container", "asks a port by name",
    "is the name of no port", "is port already", "is service_port already", "in ports already", "the name http is",
)  # fmt: skip


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    return Draft202012Validator(stack_schema())


def stack(services: Any) -> dict[str, Any]:
    return {"config": {"cutover:namespace": "shop", "cutover:services": services}}


@pytest.mark.parametrize("bad", CASES, ids=lambda bad: f"{bad.at}: {bad.says[:40]}")
def test_what_the_schema_can_tell(bad: Bad, schema: Draft202012Validator) -> None:
    shown = bad.value if bad.value is REMOVED or not isinstance(bad.value, int) or bad.value < 10**30 else 10**30
    beyond = any(text in f"{bad.says} {bad.value if isinstance(bad.value, dict) else ''}" for text in BEYOND)
    assert schema.is_valid(stack(edited(bad.at, shown))) == beyond


@pytest.mark.parametrize("namespace", ["kube-system", "Shop", "", "-a", "a" * 64, 7])
def test_a_bad_namespace(namespace: object, schema: Draft202012Validator) -> None:
    good = stack(copy.deepcopy(GOOD))
    assert schema.is_valid(good)
    good["config"]["cutover:namespace"] = namespace
    assert not schema.is_valid(good)
