"""Traffic moved past the engine, at once: live Services, labels of pods, routes; and the note that is left of it."""
