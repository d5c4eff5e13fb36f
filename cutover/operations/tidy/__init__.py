"""`tidy`: what has waited for its time is done, and nothing else."""
