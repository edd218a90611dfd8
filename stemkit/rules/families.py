"""Importing this module registers every rule."""

from stemkit.rules import content, format, level, naming, numbering, package, provenance, timeline  # noqa: A004, F401
