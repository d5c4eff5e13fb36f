"""A stand-in for the Pulumi CLI, for machines that have none: enough of its contract to run this project's program."""
