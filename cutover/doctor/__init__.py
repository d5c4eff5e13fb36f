"""The checks of all that a release needs, one by one, each with its fix. They change nothing."""
