"""The error of a cell that cannot be played."""


class TrafficError(Exception):
    """Something did not go as the cell needs it; the text says what, with the words of whoever said it."""
