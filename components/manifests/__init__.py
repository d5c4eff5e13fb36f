"""What the components put into the cluster: the manifests, and the resources that carry them."""
