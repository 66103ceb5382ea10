"""A question read once: what is kept of it, whether it stands alone, and that any text can be read."""

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cache.decide import Outcome, decide
from core.cache.known import known
from core.cache.question import Parsed, parse
from core.cache.vocabulary.opposites import OPPOSITES
from core.cache.vocabulary.same import HEADS, STRICT

CONTEXT_BOUND = [
    *(
        "",
        " ",
        "?",
        "continue",
        "yes",
        "no",
        "ok thanks",
        "go on",
        "why?",
        "list files",
        "fix it",
        "fix this",
    ),
    *("and in rust?", "and in rust, how do I sort a list?", "and then delete the branch", "the same for go"),
    *("what does this code do", "why does it fail", "explain that again", "make it faster in python"),
    *("what about the second one", "what is wrong with my code", "what is the error"),
    *("do these tests pass in docker", "delete the other one in git"),
]
ALONE = [
    *("how do I exit vim", "what is a monad", "how do I undo the last commit in git", "git undo last commit"),
    *("is it possible to undo a rebase", "find all files that contain the word error"),
    *("how long does it take to build the linux kernel", "list the files in this directory"),
    'fix "permission denied (publickey)"',
]
SAID = """how do i the a of in to from not without all any every 3 10 MB days -x --long /etc/a.txt *.py "q u"
'x' ` python k8s v1.2.3 getUserById file directory delete remove list find older than or and , ? it this below
search for recursively == 2>&1 https://a.b/c?d=e 5% one hundred subdirectories"""
WORDS = st.sampled_from(SAID.split())


@pytest.mark.parametrize("text", CONTEXT_BOUND)
def test_what_needs_context_does_not_stand_alone(text: str) -> None:
    """What "continue" means in one conversation is not what it means in another."""
    assert not parse(text).stands_alone


@pytest.mark.parametrize("text", ALONE)
def test_a_whole_question_stands_alone(text: str) -> None:
    """Only what stands alone can be answered from another conversation."""
    assert parse(text).stands_alone


@settings(deadline=None)  # the first text compiles the patterns
@given(st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=25).map(" ".join)))
def test_any_text_is_read_kept_and_equal_to_itself(text: str) -> None:
    """Nothing a person types may stop the look-up, and the store gives back what it was given."""
    parsed = parse(text)
    assert Parsed.load(parsed.dump()) == parsed
    verdict = decide(parsed, Parsed.load(parsed.dump()))
    assert verdict.outcome is (Outcome.SURE if parsed.tokens else Outcome.NO)


@given(st.lists(WORDS, max_size=14).map(" ".join), st.lists(WORDS, max_size=14).map(" ".join))
def test_sure_does_not_depend_on_who_came_first(one: str, other: str) -> None:
    """If the second question is the first, the first is the second."""
    a, b = parse(one), parse(other)
    assert (decide(a, b).outcome is Outcome.SURE) is (decide(b, a).outcome is Outcome.SURE)


def test_what_another_version_kept_is_refused() -> None:
    """The store then reads the question afresh, rather than compare unlike things."""
    kept = json.loads(parse("how do I exit vim").dump())
    kept[0] += 1
    for text in (json.dumps(kept), "[]", "{}", "3"):
        with pytest.raises(ValueError, match="version"):
            Parsed.load(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("how do I delete a remote branch in git", "what is the way to remove a remote branch with git"),
        ("find all *.conf files below /etc", "search /etc for .conf files"),
        ("install kubernetes on debian", "how to instal kuberntes on debian"),
    ],
)
def test_a_pair_that_is_one_question_shares_words(one: str, other: str) -> None:
    """The look-up finds by two shared words; what it does not find cannot be served."""
    assert len(set(parse(one).words) & set(parse(other).words)) >= 2


def test_no_pair_of_opposites_is_a_pair_of_synonyms() -> None:
    """One word list must not undo what another one guards."""
    groups = [set(line.split()) for line in (*STRICT, *HEADS)]
    pairs = [line.split() for line in OPPOSITES]
    assert not [pair for pair in pairs if any(set(pair) <= group for group in groups)]


def test_the_known_words_are_words() -> None:
    """A slip in the list of good spellings would hide that slip for ever."""
    assert len(known()) > 5000
    assert all(word.isascii() and word.isalpha() and word.islower() for word in known())
    assert not {"repositroy", "enviroment", "seperate", "recieve", "occured"} & known()


def test_reading_and_deciding_load_nothing_heavy() -> None:
    """The one-shot command pays for every import before its first word."""
    script = (
        "import json, sys\n"
        "from core.cache.decide import decide\n"
        "from core.cache.question import parse\n"
        "decide(parse('how do I exit vim'), parse('how do I quit vim'))\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"rapidfuzz", "numpy", "asyncio", "sqlite3"} & set(json.loads(done.stdout))
