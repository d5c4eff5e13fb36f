"""`cutover doctor`: is everything there that a release needs? Reads only; starts the CLI, asks the cluster."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from contract.text import printable
from cutover.errors import Exit, unexpected
from cutover.reading_options import Cwd, Json, Stack, print_document
from cutover.stackfile.find import choose, find_project
from cutover.stackfile.view import StackView, read_view

if TYPE_CHECKING:
    from cutover.doctor.findings import Finding

MACHINE = ""  # the findings that are of no one stack


def doctor(stack: Stack = None, json: Json = False, cwd: Cwd = Path()) -> None:
    """Check the CLI, login, secrets, packages, config, cluster and rights; say how to fix what is wrong.

    Example: cutover doctor --stack prod
    """
    try:
        project = find_project(cwd)
        views = [read_view(path) for path in choose(project, stack)]
        found = _check(project, views)
    except Exception as raised:
        error = unexpected(raised)
        if json:
            print_document({"verb": "doctor", "exitCode": int(error.exit_code), "error": error.what, "fix": error.fix})
        raise error from None
    good = all(finding.good is not False for findings in found.values() for finding in findings)
    if json:
        _print_json(found, good=good)
    else:
        for name, findings in found.items():
            head = f"stack {name}\n" if name else ""
            sys.stdout.write(head + "".join(f"{printable(str(finding))}\n" for finding in findings))
    raise typer.Exit(Exit.DONE if good else Exit.FAILED)


def _check(project: Path, views: list[StackView]) -> "dict[str, list[Finding]]":
    """The findings by stack; those about the machine come first. The CLI, the program and the clusters at once."""
    from cutover.doctor.cli import check_login, check_stack, find_cli
    from cutover.doctor.cluster import check_cluster
    from cutover.doctor.findings import skipped
    from cutover.doctor.program import check_config, check_packages, find_python
    from cutover.operations.up.leftovers import check_orphans

    with ThreadPoolExecutor() as pool:
        clusters = {view.name: pool.submit(check_cluster, view) for view in views}
        python, about_python = find_python(project)
        packages = pool.submit(check_packages, python, project)
        configs = {view.name: pool.submit(check_config, python, view) for view in views}
        cli, about_cli = find_cli(project)
        stacks, about_login = check_login(cli)
        found = {MACHINE: [*about_cli, *about_login, *about_python, packages.result()]}
        for view in views:
            of_stack = check_stack(cli, stacks, view)
            about_cluster = clusters[view.name].result()
            all_well = all(finding.good for finding in (*about_login, *of_stack, *about_cluster))
            orphans = check_orphans(view) if all_well else [skipped("orphans", "needs the state and the cluster")]
            found[view.name] = [configs[view.name].result(), *of_stack, *about_cluster, *orphans]
    return found


def _print_json(found: "dict[str, list[Finding]]", *, good: bool) -> None:
    document = {
        "verb": "doctor",
        "exitCode": int(Exit.DONE if good else Exit.FAILED),
        "checks": [finding.to_json() for finding in found[MACHINE]],
        "stacks": [
            {"stack": name, "checks": [finding.to_json() for finding in findings]}
            for name, findings in found.items()
            if name != MACHINE
        ],
    }
    print_document(document)
