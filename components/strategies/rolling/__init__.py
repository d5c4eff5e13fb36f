"""Rolling: one Deployment whose pods are replaced a few at a time."""
