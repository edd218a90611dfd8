"""Reporters: the same report as text, JSON, JUnit, annotations or a message."""
