"""The restart of pods: new ones are ready before old ones stop."""
