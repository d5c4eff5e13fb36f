"""Where a service's traffic goes: read from the cluster, moved, verified."""
