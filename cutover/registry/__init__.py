"""Image references, and what the registry says that a tag names. Speaks the distribution protocol, reads only."""
