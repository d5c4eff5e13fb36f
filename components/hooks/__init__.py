"""Checks, routers and drains as hooks of the engine."""
