"""`manifests`: what the program would apply, as YAML. Needs no engine and no cluster, and changes nothing."""

import sys
from pathlib import Path

from contract.text import printable
from cutover.reading_options import Cwd, Stack


def manifests(stack: Stack = None, cwd: Cwd = Path()) -> None:
    """Print the objects that `up` would apply, as YAML: for review, policy tools and tests.

    Values of secrets are not shown, and what is adopted is left out.

    Example: cutover manifests --stack prod | kubeconform -
    """
    import yaml

    from cutover.doctor.program import needed_python, registered
    from cutover.stackfile.find import choose, find_project
    from cutover.stackfile.view import read_view

    project = find_project(cwd)
    python = needed_python(project)
    for view in [read_view(path) for path in choose(project, stack)]:
        objects = registered(python, view)
        text = yaml.safe_dump_all(objects, explicit_start=True, width=1000)
        sys.stdout.write(f"# stack {printable(view.name)}\n{text}")
