"""The parts of a dashboard beside its look at the cluster: history, plan, the last change."""
