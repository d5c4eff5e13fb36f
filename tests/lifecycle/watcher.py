"""Records every event of a namespace's Services, pods and EndpointSlices while a test runs, for the judge."""

import asyncio
import json
import threading

import httpx2

from tests.lifecycle.judge import Event, Judge, Plan
from tests.lifecycle.kube import Kubernetes, Namespace, eventually

KINDS = ("services", "pods", "endpointslices")


class Watcher:
    """One watch per kind, in a thread of its own, from before the first object is made until `stop`.

    `judges` is switched off by tests that bring about a bad moment on purpose.
    """

    def __init__(self, cluster: Kubernetes, namespace: Namespace) -> None:
        self.judges = True
        self._cluster = cluster
        self._namespace = namespace
        self._events: list[Event] = []
        self._seen: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}  # kind -> uid -> resourceVersion
        self._plans: list[tuple[int, Plan]] = []
        self._failure: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        since = {kind: namespace.listed(kind)["metadata"]["resourceVersion"] for kind in KINDS}
        self._thread = threading.Thread(target=self._run, args=(since,), name=f"watch-{namespace.name}")
        self._thread.start()

    def plan(self, plan: Plan, since: int | None = None) -> None:
        """From now on, or since a revision, the config says this; an empty plan suspends the judgment."""
        self._plans.append((self._namespace.resource_version() if since is None else since, plan))

    def events(self) -> list[Event]:
        """All events so far, once the watches have told what the API server knows now."""
        eventually("the watches to catch up", self._caught_up)
        return list(self._events)

    def violations(self) -> list[str]:
        """What the judge finds in the events so far."""
        return Judge(self._plans).violations(self.events())

    def stop(self) -> None:
        """End the watches."""
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def _caught_up(self) -> bool:
        if self._failure:
            raise self._failure
        return all(
            self._seen[kind]
            == {one["metadata"]["uid"]: one["metadata"]["resourceVersion"] for one in self._namespace.items(kind)}
            for kind in KINDS
        )

    def _run(self, since: dict[str, str]) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._watch_all(since))

    async def _watch_all(self, since: dict[str, str]) -> None:
        async with self._cluster.connect_async() as http:
            watches = [asyncio.create_task(self._watch(http, kind, since[kind])) for kind in KINDS]
            stopped = asyncio.create_task(self._stopped.wait())
            await asyncio.wait([*watches, stopped], return_when=asyncio.FIRST_COMPLETED)
            for task in [*watches, stopped]:
                task.cancel()
            for result in await asyncio.gather(*watches, return_exceptions=True):
                if isinstance(result, Exception):
                    self._failure = result

    async def _watch(self, http: httpx2.AsyncClient, kind: str, revision: str) -> None:
        params = {"watch": "true", "timeoutSeconds": "3000"}
        while True:  # a watch may end in good order at any time; the next goes on where it stopped
            query = {**params, "resourceVersion": revision}
            async with http.stream("GET", self._namespace.path(kind), params=query, timeout=None) as answer:
                answer.raise_for_status()
                async for line in answer.aiter_lines():
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        raise AssertionError(f"the watch of {kind} failed: {event['object']}")
                    revision = event["object"]["metadata"]["resourceVersion"]
                    self._take(Event(int(revision), event["type"], kind, event["object"]))

    def _take(self, event: Event) -> None:
        self._events.append(event)
        uid = event.object["metadata"]["uid"]
        if event.type == "DELETED":
            self._seen[event.kind].pop(uid, None)
        else:
            self._seen[event.kind][uid] = str(event.revision)
