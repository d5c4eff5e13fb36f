"""The table at the end, and the same as JSON in `.sandbox/demo.json`."""

import json
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from demo.verdict import Played
from prober import Result
from sandbox.paths import ROOT
from sandbox.pulumi import Engine

JSON_PATH = ROOT / ".sandbox" / "demo.json"


def document(
    played: list[Played],
    results: Mapping[str, Result],
    engine: Engine,
    cluster: str,
    *,
    complete: bool,
    seconds: float,
) -> dict[str, Any]:
    """The whole demo in numbers: `requests` and `failed` of the whole account, moments between two steps included."""
    failed = sum(result.failed for result in results.values())
    return {
        "ok": complete and not failed and not any(step.problems for step in played),
        "requests": sum(result.requests for result in results.values()),
        "failed": failed,
        "traffic": {name: _in_short(result) for name, result in results.items()},
        "seconds": round(seconds, 1),
        "engine": {
            "command": str(engine.command),
            "version": engine.version,
            "provider": engine.provider,
            "origin": engine.origin,
        },
        "cluster": cluster,
        "steps": [step.to_json() for step in played],
    }


def write(numbers: dict[str, Any]) -> None:
    """Keep the numbers for whoever comes after."""
    JSON_PATH.parent.mkdir(exist_ok=True)
    JSON_PATH.write_text(json.dumps(numbers, indent=2) + "\n")


def show(console: Console, played: list[Played], numbers: dict[str, Any]) -> None:
    """The table, the problems, and one line that says it all."""
    table = Table(title="What the clients saw", title_justify="left", show_lines=True)
    for heading, options in _COLUMNS:
        table.add_column(heading, **options)
    for step in played:
        table.add_row(
            f"[{'red' if step.problems else 'green'}]{'✖' if step.problems else '✔'}[/]",
            step.step.title,
            f"{step.seconds:.1f}",
            "\n".join(_answers(step)) or "-",
            f"[red]{step.failed}[/]" if step.failed else "0",
            escape(_one_line(step.refused.split("\n")[0])) or "-",
        )
    console.print()
    console.print(table)
    for step in played:
        for problem in step.problems:
            console.print(f"[red]✖[/] {step.step.title}: {escape(problem)}", highlight=False)
    requests, failed = numbers["requests"], numbers["failed"]
    counted = f"{requests:,} requests, {failed} failed" if numbers["traffic"] else "no traffic was sent"
    color, word = ("green", "done") if numbers["ok"] else ("red", "not as it should be")
    console.print(f"[bold {color}]{word}[/]: {counted}, {numbers['seconds']:.0f} s. Details: .sandbox/demo.json")


_COLUMNS: list[tuple[str, dict[str, Any]]] = [
    ("", {}),
    ("step", {}),
    ("seconds", {"justify": "right"}),
    ("answers per version", {"no_wrap": True}),
    ("failed", {"justify": "right"}),
    ("what refused what", {"overflow": "fold"}),
]


def _one_line(text: str) -> str:
    """Without the line ends of a quoted body."""
    return " ".join(text.replace("\\n", " ").split())


def _in_short(result: Result) -> dict[str, Any]:
    wanted = ("target", "seconds", "requests", "failed", "kinds", "failures", "latency_ms", "worst_lateness_ms")
    return {key: value for key, value in result.summary().items() if key in wanted}


def _answers(step: Played) -> list[str]:
    return [
        f"{service}  " + ", ".join(f"{version}: {count:,}" for version, count in versions.items())
        for service, versions in step.answers.items()
    ]
