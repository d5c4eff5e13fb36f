"""The Kubernetes provider of the sandbox's engine: plans, applies, awaits, reads and deletes objects.

Does not own the state or the order of steps (`sandbox.engine.deploy` does).
"""
