"""The words of the program that the driver finds in the engine's output."""

NOT_ASKED = "its checks are not asked again"
"""In a plan: the release served before, so it only has to be ready."""
