"""A promotion: which releases wait, the cutover, fronts, and the way back after a failed bake."""
