"""rapidfuzz is imported as a whole, by threads that may do so at the same moment."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
AT_ONCE = """
import importlib, sys, threading
sys.setswitchinterval(1e-6)
ready, bad = threading.Barrier(2), []
def warm():
    ready.wait()
    importlib.import_module("rapidfuzz")
def use():
    ready.wait()
    try:
        from rapidfuzz import fuzz
        fuzz.ratio("a", "b")
    except Exception as error:  # whatever it is, the one who started the thread is told
        bad.append(error)
threads = [threading.Thread(target=each) for each in (warm, use)]
for each in threads: each.start()
for each in threads: each.join()
sys.exit(str(bad) if bad else 0)
"""


def _dotted(file: Path) -> list[str]:
    """Where a file names a module inside of rapidfuzz."""
    found = []
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        names: list[str] = []
        match node:
            case ast.ImportFrom(module=str(name)):
                names = [name]
            case ast.Import(names=aliases):
                names = [alias.name for alias in aliases]
            case ast.Constant(value=str(name)):
                names = [name]
        found += [f"{file.relative_to(ROOT)}: {name}" for name in names if name.startswith("rapidfuzz.")]
    return found


def test_no_module_inside_of_rapidfuzz_is_named() -> None:
    """Python takes the lock of the inner module first, and rapidfuzz imports all of them itself.

    Two threads then wait for each other, and Python gives one of them half a module: the first question
    crashed where it was asked while the screen was still warming up.
    """
    files = [file for room in ("core", "tui") for file in (ROOT / room).rglob("*.py")]
    assert len(files) > 100
    assert [found for file in files for found in _dotted(file)] == []


def test_two_threads_may_import_it_at_the_same_moment() -> None:
    """What the screen warms and what the first question needs are the same."""
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", AT_ONCE], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
