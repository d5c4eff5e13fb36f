"""The program of every stack: its configuration, the components it asks for, what the stack exports."""

from components.program import run

run()
