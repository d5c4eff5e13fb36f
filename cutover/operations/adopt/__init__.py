"""New services in the stack's file, from what others wrote for Kubernetes."""
