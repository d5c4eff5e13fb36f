"""The adoption of live objects: what is there, whether it can be taken over, and the config that resembles it."""
