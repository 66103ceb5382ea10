"""The prompt: whatever is typed or pasted is text, unless it is a command that was typed as one."""

import string
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.screen.driving import Person, drive, sent, settings_for
from tests.server import OllamaServer, Script

ASCII = "".join(character for character in string.printable if character.isprintable())
SLOW = Script(reply="word " * 2_000, tokens_per_s=20)
State = Callable[[Person], Awaitable[None]]


async def idle(person: Person) -> None:
    await person.until(lambda: person.chat.outlook is not None)


async def running(person: Person) -> None:
    await person.ask("long?")
    await person.sees("word")


async def queued(person: Person) -> None:
    await running(person)
    await person.ask("next?")
    await person.until(lambda: person.queued)


async def focused(person: Person) -> None:
    await running(person)
    await person.press("shift+tab")
    await person.until(lambda: person.chat.transcript.has_focus)


async def answered(person: Person) -> None:
    await person.ask("short?")
    await person.has_answer("word")


async def stopped(person: Person) -> None:
    await running(person)
    await person.press("escape")
    await person.until(lambda: not person.is_answering)


async def types_each_first(person: Person, acting: str = "") -> None:
    """Type every printable character first into an empty prompt, a second one hard behind it."""
    for character in ASCII:
        if character in acting:
            continue
        if acting and person.chat.focused is person.chat.prompt:
            await person.press("shift+tab")
        if acting:
            assert person.chat.focused is person.chat.transcript
        await person.type(f"{character}z")
        assert person.typed == f"{character}z"
        person.chat.prompt.put("")


@pytest.mark.parametrize("state", [idle, running, queued, stopped])
def test_every_printable_character_typed_first_is_text_in_every_state(tmp_path: Path, state: State) -> None:
    """A key that acts on an empty prompt would eat the first letter of a question."""

    async def scene(person: Person) -> None:
        await state(person)
        await types_each_first(person)

    with OllamaServer(SLOW) as server:
        drive(scene, tmp_path, server.url)


def test_every_printable_character_is_text_after_an_answer(tmp_path: Path) -> None:
    """The moment after an answer is when a letter is most easily taken for an act."""

    async def scene(person: Person) -> None:
        await answered(person)
        await types_each_first(person)

    with OllamaServer(Script(reply="a word")) as server:
        drive(scene, tmp_path, server.url)


def test_every_printable_character_is_text_without_a_server(tmp_path: Path) -> None:
    """Waiting for a server is no reason to lose a letter."""

    async def scene(person: Person) -> None:
        await idle(person)
        await types_each_first(person)

    drive(scene, tmp_path)


def test_in_the_transcript_five_letters_act_and_every_other_is_typed(tmp_path: Path) -> None:
    """Reading has its own keys; whoever starts to type is back in the prompt with the first letter."""

    async def scene(person: Person) -> None:
        await focused(person)
        await types_each_first(person, acting="ycfri")
        await person.press("shift+tab")
        await person.press("y")
        assert person.typed == ""
        await person.is_told("clipboard")
        assert person.app.clipboard.startswith("word word")
        await person.press("c")
        await person.is_told("no code block")
        await person.press("r")
        await person.is_told("an answer is being made")
        assert person.typed == ""

    with OllamaServer(SLOW) as server:
        drive(scene, tmp_path, server.url)


def test_a_quick_word_begun_in_the_transcript_arrives_whole_and_in_order(tmp_path: Path) -> None:
    """The second letter comes before the focus has settled; `why` must neither lose nor run its `y`."""

    async def scene(person: Person) -> None:
        await focused(person)
        await person.type("why cry?")
        assert person.typed == "why cry?"
        assert person.app.clipboard == ""

    with OllamaServer(SLOW) as server:
        drive(scene, tmp_path, server.url)


def test_a_paste_while_reading_goes_to_the_prompt(tmp_path: Path) -> None:
    """There is only one place a paste can be meant for."""

    async def scene(person: Person) -> None:
        await focused(person)
        await person.paste("from elsewhere")
        await person.until(lambda: person.typed == "from elsewhere")

    with OllamaServer(SLOW) as server:
        drive(scene, tmp_path, server.url)


NO_COMMANDS = [
    "/foo bar",
    "/etc/hosts",
    "/etc/hosts is what?",
    "/helpme",
    "/help me with git",
    "/new idea: a cache",
    "/clear the npm cache, how?",
    "/copy that file over ssh",
    "//",
    "/",
    "@nobody",
    "!important",
    "[bold]x[/]",
    "/help\nsecond line",
]


