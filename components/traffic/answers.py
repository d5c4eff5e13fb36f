"""The answers of a public address, by release: requests as users send them, each on a connection of its own."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from components.cluster.beside import beside
from contract.matches import Match
from contract.text import one_line

ANY = Match()
AT_ONCE = 8
REQUEST_SECONDS = 5.0
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
        the names that the route takes; the requests fit the `condition`.
        """
        return await beside(self._count(number, hosts, condition))

    async def _count(self, number: int, hosts: list[str], condition: Match) -> Counter[str]:
        import httpx2

        host = self._host(hosts)
        headers = {**condition.headers, **({"Host": host} if host else {})}
        address = httpx2.URL(self.address)
        if condition.params:  # without any, what there is would be written anew
            address = address.copy_merge_params(condition.params)
        method = condition.method or "GET"
        extensions = {"sni_hostname": host} if host else {}
        limits = httpx2.Limits(max_keepalive_connections=0)
        turns = asyncio.Semaphore(AT_ONCE)

        async with httpx2.AsyncClient(limits=limits, timeout=REQUEST_SECONDS) as http:

            async def ask() -> str:
                async with turns:
                    try:
                        answer = await http.request(method, address, headers=headers, extensions=extensions)
                    except httpx2.TransportError as error:
                        return one_line(f"no answer ({type(error).__name__})", SHOWN)
                    said = answer.headers.get(self.header, "") if self.header else answer.text
                    return self._who(answer.status_code, said)

            return Counter(await asyncio.gather(*(ask() for _ in range(number))))

    def _who(self, status: int, said: str) -> str:
        if status >= 400:
            return f"HTTP {status}"
        found = [service for service, text in self.tells.items() if text in said]
        return found[0] if len(found) == 1 else f"an answer that names no release: {one_line(said, SHOWN)}"

    def _host(self, hosts: list[str]) -> str | None:
        """The name to ask for where the address does not have one that the route takes."""
        asked = urlsplit(self.address).hostname or ""
        plain = [host for host in hosts if not host.startswith("*.")]
        wild = [host[1:] for host in hosts if host.startswith("*.")]
        if not hosts or asked in plain or any(asked.endswith(end) for end in wild):
            return None
        return plain[0] if plain else f"any{wild[0]}"
