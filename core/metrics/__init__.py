"""What we measure, and what may be said of it."""
