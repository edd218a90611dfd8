"""Reading, measuring and comparing audio files, in blocks."""
