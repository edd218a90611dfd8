"""The use cases: they put the rooms together."""
