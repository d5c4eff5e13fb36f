"""What is shown of a stack to people who open a page: as records, then as HTML or Markdown. It asks nobody."""
