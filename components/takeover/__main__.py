"""Measures how many workloads of others the project can hold: each is taken over, made again, and compared.

    python -m components.takeover FOLDER    all *.yaml below it; or files; `-` reads standard input

One line per workload that is not whole, then the count. Exit code 1 where one loses something without a refusal, 2
where there is nothing to read.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from components.rules.errors import ConfigError
from components.takeover.compare import lost_of
from components.takeover.entry import taken
from components.takeover.reading import Unreadable, objects_in
from components.takeover.workloads import Workload, release_of, workloads


def main(arguments: list[str]) -> int:
    """The exit code."""
    if not arguments or "--help" in arguments:
        (sys.stdout if arguments else sys.stderr).write(f"{(__doc__ or '').strip()}\n")
        return 0 if arguments else 2
    if missing := [one for one in arguments if one != "-" and not Path(one).exists()]:
        sys.stderr.write(f"there is no {', '.join(missing)}: name a folder of manifests, a file, or `-`\n")
        return 2
    counts: Counter[str] = Counter()
    for path, one in _found(arguments):
        kind, reasons = judge(one)
        counts[kind] += 1
        for reason in reasons:
            sys.stdout.write(f"{path}: {one.name}: {kind}: {reason}\n")
    whole = ", ".join(f"{counts[kind]} {kind}" for kind in ("whole", "refused", "lossy"))
    sys.stdout.write(f"{counts.total()} workloads: {whole}\n")
    return 1 if counts["lossy"] else 0


def judge(one: Workload) -> tuple[str, list[str]]:
    """Whether a workload is `whole` after it was taken over and made again, `refused` or `lossy`, and why."""
    try:
        lost = lost_of(one, taken(one, release=partial(release_of, one)))
    except ConfigError as error:
        return "refused", [f"{problem.path}: {problem.what}" for problem in error.problems]
    return ("lossy" if lost else "whole"), lost


def _found(arguments: list[str]) -> Iterator[tuple[str, Workload]]:
    for argument in arguments:
        if argument == "-":
            texts = [("-", sys.stdin.buffer.read())]
        else:
            path = Path(argument)
            files = sorted(path.rglob("*.y*ml")) if path.is_dir() else [path]
            texts = [(file.name, file.read_bytes()) for file in files]
        for name, text in texts:
            try:
                objects = objects_in(text)
            except Unreadable:  # a template of Helm's, say
                sys.stdout.write(f"{name}: no YAML: left out\n")
                continue
            for one in workloads(objects):
                yield name, one


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
