"""The demo model: it finds what it knows, says so when it does not, and speaks like a real model."""

import ast
import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import aclosing
from functools import cache
from itertools import count

import pytest

from core.context.prompt import with_attachments
from core.errors import ModelMissing, RequestRejected
from core.events import TextDelta
from core.messages import Attachment, Message, Role
from core.providers.base import Ended, Piece, Profile, Provider, Request
from core.providers.demo import MODEL_NAME, DemoProvider, Pace, estimate_tokens
from core.providers.demo_answers import Prepared, Repertoire, load_repertoire
from core.providers.demo_speech import compose
from core.sanitise import clean
from tui.keys import ACTIONS, commands

HONEST = "I am the demo model: I only know some thirty prepared answers, and this is not one of them."


@cache
def repertoire() -> Repertoire:
    return load_repertoire()


def found(question: str) -> str | None:
    answer = repertoire().find(question)
    return answer.id if answer else None


def request(*texts: str, num_predict: int = 2048, model: str = MODEL_NAME) -> Request:
    """Let the person and the model speak in turns, the person first."""
    roles = (Role.USER, Role.ASSISTANT)
    messages = tuple(Message(roles[place % 2], text) for place, text in enumerate(texts))
    return Request(model, messages, Profile(8192), num_predict)


class Sleeper:
    """Sleeps in no time, and remembers how long it should have been."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


def answer(asked: Request, sleeper: Sleeper | None = None) -> list[Piece]:
    async def main() -> list[Piece]:
        provider = DemoProvider(sleep=sleeper or Sleeper())
        async with aclosing(provider.stream(asked)) as pieces:
            return [piece async for piece in pieces]

    return asyncio.run(main())


def text_of(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, TextDelta))


def fences(language: str) -> Iterator[tuple[str, str]]:
    """Find the code blocks of a language, with the answer they stand in."""
    for one in repertoire().prepared:
        for indent, code in re.findall(
            rf"^( *)```{language}\n(.*?)^ *```$", one.text, re.MULTILINE | re.DOTALL
        ):
            yield one.id, re.sub(rf"^{indent}", "", code, flags=re.MULTILINE)


# ---- what it knows ----


@pytest.mark.parametrize("one", load_repertoire().prepared, ids=lambda one: one.id)
def test_each_wording_finds_its_own_answer(one: Prepared) -> None:
    """Two answers that take each other's questions would show only when somebody asks."""
    for ask in (*one.asks, *one.exactly):
        assert found(ask) == one.id, ask


