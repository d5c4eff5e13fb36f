"""The contract of program and driver: pure functions that both need to agree on. Standard library only; imports nothing
of this project.
"""
