"""The one error that ends the demo with a message instead of a traceback."""


class DemoError(Exception):
    """Something the demo needs is missing or went wrong; the text says what, why it matters and what to do."""
