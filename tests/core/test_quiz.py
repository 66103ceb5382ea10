"""The quiz by which models are compared: its questions are true, and nobody passes it by talking."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.context.budget import estimate_tokens
from core.tuning import rules
from core.tuning.quiz import MOST_TOKENS, QuizQuestion, fingerprint, quiz, quiz_name

QUIZ = quiz()
_ANSWERS = Path(__file__).parent / "quiz_answers.txt"

# What a model, or a person who has read too much of one, writes around the same answer.
WRAPPINGS = (
    "  {}\n\n",
    "{}.",
    "`{}`",
    "**{}**",
    "**`{}`**",
    '"{}"',
    "'{}'",
    "“{}”",
    "- {}",
    "> {}",
    "Answer: {}",
    "**Answer:** {}",
    "**Answer: {}**",
    "Final answer: {}",
    "Output: `{}`",
    "The answer is {}",
    "The answer is `{}`.",
    "The correct answer is **{}**.",
    "The output will be `{}`",
    "The answer is:\n\n`{}`",
    "Sure! The answer is {}.",
    "Sure! Here it is:\n\n```\n{}\n```",
    "```\n{}\n```",
    "```text\n{}\n```",
    "```text\n{}",
    "```{}```",
    "<think>\n\n</think>\n\n{}",
    "<think>Is it 4 or 5? Perhaps `x`.</think>{}",
    r"$\boxed{{{}}}$",
)

# Ways to leave it open which of two it is.
HEDGES = (
    "{} or {}",
    "either {} or {}",
    "`{}` or `{}`",
    "**{}** or **{}**",
    "{}, or maybe {}",
    "{}, {}",
    "{}; {}",
    "{} / {}",
    "{} and {}",
    "{}\n{}",
    "- {}\n- {}",
    "```\n{}\n```\n```\n{}\n```",
    "It is {}. No, it is {}",
    "It could be {}, but it is not {}",
    "I think it is {}, perhaps {}",
)


def graded() -> Iterator[tuple[str, bool, str]]:
    """Question, whether it is right, and an answer, as they are noted in the file."""
    id_ = ""
    for line in _ANSWERS.read_text(encoding="utf-8").splitlines():
        if line.startswith(("+ ", "- ")):
            yield id_, line.startswith("+"), line[2:].replace("⏎", "\n")
        else:
            id_ = line


GRADED = list(graded())


def score(answer: str) -> int:
    """How many questions one and the same answer is right for."""
    return sum(question.is_right(answer) for question in QUIZ)


def test_there_are_sixty_questions_of_three_difficulties_in_turn() -> None:
    """Half of a quiz that was broken off says as much of each difficulty as the whole."""
    assert [question.difficulty for question in QUIZ] == ["easy", "normal", "hard"] * 20
    assert len({question.id for question in QUIZ}) == len({question.text for question in QUIZ}) == 60


def test_the_quick_quiz_is_twenty_of_them_in_the_same_proportion() -> None:
    """What was answered for the quick quiz is the same for every model, and of many themes."""
    quick = quiz(is_quick=True)

    assert Counter(question.difficulty for question in quick) == {"easy": 7, "normal": 7, "hard": 6}
    assert set(quick) < set(QUIZ)
    assert len({question.id.partition("-")[0] for question in quick}) >= 10


def test_no_answer_is_long_and_every_question_says_little() -> None:
    """A long answer would measure decoding, and a long question reading; both are measured elsewhere."""
    assert max(estimate_tokens(question.reference) for question in QUIZ) <= MOST_TOKENS
    assert max(estimate_tokens(question.text) for question in QUIZ) <= 120


def test_every_reference_is_right_for_its_own_question_and_for_no_other() -> None:
    """Otherwise a model that answers one question to all of them would be thought able."""
    accepted = {
        (question.id, other.id) for question in QUIZ for other in QUIZ if question.is_right(other.reference)
    }

    assert accepted == {(question.id, question.id) for question in QUIZ}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_the_wrapping_of_an_answer_does_not_count(wrapping: str) -> None:
    """Small models cannot keep to a form; what they know is asked, not how they set it."""
    missed = [question.id for question in QUIZ if not question.is_right(wrapping.format(question.reference))]

    assert missed == []


@pytest.mark.parametrize("hedge", HEDGES)
def test_two_answers_are_none(hedge: str) -> None:
    """Who says both has not decided; half of them would be right by luck."""
    taken = []
    for one, other in zip(QUIZ, [*QUIZ[7:], *QUIZ[:7]], strict=True):
        for said in (
            hedge.format(one.reference, other.reference),
            hedge.format(other.reference, one.reference),
        ):
            taken += [said] if one.is_right(said) or other.is_right(said) else []

    assert taken == []


@pytest.mark.parametrize(
    "denial", ["not {}", "Not `{}`.", "It is not {}.", "It isn't {}", "anything except {}"]
)
def test_a_denial_is_no_answer(denial: str) -> None:
    """The right word with a "not" before it is the wrong answer."""
    assert [question.id for question in QUIZ if question.is_right(denial.format(question.reference))] == []


def test_answers_as_models_write_them_are_graded_as_a_person_would() -> None:
    """Equivalent commands and forms are right; the mistakes that are made often are not."""
    by_id = {question.id: question for question in QUIZ}
    wrong = [case for case in GRADED if by_id[case[0]].is_right(case[2]) != case[1]]

    assert wrong == []


def test_every_question_has_three_right_and_three_wrong_answers_noted() -> None:
    """A rule is known by what it refuses, too; and an id that was renamed shows here."""
    noted = Counter((id_, is_right) for id_, is_right, _ in GRADED)

    assert {id_ for id_, _ in noted} == {question.id for question in QUIZ}
    assert min(noted[question.id, is_right] for question in QUIZ for is_right in (True, False)) >= 3


def test_who_says_nothing_or_always_the_same_scores_nothing() -> None:
    """At most one of sixty, which is below 3 %."""
    said = (
        "",
        " \n",
        "yes",
        "Yes.",
        "no",
        "No.",
        "I don't know",
        "I don't know.",
        "true",
        "None",
        "[]",
        "git",
        ".*",
    )

    assert {text: score(text) for text in said} == dict.fromkeys(said, 0)
    assert max(score(str(number)) for number in range(-10, 60)) <= 1


def test_who_echoes_the_question_scores_nothing() -> None:
    """Some questions hold their answer's words; a model that repeats them has said nothing."""
    forms = ("{}", "You asked: {}", "```\n{}\n```", "**{}**", "Q: {}\nA:")
    echoed = [
        question.id
        for question in QUIZ
        for form in forms
        for part in (question.text, *question.text.splitlines())
        if question.is_right(form.format(part))
    ]

    assert echoed == []