def test_what_is_no_command_is_asked_as_text(tmp_path: Path) -> None:
    """A sigil acts only if it resolves: a path or a sentence is a question."""

    async def scene(person: Person) -> None:
        for number, text in enumerate(NO_COMMANDS):
            first, *more = text.split("\n")
            await person.type(first)
            for line in more:
                await person.press("ctrl+j")
                await person.type(line)
            await person.press("enter")
            await person.until(lambda n=number: len(server.requests("/api/chat")) > n)  # type: ignore[misc]  # bound
            await person.has_answer("git")
            assert sent(server) == text
            await person.press("ctrl+n")

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_a_leading_space_makes_a_command_text(tmp_path: Path) -> None:
    """Who wants to ask about `/help` can."""

    async def scene(person: Person) -> None:
        await person.ask(" /help")
        await person.has_answer("git")
        assert len(person.app.screen_stack) == 1

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_a_pasted_command_is_text_and_stays_so_when_it_is_recalled(tmp_path: Path) -> None:
    """A paste must never act: not with the first enter, nor when up brings it back."""

    async def scene(person: Person) -> None:
        await person.paste("/quit")
        await person.press("enter")
        await person.has_answer("git")
        await person.press("up")
        assert person.typed == "/quit"
        await person.press("enter")
        await person.until(lambda: len(server.requests("/api/chat")) == 2)

    with OllamaServer() as server:
        app = drive(scene, tmp_path, server.url)
    assert app.return_code in (None, 0)


def test_a_pasted_draft_that_begins_like_a_command_stays_text_after_a_walk(tmp_path: Path) -> None:
    """Looking at earlier questions must not turn a draft into a command."""

    async def scene(person: Person) -> None:
        await person.ask("earlier")
        await person.has_answer("git")
        await person.paste("/quit")
        await person.press("up", "down")
        assert person.typed == "/quit"
        await person.press("enter")
        await person.until(lambda: len(server.requests("/api/chat")) == 2)

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_an_emptied_paste_is_forgotten(tmp_path: Path) -> None:
    """After deleting what was pasted, a typed command is a command again."""

    async def scene(person: Person) -> None:
        await person.paste("x")
        await person.press("backspace")
        await person.ask("/help")
        await person.until(lambda: len(person.app.screen_stack) == 2)

    drive(scene, tmp_path)


def test_a_paste_keeps_all_its_lines_and_does_not_send_itself(tmp_path: Path) -> None:
    """A stack trace is pasted whole, tabs and empty lines with it; only enter sends."""
    text = 'Traceback:\n\tFile "a.py", line 1\n\n    boom()\r\nNameError'

    async def scene(person: Person) -> None:
        await person.type("explain: ")
        await person.paste(text)
        assert person.typed == "explain: " + text.replace("\r\n", "\n")
        assert not server.requests("/api/chat")
        await person.press("enter")
        await person.has_answer("git")
        asked = sent(server, 0)
        assert asked == "explain: " + text.replace("\r\n", "\n")

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_escape_sequences_in_a_paste_are_made_harmless(tmp_path: Path) -> None:
    """A clipboard is not a trusted place."""

    async def scene(person: Person) -> None:
        await person.paste("a\x1b]52;c;ZXZpbA==\x07b\x1b[2Jc\u202ed\u009be")
        assert person.typed == "a�]52;c;ZXZpbA==�b�[2Jc�d�e"

    drive(scene, tmp_path)


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter", "shift+\r"])
def test_a_new_line_comes_by_every_name_its_key_has(tmp_path: Path, key: str) -> None:
    """Terminals disagree on shift+enter; ctrl+j works in all of them."""

    async def scene(person: Person) -> None:
        await person.type("a")
        person.send_key(key)
        await person.type("b")
        assert person.typed == "a\nb"

    drive(scene, tmp_path)


def test_a_backslash_at_the_end_and_enter_is_a_new_line(tmp_path: Path) -> None:
    """The way of the shell; two backslashes are what they are."""

    async def scene(person: Person) -> None:
        await person.type("a\\")
        await person.press("enter")
        await person.type("b")
        assert person.typed == "a\nb"
        await person.press("ctrl+u", "backspace")
        await person.ask("\\\\")
        assert person.typed == ""
        await person.until(lambda: person.queued == ["a\\\\"])

    drive(scene, tmp_path)


