"""The output for people and pipelines: progress while a command runs, its result at the end."""
