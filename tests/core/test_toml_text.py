"""Changing one setting of a file that a person wrote: the rest stays byte for byte, or nothing is done."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.settings.toml_text import NotFollowed, toml_value, with_value, without_value

FILE = '''\
# mine, and [not] a = "header"
top = 1

[fast]   # the quick one
model = "a" # never "b"
system = """
[deep]
model = "not this one"
"""

  [ deep ]
  "model"   =   'x#y'   # keep me
list = [ # a comment
  "[ui]", 1,
]

# of the screen
[ui]
theme = "leadline-dark"'''


@pytest.mark.parametrize(
    ("section", "key", "value", "old", "new"),
    [
        ("fast", "model", "qwen3:4b", 'model = "a" # never', 'model = "qwen3:4b" # never'),
        ("deep", "model", 'a"b\\', "'x#y'   # keep", '"a\\"b\\\\"   # keep'),
        ("ui", "theme", "leadline-light", '"leadline-dark"', '"leadline-light"'),
        ("fast", "num_ctx", 4096, 'one"\n"""\n', 'one"\n"""\nnum_ctx = 4096\n'),
        ("deep", "ask_above_usd", 0.5, '", 1,\n]\n', '", 1,\n]\nask_above_usd = 0.5\n'),
        ("deep", "list", ("b", 'c"'), '[ # a comment\n  "[ui]", 1,\n]', '["b", "c\\""]'),
        ("ui", "hosts", (), '"leadline-dark"', '"leadline-dark"\nhosts = []\n'),
        ("ui", "notify", False, '"leadline-dark"', '"leadline-dark"\nnotify = false\n'),
        ("prices", "gpt-4.1", "2 8", '"leadline-dark"', '"leadline-dark"\n\n[prices]\n"gpt-4.1" = "2 8"\n'),
    ],
)
def test_one_setting_is_changed_and_nothing_else(
    section: str, key: str, value: object, old: str, new: str
) -> None:
    """Comments, order, blanks, quotes and texts that look like headers are a person's own."""
    assert FILE.count(old) == 1
    assert with_value(FILE, section, key, value) == FILE.replace(old, new)


def test_a_setting_that_is_taken_away_takes_its_line_along() -> None:
    """Also a value of several lines; what is not there leaves the file as it is."""
    assert without_value(FILE, "fast", "model") == FILE.replace('model = "a" # never "b"\n', "")
    several = FILE[FILE.index('system = """') : FILE.index("\n  [ deep ]")]
    assert without_value(FILE, "fast", "system") == FILE.replace(several, "")
    assert without_value(FILE, "fast", "effort") == FILE
    assert without_value(FILE, "keys", "new") == FILE


def test_lines_end_as_they_ended_and_dotted_keys_stay_dotted() -> None:
    """Windows' line ends, and a style that is as good as ours."""
    assert with_value("[fast]\r\nmodel = 'a'\r\n", "fast", "system", "s").endswith('\r\nsystem = "s"\r\n')
    dotted = 'fast.model = "a"\nui.theme = "x"\n'
    assert with_value(dotted, "fast", "num_ctx", 512) == dotted.replace("ui.", "fast.num_ctx = 512\nui.")
    assert with_value(dotted, "fast", "model", "b") == dotted.replace('"a"', '"b"')
    assert with_value("", "deep", "effort", "low") == '[deep]\neffort = "low"\n'


@pytest.mark.parametrize("text", ['fast = {model = "a"}\n', 'fast = {}\n[ui]\ntheme = "x"\n', "fast = 3\n"])
def test_what_is_not_followed_is_refused(text: str) -> None:
    """A file that only nearly says what was meant would be worse than none."""
    with pytest.raises(NotFollowed):
        with_value(text, "fast", "model", "b")


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
@settings(max_examples=150, deadline=None)
def test_any_text_can_be_a_value_and_a_name(key: str, value: str) -> None:
    """What a person gives on the command line is one value, and never more TOML."""
    for text in ("", FILE):
        changed = with_value(text, "prices", key, value)
        assert tomllib.loads(changed)["prices"] == {key: value}
        assert tomllib.loads(without_value(changed, "prices", key)).get("prices", {}) == {}
    assert tomllib.loads(f"a = {toml_value(value)}")["a"] == value


def test_every_file_of_toml_in_reach_is_followed_or_refused() -> None:
    """Real files of other people: one more key, and it is gone again, and the file is what it was."""
    root = Path(__file__).resolve().parents[2]
    files = [root / "pyproject.toml", *(root / "core").rglob("*.toml")]
    assert files
    for file in files:
        text = file.read_bytes().decode()
        added = with_value(text, "leadline-probe", "a.b", "c")
        assert tomllib.loads(added) == tomllib.loads(text) | {"leadline-probe": {"a.b": "c"}}
        assert without_value(added, "leadline-probe", "a.b").startswith(text)
