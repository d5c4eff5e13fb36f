"""The traffic of a service: read from the cluster, moved, verified."""
