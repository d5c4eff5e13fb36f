"""The watch of a rolling release from its first ready pod on, until the `up` that rolls it out has ended.

A rollout of many pods, or with a long drain, takes minutes in which users meet the new ones. One that turns bad there
ends the engine's run: the rest of the old pods stay, and the release before is rolled out again.
"""

from collections.abc import Sequence

from cutover.engine.records import WORKLOADS
from cutover.measure import Measurement, Verdict, check_of
from cutover.observe import Api
from cutover.operations.bake.bake_options import BakeOptions
from cutover.operations.bake.early import EarlyWatch
from cutover.operations.bake.new_pods import NewPods
from cutover.operations.command.run import Run
from cutover.strategies.releases import describe, id_of
from cutover.strategies.service import ServiceView


class EarlyRolloutWatch(EarlyWatch):
    """The watch of one service. Only with `smoke`, which says what its pods answer, and whose right it needs."""

    settle_seconds = 0.0  # a pod is asked by itself, so no proxy has to hear of it first

    def __init__(self, run: Run, service: ServiceView, asked: BakeOptions) -> None:
        super().__init__(run, asked)
        self._service, self._before = service, describe(service.served)

    def _has_begun(self) -> bool:
        mine = (one for one in self._run.steps if one.name == self._service.name and one.kind in WORKLOADS)
        return bool(self._service.settings.get("smoke")) and any(one.changes and not one.planned for one in mine)

    def _measurements(self, api: Api) -> Sequence[Measurement]:
        service = self._run.view.services[self._service.name]
        release = service.slots[service.new_slot]
        check, port = check_of(service.settings, release), service.settings.get("port")
        if check is None or port is None:
            return []
        return [NewPods(api, self._run.view.namespace, service.name, id_of(release), int(port), check)]

    def _judged(self, verdict: Verdict) -> Verdict:
        return verdict

    def _go_back(self, verdict: Verdict) -> None:
        """End the run; where nobody may go back it goes on, and that is said at its end."""
        release = self._run.view.services[self._service.name].slots[self._service.new_slot]
        if release.get("rollback") == "forbidden" or self._run.live()[self._service.name].forbidden(self._before):
            return
        self._run.report.say(f"{verdict.reason}; ending the rollout", "error")
        self._run.engine.give_up(verdict.reason)
