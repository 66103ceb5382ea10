"""The engine: one question from start to end, as typed events."""
