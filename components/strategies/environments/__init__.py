"""Environments: whole sets of services, one of which takes the traffic."""
