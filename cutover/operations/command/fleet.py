"""One verb on several stacks: a process for each, so many at a time, one wave after the other, one table at the end.

A process of its own gives each stack its own engine, signals and exit code; its progress comes through with the stack's
name before it, its result as JSON.
"""

import contextlib
import json
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any

from contract.text import printable
from cutover import app
from cutover.errors import Exit, Interrupted, UsageError
from cutover.operations.command.run import SIGNALS
from cutover.operations.command.waves import waves
from cutover.options import Options
from cutover.output.report import Report
from cutover.shipped import HOME
from cutover.stackfile.find import stack_name

_HOME = str(HOME)
# An environment's packages stay where they are on the path: in front they would go before the standard library's.
START = f"import sys; {_HOME!r} in sys.path or sys.path.insert(0, {_HOME!r}); from {app.__name__} import main; main()"
"""What a Python of this environment runs to be the driver, with a command line of its own."""
_VALUED = ("--stack", "-s", "--parallel", "--waves")
_PLAIN = ("--stop-on-failure", "--json", "--yes", "-y")
_NOT_BEGUN = "not-begun"

Json = dict[str, Any]


def run_fleet(verb: str, options: Options, paths: list[Path]) -> int:
    """Run the verb of this process's command line on each stack; the exit code of the first, in order, that failed, or
    of an interruption where a signal left stacks over.
    """
    names = [stack_name(path) for path in paths]
    with Report(as_json=options.json) as report:
        planned = waves(options.waves, names)
        _confirm(verb, options, planned)
        found = _Fleet(verb, options, report).run(planned)
        left = any(result["result"] == _NOT_BEGUN for result in found)
        done = Interrupted.exit_code if left else Exit.DONE
        code = int(next((result["exitCode"] for result in found if result["exitCode"]), done))
        report.lines(table(found))
        report.document({"verb": verb, "exitCode": code, "stacks": found})
    return code


def table(results: list[Json]) -> str:
    """A line per stack, aligned: its wave where there are several, stack, result, seconds, the message's first line."""
    rows = [("WAVE", "STACK", "RESULT", "SECONDS", "MESSAGE")]
    for result in results:
        head = (str(result.get("message", "")).splitlines() or [""])[0]
        wave, seconds = str(result.get("wave", "")), f"{result.get('seconds', 0):.1f}"
        rows.append((wave, result["stack"], result["result"], seconds, head))
    rows = rows if any(wave for wave, *_ in rows[1:]) else [("", *row[1:]) for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    kept = [column for column in range(4) if widths[column]]
    return "\n".join("  ".join([*(row[i].ljust(widths[i]) for i in kept), row[4]]).rstrip() for row in rows)


def child_words(words: list[str], stack: str) -> list[str]:
    """This process's command line, for one stack."""
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in _VALUED:
            skip = True
        elif (
            word in _PLAIN
            or word.startswith(("--stack=", "--parallel=", "--waves="))
            or (word[:2] == "-s" and word[2:3] not in ("", "-"))
        ):
            continue
        else:
            kept.append(word)
    return [*kept, "--stack", stack, "--json"]


class _Fleet:
    def __init__(self, verb: str, options: Options, report: Report) -> None:
        self._verb = verb
        self._options = options
        self._report = report
        self._children: dict[str, subprocess.Popen[str]] = {}
        self._halt = threading.Event()

    def run(self, planned: list[list[str]]) -> list[Json]:
        """The results, in the order of the names. A wave begins once the one before went well; its stacks run side by
        side unless `--parallel` says how many.
        """
        before = {number: signal.signal(number, self._pass_on) for number in SIGNALS}
        found: list[Json] = []
        try:
            for number, wave in enumerate(planned, 1):
                if len(planned) > 1 and not self._halt.is_set():
                    self._report.say(f"wave {number} of {len(planned)}: {', '.join(wave)}")
                at_once = self._options.parallel or (len(wave) if self._options.waves else 1)
                with ThreadPoolExecutor(at_once) as pool:
                    results = list(pool.map(self._one, wave))
                if len(planned) > 1:
                    results = [{**result, "wave": number} for result in results]
                    if any(result["exitCode"] for result in results):
                        self._halt.set()
                found += results
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)
        return found

    def _one(self, name: str) -> Json:
        if self._halt.is_set():
            why = "not begun, as another one failed or was stopped"
            return {"verb": self._verb, "stack": name, "result": _NOT_BEGUN, "exitCode": 0, "message": why}
        words = child_words(sys.argv[1:], name)
        agreed = ["--yes"] if self._options.changes else []
        with subprocess.Popen(
            [sys.executable, "-c", START, *words, *agreed],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches it through us alone
        ) as child:
            self._children[name] = child
            said: list[str] = []
            listener = threading.Thread(target=self._listen, args=(name, child, said), daemon=True)
            listener.start()
            assert child.stdout is not None  # noqa: S101 - asked for above
            document = child.stdout.read()
            code = child.wait()
            listener.join()
        try:
            result: Json = json.loads(document)
        except ValueError:
            message = said[-1] if said else "it ended without a result"
            result = {
                "verb": self._verb,
                "stack": name,
                "result": "failed",
                "exitCode": code if code > 0 else 1,
                "message": message,
            }
        if result.get("exitCode") and self._options.stop_on_failure:
            self._halt.set()
        return result

    def _listen(self, name: str, child: "subprocess.Popen[str]", said: list[str]) -> None:
        for line in child.stderr or ():
            text = line.rstrip()
            said.append(text)
            words = text.split(" ", 1)
            self._report.say(f"{name}: {words[1] if len(words) > 1 and words[0].endswith('Z') else text}")

    def _pass_on(self, number: int, _: FrameType | None) -> None:
        self._halt.set()
        for child in list(self._children.values()):
            if child.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    child.send_signal(number)


def _confirm(verb: str, options: Options, planned: list[list[str]]) -> None:
    if options.yes or not options.changes:
        return
    if options.json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(f"`{verb}` changes things, and there is nobody to ask", "add --yes")
    sys.stderr.write(printable(f"{verb} on {', then '.join(', '.join(wave) for wave in planned)}") + "\nGo on? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Interrupted("not confirmed; nothing was changed")
