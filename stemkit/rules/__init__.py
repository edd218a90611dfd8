"""Rules: pure functions of facts, each with its metadata, thresholds from a profile."""
