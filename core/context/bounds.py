"""How much may go along with a question, and how a file is opened that may be anything by then."""

import os

LARGEST_BYTES = 2 * 1024 * 1024
"""More than any model's window holds. Whoever reads stdin for `read_stdin` may stop one byte after it."""


def open_without_waiting(path: str, flags: int, follows: bool = True) -> int:
    """Open a file as `open` asks its `opener` to, without waiting for the other end of a pipe.

    Args:
        follows: a link may stand there; otherwise it is refused with an `OSError`.
    """
    refuse = 0 if follows else getattr(os, "O_NOFOLLOW", 0)
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | refuse)
