"""What in a text is a mention: only what leads somewhere, and nothing of the sentence around it."""

import os
from pathlib import Path

import pytest

from core.context.mentions import MentionKind, mentions

HERE = {
    "a.py": "",
    "src/b.py": "",
    "src/deep/c.py": "",
    "with space.py": "",
    "really?": "",
    "Makefile": "",
    "100:200": "",
}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with a few files."""
    for name, text in HERE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def found(text: str, here: Path) -> list[tuple[str, str]]:
    """Names and kinds; each must stand in the text where it says."""
    result = mentions(text, here)
    for mention in result:
        assert text[mention.start] == "@"
        assert text[mention.start : mention.end].strip('@"') == mention.name
    return [(mention.name, mention.kind.value) for mention in result]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@a.py", [("a.py", "file")]),
        ("why does @a.py fail, and @src/b.py not?", [("a.py", "file"), ("src/b.py", "file")]),
        ("@src/", [("src/", "directory")]),
        ("@src", [("src", "directory")]),
        ("@a.py:10-40", [("a.py:10-40", "file")]),
        ("@a.py:10 fails", [("a.py:10", "file")]),
        ("@a.py:10:5: error", [("a.py:10", "file")]),
        ("@a.py:0", [("a.py", "file")]),
        ('@"with space.py"', [("with space.py", "file")]),
        ('@"with space.py:3-4" here', [("with space.py:3-4", "file")]),
        ("@100:200", [("100:200", "file")]),
        ("@src/**/*.py", [("src/**/*.py", "glob")]),
        ("@*.py", [("*.py", "glob")]),
        ("@src/?.py", [("src/?.py", "glob")]),
        ("@./a.py and @./", [("./a.py", "file"), ("./", "directory")]),
        ("@diff", [("diff", "diff")]),
        ("is @staged right?", [("staged", "staged")]),
        ("@clip, @pane", [("clip", "clip"), ("pane", "pane")]),
        ("@pane:%3 @pane:left.", [("pane:%3", "pane"), ("pane:left", "pane")]),
    ],
)
def test_what_resolves_is_a_mention(here: Path, text: str, expected: list[tuple[str, str]]) -> None:
    """Every form that is promised."""
    assert found(text, here) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no sigil",
        "me@a.py",
        "foo@bar.com",
        "npm i left-pad@a.py",
        "git@a.py",
        "@decorator",
        "@media (min-width: 3em)",
        "@",
        "@ a.py",
        "@@",
        "@...",
        "@..",
        "@/",
        "@**bold**",
        "@*",
        "@nothing/**/*.py",
        "@src/*.rs",
        "@difference",
        "@panes",
        "@diff:HEAD~1",
        "@staged:src/a.py",
        " @a.py",
        "\t@a.py",
        "\n@a.py",
        '@"a.py',
        "@//host/share",
        "@\\\\host\\share",
        "@a\0b",
    ],
)
def test_what_leads_nowhere_is_text(here: Path, text: str) -> None:
    """Code, addresses and style sheets are asked about more often than files."""
    assert found(text, here) == []


@pytest.mark.parametrize("behind", [*".,;:!?)]}>'\"`", "...", "?)", "'s", ",@nothing", "。"])
@pytest.mark.parametrize("name", ["a.py", "a.py:3-4", "src/", "diff"])
def test_the_sentence_around_it_is_no_part_of_the_name(here: Path, name: str, behind: str) -> None:
    """People write `see @a.py?` and `(@a.py)`."""
    for text in (f"see @{name}{behind}", f"(@{name}{behind} so"):
        assert [each for each, _ in found(text, here)] == [name]


def test_a_file_that_really_ends_in_a_question_mark_wins(here: Path) -> None:
    """What is there is meant."""
    assert found("@really?", here) == [("really?", "file")]


def test_a_named_source_wins_over_a_file_and_the_file_has_a_path(here: Path) -> None:
    """`@diff` must mean the same everywhere."""
    (here / "diff").write_text("x")

    assert found("@diff @./diff", here) == [("diff", "diff"), ("./diff", "file")]


def test_home_and_absolute_paths(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No shell expands them on the screen."""
    monkeypatch.setenv("HOME", str(here))
    monkeypatch.setenv("USERPROFILE", str(here))

    assert found(f"@~/a.py @{here}/a.py", Path("/")) == [("~/a.py", "file"), (f"{here}/a.py", "file")]


def test_a_vast_text_costs_a_bounded_number_of_looks(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked at every key, also after a megabyte was pasted."""
    looks = 0
    real = os.stat

    def counted(*arguments: object, **more: object) -> os.stat_result:
        nonlocal looks
        looks += 1
        return real(*arguments, **more)  # type: ignore[arg-type]  # passed on as it is

    monkeypatch.setattr(os, "stat", counted)
    for text in ("@a,b,c,d " * 100_000, "@" + "a," * 500_000, "@(" * 500_000, '@"' * 500_000):
        mentions(text, here)

    assert 0 < looks < 4 * 64 * 12 * 2


def test_kinds_are_words_that_can_be_stored() -> None:
    """The screen keeps them beside what it shows."""
    assert {kind.value for kind in MentionKind} == {
        *("file", "directory", "glob", "diff", "staged", "clip", "pane")
    }
