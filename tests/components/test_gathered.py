"""Objects that many ask for at once: one list, as fresh as a request of one's own."""

import asyncio
from typing import Any

import pytest

from components.cluster.gathered import ALONE, MANY, Gathered
from components.rules.errors import ClusterRefused

PATH = "/api/v1/namespaces/ns/services"


class Server:
    """An API server with objects; each of its answers takes a moment, and says what there was when it was asked."""

    def __init__(self, *names: str, refuses_lists: bool = False) -> None:
        self.names, self.refuses_lists = list(names), refuses_lists
        self.lists, self.singles = 0, 0
        self.most = 0
        self._now = 0

    async def __call__(self, method: str, path: str, *, params: Any = None, missing_ok: bool = False) -> Any:
        assert method == "GET"
        there = list(self.names)
        self._now += 1
        self.most = max(self.most, self._now)
        await asyncio.sleep(0.005)
        self._now -= 1
        if path == PATH:
            assert params == {"labelSelector": "app.kubernetes.io/managed-by=pulumi"}
            self.lists += 1
            if self.refuses_lists:
                raise ClusterRefused("services is forbidden", "", "")
            return {"items": [{"metadata": {"name": one}} for one in there if not one.startswith("other")]}
        assert missing_ok
        self.singles += 1
        name = path.removeprefix(f"{PATH}/")
        return {"metadata": {"name": name}} if name in there else {}


async def _ask(gathered: Gathered, *names: str) -> list[Any]:
    return list(await asyncio.gather(*map(gathered._get, names)))


def _names(found: list[Any]) -> list[str]:
    return [one["metadata"]["name"] if one else "" for one in found]


def test_many_names_are_one_list() -> None:
    names = [f"s{number}" for number in range(60)]
    server = Server(*names)
    assert _names(asyncio.run(_ask(Gathered(server, PATH), *names))) == names
    assert (server.lists, server.singles) == (1, ALONE)


def test_a_few_names_are_asked_for_one_by_one() -> None:
    names = [f"s{number}" for number in range(ALONE + MANY - 1)]
    server = Server(*names)
    assert _names(asyncio.run(_ask(Gathered(server, PATH), *names))) == names
    assert (server.lists, server.singles) == (0, len(names))


def test_what_is_not_in_the_list_is_asked_for_alone() -> None:
    names = [f"s{number}" for number in range(40)]
    server = Server(*names, "other")
    assert _names(asyncio.run(_ask(Gathered(server, PATH), *names, "other", "gone"))) == [*names, "other", ""]
    assert (server.lists, server.singles) == (1, ALONE + 2)


def test_an_answer_is_never_older_than_the_question() -> None:
    """Who asks while a list is under way waits for the next one."""
    names = [f"s{number}" for number in range(40)]
    server = Server(*names[:-1])

    async def ask_twice() -> list[Any]:
        gathered = Gathered(server, PATH)
        first = asyncio.ensure_future(_ask(gathered, *names[:30]))
        for _ in range(5):  # the list is on its way
            await asyncio.sleep(0)
        server.names.append(names[-1])  # the list that is under way does not know of it
        found = await _ask(gathered, *names[20:])
        await first
        return found

    assert _names(asyncio.run(ask_twice())) == names[20:]


def test_a_role_that_forbids_lists_is_asked_once() -> None:
    names = [f"s{number}" for number in range(30)]
    server = Server(*names, refuses_lists=True)
    gathered = Gathered(server, PATH)

    async def twice() -> list[Any]:
        return [*await _ask(gathered, *names), *await _ask(gathered, *names)]

    assert _names(asyncio.run(twice())) == names * 2
    assert server.lists == 1


def test_a_failure_reaches_everybody_who_waits() -> None:
    async def fail(*_: Any, **__: Any) -> Any:
        await asyncio.sleep(0.001)
        raise ClusterRefused("nobody may", "", "")

    async def ask() -> list[Any]:
        gathered = Gathered(fail, PATH)
        return list(await asyncio.gather(*(gathered.get(f"s{one}") for one in range(30)), return_exceptions=True))

    assert all(isinstance(one, ClusterRefused) for one in asyncio.run(ask()))


@pytest.mark.parametrize("count", [1, 50])
def test_names_that_are_asked_for_twice_are_told_twice(count: int) -> None:
    names = [f"s{number % 5}" for number in range(count)]
    assert _names(asyncio.run(_ask(Gathered(Server(*names), PATH), *names))) == names
