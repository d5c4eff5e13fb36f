"""A rollback: the way back by an edit and an `up`, or at once by the live Service."""
