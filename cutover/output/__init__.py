"""What people and pipelines see: progress while a command runs, its result at the end."""
