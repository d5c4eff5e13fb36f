"""What happens to the pods that were left: drained, recycled, replaced."""
