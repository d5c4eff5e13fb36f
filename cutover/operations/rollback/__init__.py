"""A rollback: at once past the engine, and the run that records it or carries it out."""
