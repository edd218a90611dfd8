"""Frozen facts that every other room speaks in; no behaviour beyond what a field says."""
