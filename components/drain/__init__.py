"""The drain of pods that no longer get new connections: recycled, replaced, awaited."""
