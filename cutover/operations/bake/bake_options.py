"""The options of a bake, judged as a whole before anything is touched."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from contract.urls import url_problem
from cutover.errors import UsageError
from cutover.measure.query import PLACEHOLDERS, parse_query, placeholders
from cutover.measure.sources import TOKEN_VARIABLE

SHORTEST_INTERVAL_SECONDS = 0.1

Problem = tuple[str, str]
"""What is wrong with a command line, and what mends it."""


def refuse(problems: Iterable[Problem]) -> None:
    """Raises UsageError with all of them at once; nothing where there is none."""
    if found := list(problems):
        raise UsageError("\n".join(what for what, _ in found), "; ".join(dict.fromkeys(fix for _, fix in found)))


@dataclass(frozen=True)
class BakeOptions:
    """The options of a bake."""

    seconds: float
    interval_seconds: float
    probe: bool
    urls: tuple[str, ...]
    prometheus: str | None
    queries: tuple[str, ...]
    failure_limit: int

    def check(self, *, load: bool = False, of_a_walk: Mapping[str, object] = MappingProxyType({})) -> None:
        """The judgment of all options at once. `load`: there is one, which is a measurement as well; `of_a_walk` are
        options that belong to one, which this is none, None where not given. Raises UsageError.
        """
        given = [option for option, value in of_a_walk.items() if value is not None]
        fix = "add --steps 1,5,25,50,100, or leave it out"
        lost = [(f"{option} is of a walk, and there are no steps", fix) for option in given]
        refuse([*lost, *self.problems(load=load)])

    def problems(self, *, load: bool = False) -> Iterator[Problem]:
        """The faults of the options, one by one, each with what mends it."""
        if not self.seconds:
            given = {"--probe-url": self.urls, "--prometheus": self.prometheus, "--query": self.queries}
            for option in (option for option, value in given.items() if value):
                yield f"{option} measures during a bake, and there is none", "add --bake 5m, or leave it out"
        elif not (self.probe or self.urls or self.queries or load):
            yield "--bake has nothing to measure", "leave out --no-probe, or add --probe-url, --load or --query"
        if self.interval_seconds < SHORTEST_INTERVAL_SECONDS:
            shortest = f"{SHORTEST_INTERVAL_SECONDS:g}s"
            yield (
                f"--interval is {self.interval_seconds:g} s: the looks would be a load",
                f"--interval {shortest} or more",
            )
        for number, url in enumerate(self.urls, 1):
            which = f"--probe-url (number {number})" if len(self.urls) > 1 else "--probe-url"
            yield from _address(which, url)
        yield from self._of_prometheus()
        yield from self._of_queries()

    def _of_prometheus(self) -> Iterator[Problem]:
        if self.queries and not self.prometheus:
            yield "--query needs a Prometheus", "--prometheus URL"
        if self.prometheus and not self.queries:
            yield "--prometheus is asked nothing", "add --query 'NAME=PROMQL<LIMIT', or leave it out"
        if self.prometheus:
            yield from _address("--prometheus", self.prometheus)
            if "?" in self.prometheus or "#" in self.prometheus:
                yield "--prometheus has a query or a fragment", "name the address below which /api/v1/query is"
            if problem := token_problem(os.environ.get(TOKEN_VARIABLE, "")):
                yield f"the token in {TOKEN_VARIABLE}: {problem}", "set it to the token alone, without a line break"

    def _of_queries(self) -> Iterator[Problem]:
        names: list[str] = []
        for text in self.queries:
            if unknown := [one for one in placeholders(text) if one not in PLACEHOLDERS]:
                known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
                for one in unknown:
                    yield f"--query: {{{one}}} stands for nothing", f"name one of {known}"
            try:
                names.append(parse_query(text).name)
            except ValueError as error:
                yield f"--query: {error}", "write it as --query 'NAME=PROMQL<LIMIT'"
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"--query: two are called {name}", "give each a NAME of its own"


def _address(which: str, url: str) -> Iterator[Problem]:
    if problem := url_problem(url):
        yield (
            f"{which} is no address that can be asked: {problem}",
            "write it as http://host:port/path or https://host/path",
        )


def token_problem(token: str) -> str | None:
    """Why this token can be no HTTP header; None where it can. It is not repeated."""
    if any(not 33 <= ord(character) <= 126 for character in token):
        return "it holds a space or a character beyond ASCII, which no HTTP header may"
    return None
