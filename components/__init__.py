"""Zero-downtime releases on Kubernetes as Pulumi components."""
