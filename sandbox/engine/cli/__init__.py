"""The face of the engine: the Pulumi CLI's commands, flags, output and exit codes."""
