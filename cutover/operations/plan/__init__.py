"""The plan in words: a preview's steps, and the shares of colors that it would give."""
