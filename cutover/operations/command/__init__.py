"""A command from its line to its end: the stacks, signals, the result, the notification, the kept document."""
