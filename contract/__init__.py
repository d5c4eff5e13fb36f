"""The contract of program and driver: pure functions that both need to agree on, and how their processes look for
garbage. Standard library only; imports nothing of this project.
"""
