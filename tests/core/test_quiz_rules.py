"""The vocabulary of what counts as right, each word by itself."""

import pytest

from core.tuning.command_line import canonical
from core.tuning.patterns import compiled, written_pattern
from core.tuning.reading import MOST_CHARS, readings
from core.tuning.rules import code, command, exactly, finds, letters, numbers, one_of


def test_each_layer_of_wrapping_leaves_a_reading() -> None:
    """A rule may need what another one takes for wrapping: nothing is taken off for good."""
    assert readings("**`x`**.") == ("**`x`**.", "**`x`**", "`x`", "x")


def test_what_is_marked_in_a_sentence_is_read_when_it_is_the_only_thing() -> None:
    """Two marked things are two answers, even when the sentence favours one."""
    assert "x" in readings("With `x` this is done.")
    assert "x" not in readings("With `x` this is done, like `y`.")
    assert "x" not in readings("Without `x`, never.")


def test_one_block_is_read_and_two_are_not() -> None:
    """Which of the two would be meant?"""
    assert readings("This one:\n```\nx\n```\nThat is all.") == ("x",)
    assert readings("```\nx\n```\nand\n```\ny\n```") == ()


def test_a_short_row_that_was_broken_up_is_read_as_one() -> None:
    """A program that prints three things prints them below each other; an explanation is no such row."""
    assert readings("2\n1\n0")[0] == "2 1 0"
    assert readings("210\n" + "Deferred calls run in the opposite order, when the function ends.") == ()


def test_beyond_a_length_nothing_is_read() -> None:
    """Who writes that much has not answered in one line."""
    assert readings("x" * MOST_CHARS) != ()
    assert readings("x" * (MOST_CHARS + 1)) == ()


def test_words_are_compared_without_case_articles_and_noise() -> None:
    """As in "the SIGKILL signal", which is what was asked for; "SIGKILL or SIGTERM" is not."""
    rule = one_of("SIGKILL", "KILL", noise="signal")

    assert all(map(rule, ("sigkill", "The SIGKILL signal.", "It is the signal SIGKILL")))
    assert not any(map(rule, ("SIGTERM", "SIGKILL or SIGTERM", "SIGKILL SIGKILL", "signal", "no SIGKILL")))


def test_characters_that_all_count_are_compared_as_they_stand() -> None:
    """For a variable or an operator a capital letter or a space is another answer."""
    rule = exactly("$x")

    assert all(map(rule, ("$x", "`$x`", "It is `$x`.")))
    assert not any(map(rule, ("$X", "x", "$ x", "$x $x")))


def test_letters_are_compared_without_what_stands_between_them() -> None:
    """A printed row is written with commas, with spaces or without."""
    rule = letters("BDCA", "O(n^2)")

    assert all(map(rule, ("B D C A", "b, d, c, a", "B\nD\nC\nA", "$O(n^2)$", "O(n²)", r"\(O(n^2)\)")))
    assert not any(map(rule, ("B D C", "A B D C A", "B D or C A", "O(2n)")))


def test_expressions_are_compared_without_spaces_and_the_kind_of_quotes() -> None:
    """[1,2] and [1, 2] are the same list; [2, 1] is not."""
    rule = code("['a', 1]")

    assert all(map(rule, ('["a",1]', "[ 'a', 1 ];", "`['a', 1]`")))
    assert not any(map(rule, ("['A', 1]", "['a']", "'a', 1", "[['a', 1]]")))


def test_one_number_may_stand_with_its_unit_and_not_with_another_value() -> None:
    """Two values where one is wanted are a hedge, also when one of them is right."""
    rule = numbers(1024, units="bytes")

    assert all(map(rule, ("1024", "1,024 bytes", "It is 1024.", "2 * 512 = 1024", "1024.0", "1024, 1024")))
    assert not any(
        map(rule, ("1024 or 1000", "1000 to 1024", "-1024", "10245", "1024px", "1024 files", "x1024"))
    )


def test_small_numbers_may_be_spelt() -> None:
    """As in "zero rows", which answers how many."""
    rule = numbers(0, units="rows")

    assert all(map(rule, ("0", "zero", "Zero rows.", "The answer is zero")))
    assert not any(map(rule, ("one", "rows", "none", "zero or two", "zero two")))


