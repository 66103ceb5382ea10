"""Follow-ups that an answer itself suggests: what a person would type next, and nothing that acts."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.speculation.rules import rule_chips
from core.speculation.sifting import MOST_WORDS, offerable

CODE = "Here it is:\n\n```python\ndef f(x):\n    y = x + 1\n    return y\n```\n"
SHELL = "Run these:\n\n```bash\ngit fetch\ngit rebase origin/main\ngit push\n```\n"


def texts(answer: str, question: str = "what now", reason: str = "stop", most: int = 3) -> list[str]:
    return [chip.question for chip in rule_chips(question, answer, reason, most)]


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("Would you like me to add tests as well?", ["yes", "no"]),
        ("Shall I go on?", ["yes", "no"]),
        ("That is the plan. Do you want me to apply it?**", ["yes", "no"]),
        ("So, should I delete the old file?\n", ["yes", "no"]),
        ("> Is that the right file?", ["yes", "no"]),
        ("Should I use asyncio or threads?", ["asyncio", "threads"]),
        ("Do you prefer a list, or a generator?", ["list", "generator"]),
        ("Do you want it in **Go** or `Rust`?", ["Go", "Rust"]),
        ("Tabs or spaces?", ["Tabs", "spaces"]),
        # Nothing plain to say to these, and "yes" would be silly.
        ("What error do you see?", []),
        ("Which version do you use?", []),
        ("Is there anything else I can help you with?", []),
        ("Does that help?", []),
        ("Do you have any other questions?", []),
        ("Should I do it or not?", []),
        ("Is it yours? I think so.", []),
        ("", []),
    ],
)
def test_a_question_at_the_end_offers_its_answers(end: str, expected: list[str]) -> None:
    """An affirmation is the one follow-up that can be foretold (study: 5 % of agents' follow-ups)."""
    assert texts(f"I can do that. {end}") == expected


def test_code_offers_what_is_asked_of_code_but_not_what_was_just_asked() -> None:
    """Who has asked for tests has them now."""
    assert texts(CODE) == ["explain this code", "write tests for it", "how do I run it?"]
    assert texts(CODE, "write tests for f") == ["explain this code", "how do I run it?"]
    assert texts(CODE, "Explain f, please") == ["write tests for it", "how do I run it?"]
    assert texts(SHELL) == ["explain each command"]
    assert texts("```diff\n-a\n+b\n c\n```") == ["explain this change"]
    assert texts("```toml\na = 1\nb = 2\nc = 3\n```") == ["explain these settings"]
    assert texts("```\nlet a = 1;\nlet b = 2;\nlet c = a + b;\n```")[0] == "explain this code"
    assert texts("Use `len`:\n\n```python\nlen(x)\n```") == []  # nothing to explain
    assert texts("```text\na\nb\nc\n```") == []


def test_an_answer_that_was_cut_offers_to_go_on_and_nothing_else() -> None:
    """A cut answer's last sentence is no question, and its code is not all there."""
    assert texts(CODE + "Would you like", reason="length") == ["continue"]
    assert texts("Should I?", reason="length") == ["continue"]


def test_what_is_asked_comes_before_what_could_be_asked() -> None:
    """The best chip is the first: its answer is the one that is made ahead."""
    assert texts(CODE + "\nShall I add types?") == ["yes", "no", "explain this code"]
    assert texts(CODE + "\nShall I add types?", most=1) == ["yes"]
    assert texts(CODE, most=0) == []


def test_a_block_that_is_still_open_hides_the_question_in_it() -> None:
    """A question mark in code is an operator, or a comment."""
    assert texts("```c\nint a = b ? c : d;\nint e;\n// is it?") == []


@pytest.mark.parametrize(
    "option",
    ["@/etc/passwd", "/quit", "!rm -rf ~", "\x1b[31mred", "a" * 100, "one two three four five six"],
)
def test_options_that_would_act_or_do_not_fit_are_not_offered(option: str) -> None:
    """A chip is asked by one key, so a model must not be able to put a command or a file into it."""
    assert not [text for text in texts(f"Do you want {option} or tea?") if text not in ("yes", "no", "tea")]


@given(st.text(max_size=400), st.sampled_from(("stop", "length", "")), st.integers(0, 3))
def test_any_text_gives_few_short_clean_lines(text: str, reason: str, most: int) -> None:
    """Answers are a model's, so anything may stand there."""
    for answer in (text, text + "?", "Use " + text + " or " + text[::-1] + "?", "```" + text + "\n```"):
        chips = rule_chips(text, answer, reason, most)
        assert [chip.place for chip in chips] == list(range(1, len(chips) + 1))
        assert len(chips) <= most
        for chip in chips:
            assert chip.question == offerable(chip.question) != ""
            assert len(chip.question.split()) <= MOST_WORDS


@pytest.mark.parametrize(
    "text",
    ["```\n" * 50_000, "use " * 50_000 + " or ?", "a or " * 50_000 + "?", "?" * 200_000, "` ~" * 60_000],
)
def test_a_long_hostile_answer_costs_no_time_anybody_feels(text: str) -> None:
    """The rules run on the loop, right behind an answer."""
    began = time.perf_counter()
    rule_chips("why", text, "stop", 3)
    assert time.perf_counter() - began < 0.25  # some 20 ms; the machine may be busy
