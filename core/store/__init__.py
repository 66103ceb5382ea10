"""What is remembered: SQLite, one writer, plain SQL on the hot path."""
