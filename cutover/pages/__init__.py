"""The pages about a stack: as records, then as HTML or Markdown. They ask nobody."""
