"""Commands in what is printed can be typed as they stand in a project of several stacks."""

import json
from pathlib import Path

import pytest

from cutover.errors import GateRefused
from cutover.operations.command.perform import perform
from cutover.operations.command.run import Run
from cutover.options import Options
from cutover.output.commands import for_stack
from cutover.output.result import Result

FIX = (
    "`cutover release shop` with a build; `pulumi up` once; `cutover up --stack dev a`; `pulumi login`; "
    "`cutover init x`"
)
NAMED = (
    "`cutover release shop --stack dev` with a build; `pulumi up --stack dev` once; `cutover up --stack dev a`; "
    "`pulumi login`; `cutover init x`"
)


def test_each_command_names_its_stack_once() -> None:
    assert for_stack(FIX, "dev") == for_stack(NAMED, "dev") == NAMED
    assert for_stack("`kubectl get pods -n x`, a `readiness` and `cutover`", "dev").count("--stack") == 0


@pytest.mark.parametrize(("stacks", "fix"), [(("dev",), FIX), (("dev", "prod"), NAMED)])
def test_the_stack_is_named_where_there_are_several(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], stacks: tuple[str, ...], fix: str
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: x\n")
    for stack in stacks:
        (tmp_path / f"Pulumi.{stack}.yaml").write_text("config:\n  cutover:services:\n    shop: {active: blue}\n")

    def body(_: Run) -> Result:
        raise GateRefused("not ready; then `pulumi up`", FIX)

    with pytest.raises(SystemExit):
        perform("up", Options(changes=True, cwd=tmp_path, json=True, yes=True, stack="dev"), body)
    document = json.loads(capsys.readouterr().out)
    assert document["fix"] == fix
    assert ("`pulumi up --stack dev`" in document["message"]) == (len(stacks) > 1)
