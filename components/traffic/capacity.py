"""The capacity of a color: its pods against the config, and against the pods that serve at that moment."""

from components.cluster.watch import Watch
from components.releases.view import ReleaseView
from contract.pod_shares import WHOLE, carrying
from contract.words import counted


class Capacity:
    """The numbers of pods of one service."""

    def __init__(self, watch: Watch) -> None:
        self._service, self._cluster, self._say = watch.service, watch.cluster, watch.say

    async def match(self, target: ReleaseView, serving: int, *, alone: bool = True) -> int:
        """How many pods the target needs, brought up here if they lack: under an autoscaler as many as serve now, or
        for a share of the requests that part of them. Warns of lost capacity where it is to serve `alone`, or where its
        autoscaler stops below its part.
        """
        wanted, needed = target.replicas, serving
        if target.scale:
            own = await self._cluster.pods(target.selector)
            share = target.scale.share
            needed = carrying(share, serving) if share < WHOLE and serving else serving
            wanted = min(max(needed, target.replicas), target.scale.most)
            if serving and sum(not pod.terminating for pod in own) < wanted:
                for_share = f" for {share} %" if share < WHOLE else ""
                said = f"{target.color} starts with {counted(wanted, 'pod')}{for_share}, as {serving} serve now"
                self._say(f"{self._service}: {said}")
                await self._cluster.scale(target.scale.kind, target.scale.workload, wanted)
        else:
            await self.restore(target)
        if alone or target.scale:
            await self.warn(target, needed)
        return wanted

    async def warn(self, target: ReleaseView, serving: int) -> None:
        """Warn where a switch would take capacity away. The config tells the number of pods of all but an adopted
        release, whose Deployment, or autoscaler, has a number of its own.
        """
        if target.adopted:
            most = sum(not pod.terminating for pod in await self._cluster.pods(target.selector))
            said, keeps = f"{target.color}, which was adopted, has {most}", "scale its Deployment first to keep as many"
        else:
            most, field = (target.scale.most, "max_replicas") if target.scale else (target.replicas, "replicas")
            said, keeps = f"{target.color} is to have {most}", f"`{field}: {serving}` keeps as many"
        if serving > most:
            self._say(f"{self._service}: {serving} pods serve now, {said}: the switch takes capacity away; {keeps}")

    async def restore(self, view: ReleaseView) -> float:
        """Give a release the pods that the config says where its workload was told to have fewer: the engine compares
        with its state only. How long they may take; 0 where nothing was to be done. More pods than that may be
        somebody's need, so are left alone.
        """
        if view.adopted or view.scale:
            return 0.0
        patience_seconds = 0.0
        for one in await self._cluster.workloads(view.selector, stateful=view.stateful):
            if one.replicas < view.replicas:
                has = f"{one.name} is to have {counted(one.replicas, 'pod')} in the cluster"
                said = f"{has}, and the config says {view.replicas}"
                self._say(f"{self._service}: {said}: somebody scaled it; scaling it back")
                await self._cluster.scale(one.kind, one.name, view.replicas)
                patience_seconds = max(patience_seconds, one.patience_seconds)
        return patience_seconds

    async def shrink(self, old: ReleaseView) -> None:
        """Give the color that was left its standby size: an autoscaler left it at any, and the engine does not know."""
        if old.scale and sum(not pod.terminating for pod in await self._cluster.pods(old.selector)) > old.replicas:
            await self._cluster.scale(old.scale.kind, old.scale.workload, old.replicas)
