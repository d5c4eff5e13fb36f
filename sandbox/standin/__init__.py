"""An image that takes the place of any other: it serves the ports that it is told to, whatever a probe asks there."""

from sandbox.standin.image import REPOSITORY, VERSIONS, archive

__all__ = ["REPOSITORY", "VERSIONS", "archive"]
