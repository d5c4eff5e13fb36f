"""The stack's history: its updates as data, the releases that earlier ones had, the numbers of updates."""
