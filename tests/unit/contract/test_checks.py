"""The registry of the checks: what the settings, the program and the driver have of each."""

from components.checks.check import Check
from components.checks.registry import Subject, before_switch
from components.settings.release_checks import ReleaseChecks, ReleaseJob, SmokeCheck, SmokeJob, VerifyCommand
from contract.checks import BY_KEY, CHECKS, Gate, gates
from contract.codes import ENDS

SUBJECT = Subject("shop", "prod", "shop-green", "http://shop-green.prod.svc:80")
SMOKE, VERIFY = SmokeCheck(path="/version", expect_body="{version}"), VerifyCommand(command=("bin/verify", "--all"))
EXAMPLES = {
    "smoke": SMOKE,
    "smoke_job": SmokeJob(image="check:1"),
    "verify": VERIFY,
    "verify_after": VerifyCommand(command=("bin/followed",)),
    "before_cutover": ReleaseJob(command=("migrate",)),
}


def asked(settings: ReleaseChecks) -> tuple[Check, ...]:
    return before_switch(settings, SUBJECT)


def test_each_check_is_a_key_of_the_settings_and_refuses_with_a_known_code() -> None:
    assert [kind.key for kind in CHECKS if kind.key not in ReleaseChecks.model_fields] == []
    assert BY_KEY.keys() == ReleaseChecks.model_fields.keys() - {"after_cutover"}
    assert [kind.code for kind in CHECKS if ENDS.get(kind.code) is None] == []


def test_the_program_asks_the_checks_in_the_order_in_which_the_driver_tells_of_them() -> None:
    settings = ReleaseChecks(smoke=SMOKE, verify=VERIFY)
    told = list(gates({key: dict(one) for key, one in EXAMPLES.items()}, "2 of 2 pods"))
    assert [gate.key for gate in told] == [
        "ready", "smoke_job", "smoke", "verify", "before_cutover", "moved", "verify_after",
    ]  # fmt: skip
    by_gate = [gate.says for gate in told if gate.key in BY_KEY and BY_KEY[gate.key].skipped_where_served]
    assert [check.says for check in asked(settings)] == by_gate
    assert asked(ReleaseChecks()) == ()


def test_the_words_of_a_check_hold_its_defaults() -> None:
    for written, full in (
        ({"smoke": {"path": "/"}}, {"smoke": dict(SmokeCheck(path="/"))}),
        ({"verify": {"command": ["a"]}}, {"verify": dict(VerifyCommand(command=("a",)))}),
        ({"verify_after": {"command": ["a"]}}, {"verify_after": dict(VerifyCommand(command=("a",)))}),
        ({"before_cutover": {"command": ["a"]}}, {"before_cutover": dict(ReleaseJob(command=("a",)))}),
    ):
        assert list(gates(written, "2 pods")) == list(gates(full, "2 pods"))
    assert next(gates({}, "2 pods")) == Gate("ready", "2 pods ready within 120 s")
