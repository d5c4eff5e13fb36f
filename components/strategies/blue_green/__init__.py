"""Blue/green: two releases of a service, one of them live; and groups of such services."""
