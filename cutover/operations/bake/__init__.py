"""The bake: the watch after a switch, its options, its queries, and the load beside it."""
