"""The command ``leadline``: pins `core` to the folder beside this one, then starts.

`core` is a common name. With ``PYTHONPATH=.`` in a project that has a ``core/`` of its own, or as
``python -m tui`` there, an ordinary import would run that project's code instead of ours.
"""

import sys
from pathlib import Path


def _pin_core() -> None:
    home = str(Path(__file__).resolve().parent.parent)
    found = sys.modules.get("core")
    if found is not None and str(Path(found.__file__ or "").resolve().parent.parent) == home:
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
    _pin_core()
    from tui.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
