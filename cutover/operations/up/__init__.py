"""An edit of the stack's file and the `up` after it: removals, missing objects, the file put right, the commit."""
