"""The components for programs in any language: a Pulumi component plugin, its package schema, its Construct."""
