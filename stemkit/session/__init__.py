"""What can be derived from a Session: routing, tempo, what effects are. Pure."""
