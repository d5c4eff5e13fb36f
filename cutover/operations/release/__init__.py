"""A new release on the idle color: its content, and its image pinned."""
