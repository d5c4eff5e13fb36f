"""The commands. Each module has `add_flags(parser, command)` and a function per command that gives an exit code."""
