"""What a way is: one tool with one of its strategies, as the verbs that the cells are made of."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from peers.bench import Bench
from peers.testbed import Testbed

Json = dict[str, Any]
Strategy = Literal["blue-green", "rolling", "canary"]

NOTICED_SECONDS = 10.0  # until a user sees that a release is bad, where no tool looks
PROXIES_SECONDS = 5.0


def wait_for_proxies(stand: Testbed) -> None:
    """What a user does who moved a Service's selector, before the pods that it left are stopped."""
    stand.shell.wait(PROXIES_SECONDS, "until kube-proxy has heard of it")


@dataclass(frozen=True)
class Way:
    """One way."""

    peer: ClassVar[str]
    strategy: Strategy

    def plays(self, _cell: str, strategies: tuple[Strategy, ...]) -> bool:
        """Whether this way can play a cell that is about these strategies."""
        return self.strategy in strategies

    @property
    def name(self) -> str:
        """As in the table, and for `-k`."""
        return f"{self.peer} {self.strategy}"

    @contextmanager
    def installed(self, _bench: Bench) -> Iterator[None]:
        """What the cluster and the machine have to have while this peer plays; removed at its end."""
        yield

    def stays(self, _bench: Bench) -> Json:
        """What of the peer stays in the cluster between releases, as it was just measured."""
        return {}

    def controller_seconds(self) -> float:
        """The processor time of the peer's controller so far."""
        return 0.0

    def deploy(self, stand: Testbed) -> None:
        """The service with GOOD, serving."""
        raise NotImplementedError

    def release(self, stand: Testbed, tag: str) -> None:
        """What a user types for a release of this tag, until the tool has said how it ended."""
        raise NotImplementedError

    def prepare(self, stand: Testbed, tag: str) -> None:
        """A release beside the one that serves, ready, without its traffic."""
        raise NotImplementedError

    def switch(self, stand: Testbed) -> None:
        """What a user types so that what was prepared takes the traffic."""
        raise NotImplementedError

    def rollback(self, stand: Testbed) -> None:
        """What a user types to have the release before back."""
        raise NotImplementedError

    def watched(self, stand: Testbed, tag: str) -> None:
        """A release that is looked at after the switch: by the tool, or by the user, who goes back."""
        self.release(stand, tag)
        stand.shell.wait(NOTICED_SECONDS, "until somebody sees the errors")
        self.rollback(stand)

    def interrupt(self, stand: Testbed) -> None:
        """The user wants something else: Ctrl-C."""
        stand.shell.send(signal.SIGINT)

    def kill(self, stand: Testbed) -> None:
        """What performs the release dies."""
        stand.shell.send(signal.SIGKILL)

    def again(self, stand: Testbed, tag: str) -> None:
        """What a user types after a release of this tag was killed or failed for a reason that is over."""
        self.release(stand, tag)
