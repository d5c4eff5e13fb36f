"""A project from nothing, as texts: what a folder needs that only the package is installed for."""
