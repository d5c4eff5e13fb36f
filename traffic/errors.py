"""What goes wrong while a cell is played."""


class TrafficError(Exception):
    """Something did not go as the cell needs it; the text says what, with the words of whoever said it."""
