"""The words by which a plan tells, and the driver reads, that a release's smoke check is not asked again."""

NOT_ASKED = "its smoke check is not asked"
