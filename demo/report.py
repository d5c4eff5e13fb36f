"""The table at the end, and the same as JSON in `.sandbox/demo.json`."""

import json
from typing import Any

from rich.console import Console
from rich.table import Table

from demo.engine import ROOT, Engine
from demo.verdict import Played

JSON_PATH = ROOT / ".sandbox" / "demo.json"


def document(
    played: list[Played], engine: Engine, cluster: str, seconds: float, *, complete: bool, traffic: bool
) -> dict[str, Any]:
    """The whole demo in numbers."""
    return {
        "ok": complete and not any(step.problems for step in played),
        "requests": sum(step.requests for step in played),
        "failed": sum(step.failed for step in played),
        "traffic": traffic,
        "seconds": round(seconds, 1),
        "engine": {"command": engine.command, "version": engine.version, "origin": engine.origin},
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
            step.refused.split("\n")[0] or "-",
        )
    console.print()
    console.print(table)
    for step in played:
        for problem in step.problems:
            console.print(f"[red]✖[/] {step.step.title}: {problem}", highlight=False)
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


def _answers(step: Played) -> list[str]:
    return [
        f"{service}  " + ", ".join(f"{version}: {count:,}" for version, count in versions.items())
        for service, versions in step.answers.items()
    ]
