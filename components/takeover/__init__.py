"""What others wrote for Kubernetes, as settings of this project with nothing lost. Pure, but for its command line."""
