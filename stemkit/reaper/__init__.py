"""All that knows REAPER: its files, its settings, its link."""
