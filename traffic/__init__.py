"""`make traffic`: releases of every kind on real pods under steady load, with and without faults, each held to a bar.

A *cell* is one scenario on one setting: it plays on a stack of its own, through the plain CLI, while the prober sends,
and is judged by what clients saw. Does not own: how requests are sent (`prober`), or what a release does
(`components`).
"""
