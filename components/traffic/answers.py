"""The answers of a public address, by release: requests as users send them, each on a connection of its own."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from components.cluster import watch as limits
from components.cluster.beside import beside
from contract.matches import Match
from contract.text import one_line

if TYPE_CHECKING:
    import httpx2

ANY = Match()
AT_ONCE, AT_MOST = 8, 32
REQUEST_SECONDS = 5.0
MAX_BYTES = 1024 * 1024
NO_ANSWER = "no answer"
NOBODY, NOT_IN_TIME = "not asked as none of the first got an answer", "not asked in time"
SHOWN = 100  # characters of an answer that names no release


@dataclass(frozen=True)
class Answers:
    """The answers of one address. `tells` is what an answer of each color's Service contains, in the body or in the
    `header`.
    """

    address: str
    tells: Mapping[str, str]
    header: str | None = None

    def may_ask(self, condition: Match) -> bool:
        """Whether a request that fits may be sent, and its answer tells: users' addresses are only read from."""
        return condition.method in (None, "GET") or (condition.method == "HEAD" and self.header is not None)

    async def count(self, number: int, hosts: list[str], condition: Match = ANY) -> Counter[str]:
        """Ask so many times; how often each Service answered, and how often anything else did, in words. `hosts` are
        the names that the route takes; the requests fit the `condition`. What has not begun within VERIFY_SECONDS is
        not asked, nor is anything once none of the first ones got an answer.
        """
        return await beside(self._count(number, hosts, condition))

    async def _count(self, number: int, hosts: list[str], condition: Match) -> Counter[str]:
        import httpx2

        host = self._host(hosts)
        headers = {**condition.headers, **({"Host": host} if host else {})}
        address = httpx2.URL(self.address)
        if condition.params:  # without any, what there is would be written anew
            address = address.copy_merge_params(condition.params)
        extensions = {"sni_hostname": host} if host else {}
        connections = httpx2.Limits(max_keepalive_connections=0)

        async with httpx2.AsyncClient(limits=connections, timeout=REQUEST_SECONDS) as http:
            begun = time.monotonic()
            # One for all: what an answer sets as a cookie would send the next ones after it.
            request = http.build_request(condition.method or "GET", address, headers=headers, extensions=extensions)
            first = await asyncio.gather(*(self._ask(http, request) for _ in range(min(number, AT_ONCE))))
            found, left = Counter(first), number - len(first)
            if not left:
                return found
            if all(one.startswith(NO_ANSWER) for one in first):
                return found + Counter({NOBODY: left})
            turns = asyncio.Semaphore(side_by_side(left, time.monotonic() - begun))

            async def ask() -> str:
                async with turns:
                    late = time.monotonic() - begun >= limits.VERIFY_SECONDS
                    return NOT_IN_TIME if late else await self._ask(http, request)

            return found + Counter(await asyncio.gather(*(ask() for _ in range(left))))

    async def _ask(self, http: "httpx2.AsyncClient", request: "httpx2.Request") -> str:
        """Who answers one request, within one time limit from its begin to the last byte. A body that has no end, or is
        longer than a MiB, is judged by what came of it.
        """
        import httpx2

        answer, body = None, bytearray()
        late = f"{NO_ANSWER} (no whole one within {REQUEST_SECONDS:g} s)"
        try:
            async with asyncio.timeout(REQUEST_SECONDS), aclosing(await http.send(request, stream=True)) as answer:
                if self.header or answer.status_code >= 400:
                    return self._who(answer.status_code, answer.headers.get(self.header or "", ""))
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > MAX_BYTES:
                        break
        except (TimeoutError, httpx2.TimeoutException):
            return self._who(answer.status_code, _text(answer, body), late) if answer else late
        except httpx2.HTTPError as error:  # a body in a wrong encoding, too
            return f"{NO_ANSWER} ({type(error).__name__})"
        return self._who(answer.status_code, _text(answer, body))

    def _who(self, status: int, said: str, otherwise: str = "") -> str:
        if status >= 400:
            return f"HTTP {status}"
        found = [service for service, text in self.tells.items() if text in said]
        unnamed = otherwise or f"an answer that names no release: {one_line(said, SHOWN)}"
        return found[0] if len(found) == 1 else unnamed

    def _host(self, hosts: list[str]) -> str | None:
        """The name to ask for where the address does not have one that the route takes."""
        asked = urlsplit(self.address).hostname or ""
        plain = [host for host in hosts if not host.startswith("*.")]
        wild = [host[1:] for host in hosts if host.startswith("*.")]
        if not hosts or asked in plain or any(asked.endswith(end) for end in wild):
            return None
        return plain[0] if plain else f"any{wild[0]}"


def side_by_side(number: int, each_seconds: float) -> int:
    """How many of so many requests are on their way at a time: as few as end in half the time of a look."""
    return min(max(AT_ONCE, math.ceil(number * each_seconds / (limits.VERIFY_SECONDS / 2))), AT_MOST)


def _text(answer: "httpx2.Response", body: bytearray) -> str:
    return bytes(body[:MAX_BYTES]).decode(answer.encoding or "utf-8", errors="replace")
