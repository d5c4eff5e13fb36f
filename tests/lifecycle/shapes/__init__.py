"""Workloads of any shape, really run: with stand-ins for images and for all that the manifests refer to."""
