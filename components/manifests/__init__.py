"""The manifests of the objects in the cluster, and the Pulumi resources that carry them."""
