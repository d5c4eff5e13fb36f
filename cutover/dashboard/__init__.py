"""A page over stacks, kept up to date for all who look at it: one reader of each cluster, and a server on loopback."""
