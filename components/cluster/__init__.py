"""The cluster as the gates see it: the connection, the few questions, the answers as plain records."""
