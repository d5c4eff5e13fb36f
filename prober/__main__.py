"""`python -m prober URL`: send traffic, print the sums as JSON; with `--controlled`, as the child of a `Prober`."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from prober.kinds import KIND_NAMES, QUICK_KINDS
from prober.result import Result
from prober.run import Plan, Run
from prober.target import Target, TargetRefusedError

_PROGRESS_SECONDS = 0.5


def main() -> int:
    """Exit code 0: no request failed; 1: some did; 2: not asked properly."""
    args = _arguments()
    try:
        plan = Plan(
            target=Target.parse(args.url, allowed_hosts=args.allow_host, named=args.host),
            rate_per_second=args.rate,
            seconds=args.seconds,
            kinds=tuple(args.kind or QUICK_KINDS),
            timeout_seconds=args.timeout,
        )
    except (TargetRefusedError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if args.controlled:
        asyncio.run(_controlled(plan))
        return 0
    try:
        result = asyncio.run(_alone(plan))
    except KeyboardInterrupt:
        print("error: interrupted; nothing is reported of a run that was cut off.", file=sys.stderr)
        return 130
    print(json.dumps(result.summary(), indent=2))
    if args.json_out:
        Path(args.json_out).write_text(json.dumps(result.to_json()))
    return 1 if result.failed else 0


async def _alone(plan: Plan) -> Result:
    return await Run(plan=plan).go()


async def _controlled(plan: Plan) -> None:
    run = Run(plan=plan)
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    sending = asyncio.create_task(run.go())
    helpers = [asyncio.create_task(_obey(commands, run)), asyncio.create_task(_report(run))]
    result = await sending
    for helper in helpers:
        helper.cancel()
    _say({"result": result.to_json()})


async def _obey(commands: asyncio.StreamReader, run: Run) -> None:
    while line := await commands.readline():
        message = json.loads(line)
        if "mark" in message:
            run.mark(message["mark"], message["at"])
        elif "latencies" in message:
            _say({"latencies": run.latencies_ms(message["latencies"])})
        else:
            run.stop()
    run.stop()


async def _report(run: Run) -> None:
    while True:
        await asyncio.sleep(0)
        _say({"progress": asdict(run.progress)})
        await asyncio.sleep(_PROGRESS_SECONDS)


def _say(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m prober", description=__doc__)
    parser.add_argument("url", help="http[s]://host[:port] of a podinfo, with a path of any application (see --kind)")
    parser.add_argument("--rate", type=float, default=200.0, help="requests per second (default 200)")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to send (default 10)")
    parser.add_argument("--timeout", type=float, default=5.0, help="seconds until a request counts as failed")
    parser.add_argument(
        "--kind",
        action="append",
        choices=KIND_NAMES,
        help="this kind of client (repeatable); unless given the quick ones, which ask podinfo. "
        "url-new and url-keep-alive ask any application for the URL's path",
    )
    parser.add_argument("--allow-host", action="append", default=[], help="a host of yours outside the sandbox")
    parser.add_argument("--host", default="", help="the host to ask for at the URL's address: what its route is for")
    parser.add_argument("--json-out", help="write every answer and failure to this file")
    parser.add_argument("--controlled", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
