"""The one error that the sandbox raises on purpose."""


class SandboxError(Exception):
    """Something the sandbox needs is missing or did not come up; the text says what, why and what to do about it."""
