"""No answer crosses from one context into another: what "continue" means is what stood before it."""

import json
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.cache.candidate import NewEntry
from core.cache.found import Hit, Wanted
from core.cache.keeping import keep
from core.cache.lookup import look_up
from core.cache.scope import context_digest, exact_key, model_key, question_key, scope_of
from core.messages import Message, Role
from tests.core.cache_stage import MODEL, Stage

FOLLOW_UPS = (
    "continue",
    "yes",
    "and in rust?",
    "",
    "fix it",
    "why?",
    "what does this do?",
    "explain the second line of this function in python",
    "how do I undo the last commit in git?",
    "no, the other one",
)
CONTEXTS = 2300
ASKED_IN_EACH = 5


@dataclass(frozen=True, slots=True)
class Context:
    """What stands before a question, and beside it."""

    history: tuple[Message, ...]
    files: tuple[str, ...]

    @property
    def scope(self) -> bytes:
        """Its scope, as the engine makes it."""
        return scope_of("system", "", context_digest(self.history), self.files, {"think": False})

    def wanted(self, text: str) -> Wanted:
        """A question asked in it."""
        return Wanted(
            text, self.scope, MODEL, is_first_turn=not self.history, has_attachments=bool(self.files)
        )


def random_context(chance: random.Random) -> Context:
    """A conversation of nought to four turns from few words, so that many are nearly equal."""
    words = ("use", "git", "a", "list", "of", "rust", "yes", "continue", "b")
    history: list[Message] = []
    for _ in range(chance.randrange(5)):
        for role in (Role.USER, Role.ASSISTANT):
            text = " ".join(chance.choices(words, k=chance.randint(1, 3)))
            history.append(Message(role, text))
    return Context(tuple(history), tuple(chance.choices("abc", k=chance.randrange(3))))


def neighbour(context: Context, chance: random.Random) -> Context:
    """Another context that differs in as little as can be."""
    history, files = context.history, context.files
    match chance.randrange(5) if history else chance.choice((0, 4)):
        case 0:
            return replace(context, files=(*files, "d"))
        case 1:
            at = chance.randrange(len(history))
            other = replace(history[at], text=history[at].text + " ")
            return replace(context, history=(*history[:at], other, *history[at + 1 :]))
        case 2:
            return replace(context, history=history[2:])
        case 3:
            joined = Message(history[0].role, history[0].text + history[1].text)
            return replace(context, history=(joined, *history[2:]))
        case _:
            return replace(context, history=(*history, Message(Role.USER, "")))


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.database.close()


def test_no_answer_is_served_across_contexts(stage: Stage) -> None:
    """10,000 questions in contexts that differ in a space, a file or a turn: none gets another's answer."""
    chance = random.Random(7)
    contexts = list({random_context(chance) for _ in range(CONTEXTS * 3)})[:CONTEXTS]
    answer = stage.answer("continue", "stored").answer
    asked = [
        (each, chance.sample(FOLLOW_UPS, ASKED_IN_EACH)) for each in contexts if each.history or each.files
    ]

    def store(connection: sqlite3.Connection) -> None:
        for context, questions in asked:
            wanted = context.wanted("")
            for text in questions:
                keep(
                    connection,
                    NewEntry(
                        answer,
                        text,
                        wanted.scope,
                        MODEL,
                        is_first_turn=wanted.is_first_turn,
                        has_attachments=wanted.has_attachments,
                    ),
                    0.0,
                )

    stage.database.submit(store).result()
    known = {context.scope for context in contexts}
    count, wrong, right = 0, [], 0

    def ask(connection: sqlite3.Connection) -> None:
        nonlocal count, right
        for context, questions in asked:
            other = neighbour(context, chance)
            while other.scope in known:
                other = neighbour(other, chance)
            wanted = other.wanted("")
            for text in questions:
                count += 1
                if look_up(connection, wanted._replace(text=text), 1.0) is not None:
                    wrong.append((context, other, text))
            right += look_up(connection, context.wanted(questions[0] or questions[1]), 1.0) is not None

    stage.database.read(ask)

    assert count >= 10_000
    assert wrong == []
    assert right == len(asked)


def test_every_part_of_a_scope_stands_apart_from_the_next() -> None:
    """Two parts glued together must not read like two others: `ab` + `c` is not `a` + `bc`."""
    scopes = [
        scope_of("ab", "c", "", (), {}),
        scope_of("a", "bc", "", (), {}),
        scope_of("abc", "", "", (), {}),
        scope_of("", "", "", ("ab", "c"), {}),
        scope_of("", "", "", ("a", "bc"), {}),
        scope_of("", "", "", ("abc",), {}),
        scope_of("", "", "", ("c", "ab"), {}),
        scope_of("", "", "", (), {"a": "1"}),
        scope_of("", "", "", (), {"a": 1}),
        scope_of("", "", "", (), {"a": True}),
        scope_of("", "", "", (), {"a": None}),
        scope_of("", "", "", (), {}),
        scope_of("3:", "", "", (), {}),
    ]

    assert len(set(scopes)) == len(scopes)
    assert scope_of("s", "", "", (), {"a": 1, "b": 2}) == scope_of("s", "", "", (), {"b": 2, "a": 1})
    assert context_digest(()) == ""
    assert context_digest((Message(Role.USER, "a"), Message(Role.ASSISTANT, "b"))) != context_digest(
        (Message(Role.USER, "ab"), Message(Role.ASSISTANT, ""))
    )