def test_no_two_answers_share_the_words_that_count() -> None:
    """Which of the two came first in the file would decide."""
    owners: dict[frozenset[str], set[str]] = {}
    for one in repertoire().prepared:
        for wording in one.wordings:
            assert wording.words, f"{one.id} has a wording without a word that counts: {wording.plain}"
            owners.setdefault(frozenset(wording.words), set()).add(one.id)

    assert [ids for ids in owners.values() if len(ids) > 1] == []


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("HOW DO I UNDO MY LAST COMMIT", "git-undo-commit"),
        ("hello, how do I undo the last git commit please?", "git-undo-commit"),
        ("how can i undo my last comit", "git-undo-commit"),
        ("What’s the way to undo my most recent commit in git?", "git-undo-commit"),
        ("deleting a remote branch", "git-delete-branch"),
        ("git: how to remove branches", "git-delete-branch"),
        ("how to delete a brnach", "git-delete-branch"),
        ("merge vs. rebase?", "git-rebase-merge"),
        ("is rebase better than merge", "git-rebase-merge"),
        ("what's the difference between git rebase and git merge", "git-rebase-merge"),
        ("how do i cherry pick a git commit", "git-cherry-pick"),
        ("how does git bisect work?", "git-bisect"),
        ("how do I set up a venv", "python-virtualenv"),
        ("show me an example of a list comprehension in python", "python-comprehension"),
        ("reading a file in Python", "python-read-file"),
        ("how do I kill the process on port 5432?", "shell-kill-port"),
        ("kill process on port 3000 in linux", "shell-kill-port"),
        ("find files larger than 500 MB", "shell-large-files"),
        ("find the 10 largest files on linux", "shell-large-files"),
        ("search for a string in all files", "shell-grep"),
        ("what is the difference between HTTP status codes 403 and 401?", "http-401-403"),
        ("explain big O notation", "big-o"),
        ("how do I use map or forEach in js?", "js-map-foreach"),
        ("how do I quit this app?", "leadline-quit"),
        ("how do I exit?", "leadline-quit"),
        ("what are the keyboard shortcuts?", "leadline-keys"),
        ("ok thanks!", "thanks"),
        ("Hi!", "hello"),
    ],
)
def test_the_same_question_in_other_clothes_is_known(question: str, expected: str) -> None:
    """People do not type the wordings that were prepared."""
    assert found(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        # another verb
        "how do I merge a branch",
        "how do I create a branch",
        "how do I rename a branch",
        "how do I restore a deleted branch",
        "how do I redo my last commit",
        "how do I sign my last commit",
        "how do I unstash my changes",
        "how do I write a file in Python",
        "how do I delete a file in Python",
        "how do I deactivate a virtualenv",
        "how do I start a process on a port",
        "how do I drop an index",
        "how do I install rsync",
        "how do I revoke an ssh key",
        # another object
        "how do I delete a tag",
        "how do I undo my last merge",
        "how do I undo the last two commits",
        "how do I delete all merged branches",
        "find small files",
        "find duplicate files",
        "redirect stdin",
        "inner join vs union",
        "401 vs 404",
        "403 vs 404",
        "map vs filter",
        "rebase vs cherry-pick",
        "dataclass vs namedtuple",
        "POST XML with curl",
        "clean up kubernetes",
        "validate a phone number with a regex",
        "throttle a function in javascript",
        "dict comprehension",
        "change the prompt",
        # another place or tool
        "how do I read a file in Rust",
        "how do I read a file",
        "how do I delete a branch in mercurial",
        "how do I quit vim",
        "list comprehension in haskell",
        "write a debounce function in go",
        "what does exit do",
        "how do I model my keys",
        "how do I find large files in powershell",
        "how do I undo in vim",
        # negation and reversal
        "how do I not delete a branch",
        "undo my last commit without keeping the changes",
        "why can't I delete a branch",
        "why don't I need a virtualenv",
        "redirect stdout to stderr",
        "redirect a file to stderr",
        "copy the answer from the clipboard",
        "copy a directory from a server with rsync",
        "find files smaller than 100 MB",
        "when should I not use an index",
        # another question about the same things
        "why is my index slow",
        "who invented rebase and merge",
        "when should I stash",
        "what port does a process use",
        # little or nothing to go by
        "",
        "???",
        "how do I",
        "why?",
        "and in zsh?",
        "continue",
        "commit",
        "branch",
        "what is git",
        "как удалить ветку",
        "0",
    ],
)
def test_what_is_only_near_gets_the_honest_sentence(question: str) -> None:
    """A confident answer to another question is the worst a model can give, even a demo."""
    assert found(question) is None
    assert compose(repertoire(), question).startswith(HONEST)


@pytest.mark.parametrize(
    "question",
    [
        "how do I slash my changes",
        "when should I create an indent",
        "read a file in python2",
        "star a new conversation",
        "how do I write a content manager",
    ],
)
def test_real_words_are_no_typing_errors(question: str) -> None:
    """One letter makes another command of many a word."""
    assert found(question) is None


# ---- when it does not know ----


def test_the_unknown_answer_says_how_to_get_a_model_and_what_it_does_know() -> None:
    """The demo's purpose is to be left for a real model."""
    text = compose(repertoire(), "how do I merge a branch")

    assert "`ollama serve`" in text
    assert "`leadline pull " in text
    asks = re.findall(r"^- (.+)$", text, re.MULTILINE)
    assert len(set(asks)) == 3
    assert all(found(ask) for ask in asks)
    assert any("branch" in ask for ask in asks)
    assert "cannot read" not in text


