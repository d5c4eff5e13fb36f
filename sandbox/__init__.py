"""A real Kubernetes and a real Pulumi engine for a machine that has neither: built once from pinned Go modules."""
