"""What a dashboard shows beside its look at the cluster: history, plan, the last change."""
