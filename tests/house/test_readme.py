"""README tells what works now: its keys are the table's, its commands are understood."""

import re

from tests.house.readme_keys import README, with_table
from tui.cli import parse_ask


def test_the_keys_in_readme_are_the_keys_of_the_app() -> None:
    """A key that is documented and does nothing is the first thing a newcomer tries."""
    text = README.read_text(encoding="utf-8")

    assert with_table(text) == text


def test_every_option_of_ask_is_in_readme_and_the_other_way_round() -> None:
    """An option nobody can find does not exist; one that is not there is a lie."""
    text = README.read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(--?[\w-]+)", text, re.MULTILINE))

    for option in documented:
        value = ["x"] if option in ("-f", "-m", "-s") else []
        parse_ask([option, *value, "question"], is_demo=False)

    assert documented == {
        *("-f", "-m", "-s", "-c", "-x", "--fit", "--deep", "--no-cache", "--allow-secrets", "--json")
    }
