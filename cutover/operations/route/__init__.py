"""A route that exists: from a service's live Service to its two colors, and back."""
