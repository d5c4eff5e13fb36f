"""Property trees of resources: plain values with marks, paths into them, and how two of them differ."""