def test_several_numbers_are_compared_in_their_order() -> None:
    """What a program prints has an order."""
    rule = numbers(14, 0)

    assert all(map(rule, ("14 0", "14, 0", "(14, 0)", "14\n0")))
    assert not any(map(rule, ("0 14", "14", "14 0 0", "140")))


def test_a_sign_is_part_of_a_number() -> None:
    """Six and minus six are different answers, whichever dash is used."""
    rule = numbers(-6)

    assert rule("-6")
    assert rule("−6")
    assert not rule("6")


SAME_COMMANDS = (
    ("ls -la", "ls -al"),
    ("ls -la", "ls -l -a"),
    ("ls -l x", "ls x -l"),
    ("head -n5 f", "head -n 5 f"),
    ("cut -d: -f1", "cut -d : -f 1"),
    ("git commit --message=x", "git commit --message x"),
    ("git reset -- a", "git reset a"),
    ("echo 'a b'", 'echo "a b"'),
    ("echo a\\ b", "echo 'a b'"),
    ("a|b", "a | b"),
    ("a >x 2>&1", "a > x 2>&1"),
    ("a;", "a"),
)


@pytest.mark.parametrize(("one", "other"), SAME_COMMANDS)
def test_commands_that_mean_the_same_are_equal(one: str, other: str) -> None:
    """Nobody is wrong for the order of options."""
    assert canonical(one) == canonical(other) != ()
    assert command(one)(other)


OTHER_COMMANDS = (
    ("mv a b", "mv b a"),
    ("ls -l", "ls -a"),
    ("chmod +x f", "chmod -x f"),
    ("find -name '*.py'", "find -name *.py"),
    ("echo '$x'", 'echo "$x"'),
    ("a | b", "a || b"),
    ("a > x 2>&1", "a 2>&1 > x"),
    ("a && b", "a; b"),
    ("a", "a a"),
    ("git stash", "git stash pop"),
    ("echo a", "echo A"),
)


@pytest.mark.parametrize(("one", "other"), OTHER_COMMANDS)
def test_commands_that_mean_something_else_are_not_equal(one: str, other: str) -> None:
    """The order of files, a quote that keeps a star from the shell, the order of redirections: they count."""
    assert canonical(one) != canonical(other)
    assert not command(one)(other)


def test_an_open_quote_or_a_whole_page_is_no_command() -> None:
    """A shell would wait for more."""
    assert canonical("echo 'a") == canonical("echo " + "a" * 200) == ()
    assert not command("echo a")("echo 'a")


def test_an_expression_is_graded_by_what_it_finds() -> None:
    """There are many ways to write one; what it does decides."""
    rule = finds("cat", "a cat", but_not=("concat", "category", ""))

    assert all(map(rule, (r"\bcat\b", r"`\bcat\b`", r"/\bcat\b/", r'r"\bcat\b"', r"(?<!\w)cat(?!\w)")))
    assert not any(map(rule, ("cat", r"\bcat", "^cat$", "(cat", "")))


def test_flags_after_the_slashes_are_heeded() -> None:
    """An i says that case does not count, and the pattern is right only with it."""
    assert written_pattern("/^a$/gi") == "(?i)^a$"
    assert finds("A", but_not=("b",))("/^a$/i")


@pytest.mark.parametrize(
    "text",
    [
        r"^\d{3}$",
        r"(\d{1,3}\.){3}\d{1,3}",
        "^(?:[0-9a-f]{2}){3}$",
        r"^(?=.*\d)(?=.*[a-z])[a-z\d]{8,}$",
        "(ab)+",
        "a|b|c",
    ],
)
def test_patterns_that_people_write_are_tried(text: str) -> None:
    """Caution must not cost anybody a right answer."""
    assert compiled(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "(a+)+",
        "(a*)*",
        "(a|a)*",
        "(a?){20}",
        "((a?){4}){4}",
        "a*" * 7,
        "a?" * 7,
        "(?x)(a+) +",
        "(a+)(?#c)+",
        "a{101}",
    ],
)
def test_patterns_that_could_take_for_ever_are_not_tried(text: str) -> None:
    """They come from a model, and would hold up the whole run."""
    assert compiled(text) is None
