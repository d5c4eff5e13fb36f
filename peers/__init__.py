"""`make peers`: the same releases by this project and by others, under the same load, side by side.

A *cell* is one situation (a release, one that answers wrongly …), a *way* is one tool with one of its strategies. Each
way plays each cell in a fresh namespace of a cluster of its own, and a *row* keeps what clients saw and what the user
typed. Does not own: how requests are sent (`prober`), the application and the cluster (`traffic`, `sandbox`).
"""
