"""How the house is written, as far as a machine can tell."""

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(file for top in ("core", "tui") for file in (ROOT / top).rglob("*.py"))
EMPTY_NAME = re.compile(r"utils?|helpers?|common|misc|.*manager.*")
MOST_LINES = 350
ELSEWHERE = re.compile("(?<![\\w.-])/(?:work)/|(?<![\\w-])(?:shared)/")
"""Paths of the machine this was written on; put so that this file does not hold them."""


def test_there_are_modules_to_look_at() -> None:
    """Were none found, the tests below would pass without looking."""
    assert len(MODULES) > 20


def test_every_module_has_a_name_that_says_something() -> None:
    """Utils, helpers and managers are names for things not understood yet."""
    named = [path for file in MODULES for path in (file.stem, file.parent.name)]
    assert not [name for name in named if EMPTY_NAME.fullmatch(name.lower())]


def test_no_class_is_a_manager() -> None:
    """The same holds for classes."""
    pattern = re.compile(r"^class (\w*(?:Manager|Helper|Util)\w*)", re.MULTILINE)
    assert not [name for file in MODULES for name in pattern.findall(file.read_text("utf-8"))]


def test_a_file_can_be_held_in_the_head() -> None:
    """A file that one can hold in the head is a file one dares to change."""
    lengths = {file: len(file.read_text("utf-8").splitlines()) for file in MODULES}
    assert not [f"{file.relative_to(ROOT)}: {lines}" for file, lines in lengths.items() if lines > MOST_LINES]


def test_every_module_says_what_it_is_for() -> None:
    """A module's docstring is the sign at the door of a room."""
    silent = [file for file in MODULES if not ast.get_docstring(ast.parse(file.read_bytes()))]
    assert not silent


def test_nothing_names_a_path_of_the_machine_it_was_written_on() -> None:
    """Such a path works for one person, and tells the others nothing."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so there is no list of the tree's files")
    listed = subprocess.run([git, "ls-files", "-z"], capture_output=True, cwd=ROOT, check=True).stdout
    named = []
    for name in filter(None, listed.decode().split("\0")):
        file = ROOT / name
        if not file.is_file():  # deleted, and not committed yet
            continue
        text = file.read_bytes().decode("utf-8", errors="ignore")
        named += [f"{name}: {line.strip()[:120]}" for line in text.splitlines() if ELSEWHERE.search(line)]
    assert not named
