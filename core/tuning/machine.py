"""What a measurement was made on, as far as it decides speed; no name of a person, a host or a disk."""


def this_machine() -> str:
    """This machine, as in ``x86_64 · 8 cores · 32 GB``."""
    raise NotImplementedError
