"""Versions: several releases of a service, each at an address of its own."""
