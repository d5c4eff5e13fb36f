"""The checks of a release: each asks one question before the release takes the traffic, and changes nothing."""