def test_proposals_differ_when_nothing_is_near() -> None:
    """Three git questions would hide that there is anything else."""
    asks = repertoire().nearest("zzz", 3)

    assert len({answer.topic for ask in asks if (answer := repertoire().find(ask))}) == 3


@pytest.mark.parametrize(
    "question",
    [
        "what is wrong here?\n\n```python\nprint(1\n```",
        "setup.py:\nimport setuptools\n\nexplain this file",
        "how do I undo my last commit? " + "x = 1; " * 100,
    ],
)
def test_a_file_that_came_along_is_not_passed_over_in_silence(question: str) -> None:
    """Somebody who attached a file must not believe that it was read."""
    assert "I cannot read it" in compose(repertoire(), question)


def test_a_known_question_about_a_file_is_answered_without_pretending_to_have_read_it() -> None:
    """The prompt puts files before the question; the answer must not look as if it were about them."""
    about = with_attachments("why does this test fail?", (Attachment("test_a.py", "assert 0\n", "0" * 64),))
    text = compose(repertoire(), about)

    assert text.startswith("What you sent along I cannot read")
    assert "I cannot tell: I am the demo model." in text
    unknown = compose(repertoire(), with_attachments("why?", (Attachment("a.py", "x = 1", "0" * 64),)))
    assert unknown.startswith(HONEST)
    assert "I cannot read it" in unknown


def test_the_unknown_answer_repeats_nothing_of_the_question() -> None:
    """What was typed or pasted may hold anything; echoed, it would pass for the model's words."""
    assert "\x1b" not in compose(repertoire(), "sounding \x1b[31m weather")
    assert "sounding" not in compose(repertoire(), "sounding \x1b[31m weather")


def test_a_huge_message_costs_nothing() -> None:
    """A pasted log must not hold the program while its words are compared."""
    assert found("how do I undo my last commit " * 100_000) is None
    assert HONEST in compose(repertoire(), "lines\n" * 500_000)


# ---- how it speaks ----


def test_the_pieces_make_up_the_answer_and_the_end_comes_last() -> None:
    """A lost space or newline breaks Markdown, and without the end a turn is never finished."""
    for one in repertoire().prepared:
        pieces = answer(request(one.asks[0]))
        assert text_of(pieces) == one.text
        assert all(isinstance(piece, TextDelta) for piece in pieces[:-1])
        ended = pieces[-1]
        assert isinstance(ended, Ended)
        assert ended.reason == "stop"
        assert ended.output_tokens == sum(
            estimate_tokens(piece.text) for piece in pieces if isinstance(piece, TextDelta)
        )


def test_only_the_last_question_counts() -> None:
    """History is sent with every request; an old question must not be answered again."""
    asked = request("how do I stash my changes?", "…", "explain big-O")

    assert text_of(answer(asked)).startswith("It says how the work *grows*")
    ended = answer(asked)[-1]
    assert isinstance(ended, Ended)
    assert ended.input_tokens == sum(estimate_tokens(message.text) for message in asked.messages)


def test_a_request_without_a_question_is_answered_honestly() -> None:
    """A system prompt alone must neither crash nor be taken for a question."""
    alone = Request(MODEL_NAME, (Message(Role.SYSTEM, "explain big-O"),), Profile(8192), 100)

    assert text_of(answer(alone)).startswith(HONEST)


def test_it_keeps_the_pace_of_a_real_model() -> None:
    """The first text comes after about 120 ms, and then some sixty tokens in a second."""
    sleeper = Sleeper()
    ended = answer(request("rebase vs merge"), sleeper)[-1]

    assert isinstance(ended, Ended)
    assert sleeper.slept[0] == pytest.approx(0.12)
    # The first piece needs no wait of its own: it is what the first wait was for.
    assert sum(sleeper.slept[1:]) == pytest.approx(ended.output_tokens / 60, rel=0.02)
    assert max(sleeper.slept[1:]) < 0.5


