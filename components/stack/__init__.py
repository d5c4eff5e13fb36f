"""The config of a whole stack: its model, how it is read, its JSON Schema and its reference page."""
