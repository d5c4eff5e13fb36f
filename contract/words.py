"""The program's words that the driver reads in what the engine tells of a run."""

NOT_ASKED = "its smoke check is not asked"
"""In a plan: the release served before, so it only has to be ready."""
