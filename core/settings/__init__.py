"""Settings: what the person chose, where it came from, and where files belong."""
