"""The program's words that the driver reads in what the engine tells of a run."""

NOT_ASKED = "its checks are not asked again"
"""In a plan: the release served before, so it only has to be ready."""
