"""The end of a stack: what another stack owns by now is not deleted."""
