"""The command ``leadline``: pins `core` to the folder beside this one, then starts.

`core` is a common name. With ``PYTHONPATH=.`` in a project that has a ``core/`` of its own, or as
``python -m tui`` there, an ordinary import would run that project's code instead of ours.
"""

import gc
import os
import sys

from tui import first_frame


def _pin_core() -> None:
    home = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    found = sys.modules.get("core")
    if found is not None and os.path.dirname(os.path.dirname(os.path.realpath(found.__file__ or ""))) == home:
        return
    for name in [name for name in sys.modules if name == "core" or name.startswith("core.")]:
        del sys.modules[name]
    sys.path.insert(0, home)
    try:
        import core  # noqa: F401  (its own path serves every import below it)
    finally:
        sys.path.remove(home)


def main() -> int:
    """Run the command; the exit code."""
    # What is imported from here on lives as long as we do: collecting in between only delays what is seen
    # first (10-50 ms). The screen turns it on again behind its own first frame.
    gc.disable()
    frame = None
    try:
        frame = first_frame.begin_early(sys.argv[1:], os.environ)
        _pin_core()
        from tui.cli import run

        return run(sys.argv[1:], frame)
    except KeyboardInterrupt:  # while all that is imported was being imported
        return 130
    finally:
        if frame is not None:
            frame.restore()


if __name__ == "__main__":
    sys.exit(main())
