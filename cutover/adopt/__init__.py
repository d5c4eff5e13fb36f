"""What `cutover adopt` knows: what is live, whether it can be taken over, and the config that resembles it."""