def test_durations_are_those_of_the_clock() -> None:
    """Figures on the screen must be measured, also for a demo."""
    ticks = count(10.0, 0.5)

    async def main() -> Ended:
        provider = DemoProvider(Pace(ttft_s=0, tokens_per_s=1e6), sleep=Sleeper(), now=lambda: next(ticks))
        async with aclosing(provider.stream(request("thanks"))) as pieces:
            last = [piece async for piece in pieces][-1]
        assert isinstance(last, Ended)
        return last

    ended = asyncio.run(main())
    assert (ended.prefill_ms, ended.decode_ms, ended.server_ms) == (500.0, 500.0, 1000.0)


@pytest.mark.parametrize("bound", [1, 7, 20])
def test_the_bound_on_tokens_is_kept(bound: int) -> None:
    """A caller that asks for few tokens gets few, and is told that the answer was cut."""
    pieces = answer(request("explain big-O", num_predict=bound))

    ended = pieces[-1]
    assert isinstance(ended, Ended)
    assert ended.reason == "length"
    assert 0 < ended.output_tokens <= bound
    assert text_of(pieces)


def test_closing_stops_at_once() -> None:
    """Esc must stop the demo as it stops a model: nothing is slept or said afterwards."""
    sleeper = Sleeper()

    async def main() -> int:
        pieces = DemoProvider(sleep=sleeper).stream(request("rebase vs merge"))
        for _ in range(5):
            await anext(pieces)
        slept = len(sleeper.slept)
        await pieces.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(pieces)
        return slept

    assert asyncio.run(main()) == len(sleeper.slept)


def test_a_cancelled_turn_ends_in_the_middle_of_a_wait() -> None:
    """A worker is cancelled while the model is silent; it must not wait for the next word."""

    async def main() -> None:
        waiting = asyncio.Event()

        async def wait_for_ever(_: float) -> None:
            waiting.set()
            await asyncio.Event().wait()

        async def read() -> None:
            async with aclosing(DemoProvider(sleep=wait_for_ever).stream(request("hi"))) as pieces:
                async for _ in pieces:
                    raise AssertionError("nothing can have come")

        task = asyncio.create_task(read())
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


# ---- as a provider ----


def test_it_is_a_provider_that_names_itself_the_demo_everywhere() -> None:
    """Nobody may take it for a real model."""
    provider: Provider = DemoProvider()

    assert (provider.name, provider.address, provider.place()) == ("demo", "built in", "demo")
    state = asyncio.run(provider.look())
    assert [model.name for model in state.models] == ["demo model"]
    assert state.models[0].is_loaded
    assert state.models[0].capabilities == frozenset({"completion"})
    assert state.models[0].loaded_ctx == state.models[0].context_length == 8192
    assert asyncio.run(provider.show(state.models[0])) == state.models[0]
    asyncio.run(provider.aclose())


def test_another_model_is_not_played_by_the_demo() -> None:
    """An answer labelled with a real model's name would be a lie."""
    with pytest.raises(ModelMissing) as caught:
        answer(request("hi", model="qwen3:4b"))

    assert "qwen3:4b" in caught.value.message
    assert "--demo" in caught.value.remedy


def test_pulling_is_refused_with_the_way_out() -> None:
    """Somebody who wants a model inside the demo learns how to get it."""

    async def main() -> None:
        async with aclosing(DemoProvider().pull("qwen3:4b")) as progress:
            async for _ in progress:
                raise AssertionError("there is nothing to fetch")

    with pytest.raises(RequestRejected) as caught:
        asyncio.run(main())
    assert "leadline pull qwen3:4b" in caught.value.remedy


def test_importing_it_loads_no_matcher_and_no_answers() -> None:
    """Imports are the first latency a person feels; most never start the demo."""
    seen = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, core.providers.demo; print({'rapidfuzz', 'tomllib'} & sys.modules.keys())",
        ],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert seen.stdout.strip() == "set()"


