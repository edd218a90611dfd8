"""From a Session to a plan, and from a plan to finished files."""
