"""A canary: its weight in the file, and the walk by steps."""