# ---- the answers themselves ----


def test_there_are_some_thirty_answers_for_developers_and_help_on_leadline() -> None:
    """The sentence people read says "some thirty"; it should stay true."""
    topics = [one.topic for one in repertoire().prepared]
    help_count = topics.count("leadline")

    assert help_count >= 10
    assert 30 <= len(topics) - help_count - topics.count("courtesy") <= 39
    assert len({one.id for one in repertoire().prepared}) == len(topics)


def test_the_answers_show_what_the_screen_can_do() -> None:
    """A demo without a table, code or a long answer demonstrates little."""
    texts = [one.text for one in repertoire().prepared]

    assert sum("| --- |" in text for text in texts) >= 3
    assert sum("```" in text for text in texts) >= 20
    assert any(len(text.split()) >= 250 for text in texts)
    assert all(text.count("```") % 2 == 0 for text in texts)


def test_the_answers_are_clean() -> None:
    """They skip the sanitiser on their way, so they must be what it would have made of them."""
    for one in repertoire().prepared:
        assert clean(one.text) == one.text


@pytest.mark.parametrize(("owner", "code"), list(fences("python")))
def test_python_in_the_answers_parses(owner: str, code: str) -> None:
    """An example with a syntax error is worse than none."""
    ast.parse(code)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(("owner", "code"), list(fences("bash")))
def test_shell_in_the_answers_parses(owner: str, code: str) -> None:
    """The same for the shell."""
    assert subprocess.run(["bash", "-n", "-c", code], capture_output=True, check=False).returncode == 0


def test_every_fence_names_a_language_that_is_checked_or_known() -> None:
    """A misspelt language would slip past the two tests above, and have no colours."""
    named = {
        language
        for one in repertoire().prepared
        for language in re.findall(r"^ *```(\S+)", one.text, re.MULTILINE)
    }
    assert named == {"bash", "python", "sql", "js", "text"}


@pytest.mark.parametrize(
    "word", [r"\bctrl\+[a-z]\b|\bF\d\b", r"(?<![\w.])/[a-z]+\b(?!/)", r"`leadline [a-z]+"]
)
def test_help_names_only_what_exists(word: str) -> None:
    """A key or command of a later release would be a promise that the person finds broken."""
    exists = {
        *(action.label for action in ACTIONS),
        *commands(),
        *("`leadline ask", "`leadline models", "`leadline pull", "`leadline doctor"),
    }
    helps = [one.text for one in repertoire().prepared if one.topic == "leadline"]
    links = re.compile(r"https?://\S+")
    named = {match for text in helps for match in re.findall(word, links.sub("", text))}

    assert named
    assert named <= exists


FAILING = """\
    def test_add():
>       assert add(1, 2) == 3
E       assert -1 == 3
E        +  where -1 = add(1, 2)

test_adder.py:4: AssertionError
=========================== short test summary info ============================
FAILED test_adder.py::test_add - assert -1 == 3
1 failed in 0.02s
"""


def test_a_failing_test_that_goes_along_is_read_off() -> None:
    """The first thing people try with `@pane why?` must not end in "I cannot read it"."""
    said = compose(load_repertoire(), f'<file name="pane">\n{FAILING}</file>\n\nwhy?')

    assert "`test_add` fails in `test_adder.py`, line 4" in said
    assert "`add(1, 2)` gives `-1`, and the test expects `3`" in said
    assert "pytest -q test_adder.py::test_add" in said


@pytest.mark.parametrize(
    ("question", "text"), [("translate this", FAILING), ("why?", "all green\n"), ("why?", "E   \n" * 50_000)]
)
def test_what_cannot_be_read_off_is_not_made_up(question: str, text: str) -> None:
    """The demo model is no model: it says so wherever its rules end."""
    said = compose(load_repertoire(), f'<file name="pane">\n{text}</file>\n\n{question}')

    assert "I am the demo model" in said
    assert "fails" not in said