def test_a_model_is_known_by_its_digest_and_without_one_by_its_name() -> None:
    """A tag may be pulled anew under the same name; and two hosts may mean two models by one name."""
    assert model_key("a", "qwen3:4b", "x") == model_key("b", "qwen3", "x")
    assert model_key("a", "qwen3:4b", "x") != model_key("a", "qwen3:4b", "y")
    assert model_key("a", "qwen3:4b", "") != model_key("b", "qwen3:4b", "")
    assert model_key("a", "x", "") != model_key("a", "", "x")


def test_keys_are_the_same_in_every_process() -> None:
    """What one leadline stored another must find; a key that changes forgets every answer there is."""
    scope = scope_of("system", "", "", (), {"think": False})
    assert scope.hex() == "25c2321243b77796c253f1a278ea5f4a"
    assert exact_key(scope, MODEL, "How do I undo a commit?").hex() == "f0c0edb6223f2d73842114f135b3c756"
    assert question_key("How do I undo a commit?").hex() == "2d20267a382cd61c84510a68ddebf4de"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How do I undo a commit?", "how do i  undo a commit"),
        ("Git rebase onto main.", "git rebase onto main"),
        ("what is Python?", "What is python"),
        ("I'm lost. How do I exit vim?", "i'm lost. how do I exit Vim"),
        (
            "how do I undo a commit that was pushed to the\nserver already and keep what it changed?",
            "how do I undo a commit that was pushed to the server already and keep what it changed?",
        ),
        ("how do I undo a commit?", "how do I undo a commit"),
        ("how do I de\ufb01ne a macro", "how do I define a macro"),
        ("don’t panic", "don't panic"),
        ("ｗhat is this thing", "what is this thing"),
        ("what does `Foo` do?", "What does `Foo` do"),
        ("caf\u00e9 au lait", "cafe\u0301 au lait"),
    ],
)
def test_what_says_nothing_changes_no_key(one: str, other: str) -> None:
    """Spaces, the first capital and the last mark are how hands type, not what heads mean."""
    assert question_key(one) == question_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ls -l", "ls -L"),
        ("what does grep -i do", "what does grep -I do"),
        ("what is String in C#", "what is string in C#"),
        ("how does Any work in python", "how does any work in python"),
        ("what does `Foo` do?", "what does `foo` do?"),
        ("what does `a  b` do?", "what does `a b` do?"),
        ('echo "a  b"', 'echo "a b"'),
        ("cut -d' ' f", "cut -d'  ' f"),
        ("explain sort!", "explain sort"),
        ("cd ..", "cd ."),
        ("diff main...", "diff main."),
        ("what is 10²?", "what is 102?"),
        ("why?\n  a\n    b", "why?\n  a\n  b"),
        ("print(X)", "print(x)"),
        ("what is $PATH", "what is $path"),
        ("use HEAD~1", "use head~1"),
        ("what is R?", "what is r?"),
        ("why does if (a)\n b; differ", "why does if (a) b; differ"),
        ("a-b", "a - b"),
        ("is it node_modules", "is it Node_modules"),
        ("what prints\necho a\necho b", "what prints echo a echo b"),
        ("apt update\napt upgrade", "apt update apt upgrade"),
        ("key: a\nother: b", "key: a other: b"),
        ("how do I\nundo a commit", "how do I undo a commit"),
        ("explain the regex ab?", "explain the regex ab"),
        ("in bash, what is $?", "in bash, what is $"),
        ("what is the operator ??", "what is the operator ?"),
        ("what is the operator ??", "what is the operator"),
        ("what is the type of foo: int?", "what is the type of foo: int"),
        ("is a = b?", "is a = b"),
        ("what is x.await?", "what is x.await"),
        ("git checkout main…", "git checkout main"),
        ("what is ℂ", "what is C"),
        ("what is ①", "what is 1"),
        ("what is ½", "what is 1⁄2"),
        ("convert ℃ to ℉", "convert °C to °F"),
    ],
)
def test_what_may_mean_something_changes_the_key(one: str, other: str) -> None:
    """A flag, a name or a literal in another case is another question."""
    assert question_key(one) != question_key(other)


def test_an_exact_hit_imports_nothing_it_could_do_without(tmp_path: Path) -> None:
    """`leadline ask` prints a stored answer before Python has loaded what only a model needs."""
    stage = Stage(tmp_path / "leadline.db")
    stage.keep("how do I exit vim?", ":q!")
    stage.database.close()
    script = """
import json, sqlite3, sys
before = set(sys.modules)
from core.cache.found import Wanted
from core.cache.lookup import look_up
from core.cache.scope import model_key, scope_of
connection = sqlite3.connect(sys.argv[1])
wanted = Wanted("How do I exit vim", scope_of("system", "", "", (), {}), model_key("", "", "sha256:abc"))
found = look_up(connection, wanted, 1e9)
print(json.dumps([found.text, found.outcome, sorted(set(sys.modules) - before)]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "leadline.db")],
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
        timeout=100,
    )

    text, outcome, modules = json.loads(done.stdout)
    assert (text, outcome) == (":q!", Hit.EXACT)
    slow = {"asyncio", "httpx", "sqlite_utils", "platformdirs", "rapidfuzz", "concurrent", "dataclasses"}
    assert not slow & {name.partition(".")[0] for name in modules}
    assert not {"core.cache.question", "core.cache.decide", "core.messages"} & set(modules)
