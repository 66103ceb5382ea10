"""What a measurement was made on, as far as it decides speed; no name of a person, a host or a disk."""

import os
import platform

from core.providers.choice import GIB, memory_bytes


def this_machine() -> str:
    """This machine, as in ``x86_64 · 8 cores · 32 GB``; what the system does not say is left out."""
    memory = memory_bytes()
    cores = os.cpu_count() or 0
    parts = (
        platform.machine(),
        f"{cores} core{'s' * (cores != 1)}" if cores else "",
        f"{memory / GIB:.0f} GB" if memory else "",
    )
    return " · ".join(filter(None, parts))
