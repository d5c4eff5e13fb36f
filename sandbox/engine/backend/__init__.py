"""Where the engine keeps what it knows: projects, stacks, checkpoints, history, locks and secrets.

Files lie in the Pulumi CLI's own file backend layout, so either executable can take over from the other.
"""
