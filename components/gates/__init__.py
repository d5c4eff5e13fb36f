"""What must be true before, at and after a cutover, and the hooks through which the engine asks."""
