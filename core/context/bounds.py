"""How much may go along with a question."""

LARGEST_BYTES = 2 * 1024 * 1024
"""More than any model's window holds. Whoever reads stdin for `read_stdin` may stop one byte after it."""