def test_enter_on_an_empty_prompt_or_on_blanks_sends_nothing(tmp_path: Path) -> None:
    """An empty enter is a habit of the hand."""

    async def scene(person: Person) -> None:
        await person.press("enter", "enter")
        await person.type("   ")
        await person.press("enter")
        assert person.queued == []
        assert "›" not in person.screen()

    drive(scene, tmp_path)


def test_tab_completes_a_command_and_the_row_above_says_what_it_could_become(tmp_path: Path) -> None:
    """Commands are learnt while they are typed."""

    async def scene(person: Person) -> None:
        await person.type("/co")
        await person.sees("/copy copy the last answer")
        await person.press("tab")
        assert person.typed == "/copy "
        await person.press("ctrl+u")
        await person.type("/he")
        await person.press("tab")
        assert person.typed == "/help"
        await person.press("ctrl+u")
        await person.type("/nonsense")
        await person.press("tab")
        assert person.typed == "/nonsense"
        await person.press("ctrl+u")
        await person.press("tab")
        assert person.typed == ""
        assert person.chat.focused is person.chat.prompt

    drive(scene, tmp_path)


def test_up_and_down_walk_through_earlier_questions_and_keep_the_draft(tmp_path: Path) -> None:
    """The draft waits at the near end, however far the walk goes."""

    async def scene(person: Person) -> None:
        for question in ("one", "two", "three"):
            await person.ask(question)
            await person.has_answer("git")
        await person.type("draft")
        seen = []
        for key in ("up", "up", "up", "up", "down", "down", "down", "down"):
            await person.press(key)
            seen.append(person.typed)
        assert seen == ["three", "two", "one", "one", "two", "three", "draft", "draft"]

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_up_in_the_middle_of_several_lines_moves_the_cursor(tmp_path: Path) -> None:
    """Only the first line leads to what was asked before, only the last to what came after."""

    async def scene(person: Person) -> None:
        await person.ask("earlier")
        await person.has_answer("git")
        await person.type("first")
        await person.press("ctrl+j")
        await person.type("second")
        await person.press("up")
        assert person.typed == "first\nsecond"
        await person.press("up")
        assert person.typed == "earlier"
        await person.press("down")
        assert person.typed == "first\nsecond"

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_earlier_questions_are_there_after_a_restart_and_those_that_wait_too(tmp_path: Path) -> None:
    """Yesterday's question is one key away; one that never reached a server is not lost either."""

    async def before(person: Person) -> None:
        await person.ask("yesterday's")
        await person.has_answer("git")

    async def after(person: Person) -> None:
        await person.until(lambda: person.chat.outlook is not None)
        await person.ask("waits")
        await person.until(lambda: person.queued)
        await person.press("up")
        assert person.typed == "waits"
        await person.press("up")
        assert person.typed == "yesterday's"
        await person.press("down", "down")
        assert person.typed == ""
        await person.press("ctrl+n")
        assert person.queued == []
        await person.press("up")
        assert person.typed == "waits"

    with OllamaServer() as server:
        drive(before, tmp_path, server.url)
        address = server.url
    drive(after, tmp_path, settings=settings_for(address, model="never:1b"))


def test_the_prompt_grows_and_leaves_the_answer_its_rows(tmp_path: Path) -> None:
    """At 80x24 the answer keeps sixteen rows, however much is typed."""

    async def scene(person: Person) -> None:
        assert person.chat.transcript.size.height >= 16
        await person.paste("\n".join(f"line {n}" for n in range(40)))
        await person.pilot.pause()
        await person.until(lambda: person.chat.prompt.size.height == 6)
        await person.until(lambda: person.chat.transcript.size.height == 16)

    drive(scene, tmp_path)


def test_what_is_typed_and_not_printable_is_text_all_the_same(tmp_path: Path) -> None:
    """A full-width space and the joiner inside an emoji are keys; without them words run together."""

    async def scene(person: Person) -> None:
        await idle(person)
        for text in ("\u65e5\u672c\u3000\u8a9e", "a |\xa0b", "\U0001f469\u200d\U0001f4bb"):
            await person.type(text)
            assert person.typed == text
            person.chat.prompt.put("")
        await person.press("shift+tab")
        await person.type("\u3000x")
        assert person.typed == "\u3000x"
        person.chat.prompt.put("")
        await person.type("a\x00\x01")  # no text
        assert person.typed == "a"

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)