@pytest.mark.parametrize("between", [" ", "\n", ", ", " or ", " / ", "\n\n"])
def test_who_says_everything_scores_nothing(between: str) -> None:
    """All answers at once hold the right one; so does the list of all questions, or a part of it."""
    assert score(between.join(question.reference for question in QUIZ)) == 0
    assert score(between.join(question.text for question in QUIZ)) == 0
    for few in (QUIZ[start : start + 4] for start in range(57)):
        assert not any(question.is_right(between.join(q.reference for q in few)) for question in few)


def test_a_lecture_that_comes_by_the_answer_is_none() -> None:
    """An answer was asked for in one line; the reader would have to find it."""
    lecture = (
        "Let us think about this carefully, step by step, since there are several things to consider here.\n"
        "1. First one might think of {other}, which is common, and in many cases even what is wanted.\n"
        "2. Then there is {reference}, which has its merits as well.\n"
        "3. Last, `{other}` is used by many people in practice.\nWhich one is best depends on what you need."
    )
    for one, other in zip(QUIZ, [*QUIZ[1:], QUIZ[0]], strict=True):
        for said in (
            lecture,
            lecture.replace("\n", " "),
            lecture * 20,
            f"{lecture}\n\n```\n{{reference}}\n```",
        ):
            assert not one.is_right(said.format(reference=one.reference, other=other.reference)), one.id


ODD = (
    "\0" * 599,
    "\u202e" * 500,
    "\ud800",
    "a\u0085b\u2028c",
    "²" * 600,
    "٣" * 20,
    "a" * 100_000,
    " " * 100_000,
    "<think>" + "x" * 100_000,
    "```\n" * 20_000,
    "```\n```\n```\nx\n```\n```\n```",
    *(char * 599 for char in "`*$'\"\\-([|"),
    *(piece * 199 for piece in ("is ", ": ", "= ", "1 ", "1,", "1.", "'a ", "| ", "**a")),
    # Patterns that a careless matcher would try for years.
    "(.*)*x",
    "(.+)+x",
    "(.|.)*x",
    "(.?){4}" * 10,
    "((((.?){4}){4}){4}){4}x",
    "((()){100}){100}",
    ".*" * 39 + "x",
    ".?" * 39 + "x",
    "(?x)(.+) +x",
    "(.+)(?#c)+x",
    "(?:.{0,12}){3}.{0,12}x",
    "(.|.){6}.*.*x",
    "x{99999999999999999999}",
    "[[a]]",
    "(?<name",
)


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_whatever_a_model_sends_is_graded_without_an_error(text: str) -> None:
    """A run of the quiz is not lost, and does not stand still, because of one answer."""
    one_of_each_rule = {type(question.is_right): question for question in QUIZ}.values()
    of_patterns = [question for question in QUIZ if isinstance(question.is_right, rules.Finds)]

    assert not any(question.is_right(text) for question in (*one_of_each_rule, *of_patterns))


def test_a_quiz_has_another_name_when_anything_that_decides_a_grade_has_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Results of different quizzes are not comparable, and must never be mixed in the store."""
    first, *others = QUIZ
    changed: list[QuizQuestion] = [
        replace(first, id="other"),
        replace(first, text=f"{first.text} "),
        replace(first, reference="other"),
        replace(first, is_right=rules.one_of("other")),
    ]
    names = {
        fingerprint(QUIZ),
        fingerprint(others),
        *(fingerprint([question, *others]) for question in changed),
    }
    monkeypatch.setattr(rules, "VERSION", rules.VERSION + 1)

    assert len({*names, fingerprint(QUIZ)}) == 7


def test_the_quick_quiz_has_a_name_of_its_own() -> None:
    """A share of twenty is no share of sixty; the name is the same in every process."""
    full, quick = quiz_name(), quiz_name(is_quick=True)

    assert full == f"{fingerprint(QUIZ)}/full"
    assert quick == f"{fingerprint(QUIZ)}/quick"
    assert " at 0x" not in repr(QUIZ)
