"""Times of the commands people wait for, as medians and as ratios to an empty program's `up`."""
