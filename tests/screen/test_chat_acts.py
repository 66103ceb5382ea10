"""What is done with conversations, answers and models from the screen, over a real engine and file."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.engine.engine import Engine
from core.messages import AnswerState, Turn
from tests.screen.driving import Person, Scene, drive, settings_for
from tests.server import Fault, Model, OllamaServer, Pull, Record, Script

CODE = "Two ways:\n\n```bash\ngit stash\n```\n\nor\n\n```python\nprint('x')\n```\n\nDone."
TWO = (Model("qwen3.5:4b"), Model("llama3.2:3b", family="llama", parameter_size="3.2B"))


def turns(person: Person) -> tuple[Turn, ...]:
    return person.chat.bridge.turns(person.chat.docket.conversation or 0).page(None, 100)


def chats(server: OllamaServer) -> tuple[Record, ...]:
    return server.requests("/api/chat")


def said(record: Record) -> list[str]:
    """The texts of a request, without the system prompt."""
    messages = record.body["messages"]
    assert isinstance(messages, list)
    return [message["content"] for message in messages if message["role"] != "system"]


def test_copy_takes_the_last_answer_or_the_block_with_the_number_shown(tmp_path: Path) -> None:
    """The number stands beside the block, so it is the one that is typed."""

    async def scene(person: Person) -> None:
        await person.ask("/copy")
        await person.is_told("no answer to copy yet")
        await person.ask("how?")
        await person.has_answer("Done")
        await person.ask("/copy 2")
        await person.until(lambda: person.app.clipboard == "print('x')")
        await person.ask("/copy 1")
        await person.until(lambda: person.app.clipboard == "git stash")
        await person.ask("/copy")
        await person.until(lambda: person.app.clipboard == CODE)
        await person.is_told("sent to the terminal's clipboard (OSC 52")
        await person.ask("/copy 3")
        await person.is_told("no code block 3 in the last answer; it has 2")
        await person.ask("/copy 0")
        await person.is_told("no code block 0")
        await person.press("shift+tab", "c")
        await person.until(lambda: person.app.clipboard == "print('x')")
        assert len(chats(server)) == 1

    with OllamaServer(Script(reply=CODE)) as server:
        drive(scene, tmp_path, server.url)


def test_again_is_a_second_answer_of_the_same_turn_and_becomes_current(tmp_path: Path) -> None:
    """Asking again must not repeat the question in what the model is sent."""

    async def scene(person: Person) -> None:
        await person.ask("how?")
        await person.has_answer("first")
        server.script = replace(server.script, reply="second answer")
        await person.ask("/again")
        await person.has_answer("second")
        assert "first answer" not in person.screen()
        (turn,) = turns(person)
        assert [answer.text for answer in turn.answers] == ["first answer", "second answer"]
        assert turn.current is not None
        assert turn.current.text == "second answer"
        await person.ask("and then?")
        await person.until(lambda: len(chats(server)) == 3)
        assert said(chats(server)[-1]) == ["how?", "second answer", "and then?"]

    with OllamaServer(Script(reply="first answer")) as server:
        drive(scene, tmp_path, server.url)


@pytest.mark.parametrize("fault", [Fault.LOAD_FAILED, Fault.BUSY, Fault.BAD_REQUEST])
def test_when_again_fails_the_first_answer_is_still_there_and_current(tmp_path: Path, fault: Fault) -> None:
    """A failed second try must not take away what was there, on the screen or in what the model is sent."""

    async def scene(person: Person) -> None:
        await person.ask("how?")
        await person.has_answer("first")
        server.script = replace(server.script, fault=fault)
        await person.ask("/again")
        await person.until(lambda: len(chats(server)) >= 2 and not person.is_answering)
        await person.sees_label(under="first answer")
        assert "failed" not in person.screen()
        (turn,) = turns(person)
        assert turn.current is not None
        assert turn.current.text == "first answer"
        assert turn.answers[-1].state is AnswerState.FAILED
        server.script = replace(server.script, fault=None)
        await person.ask("and then?")
        await person.has_answer("first answer")
        assert said(chats(server)[-1]) == ["how?", "first answer", "and then?"]

    with OllamaServer(Script(reply="first answer")) as server:
        drive(scene, tmp_path, server.url)


def test_again_stopped_before_its_first_word_leaves_the_first_answer(tmp_path: Path) -> None:
    """Changing one's mind costs nothing."""

    async def scene(person: Person) -> None:
        await person.ask("how?")
        await person.has_answer("first")
        server.script = replace(server.script, ttft_s=30)
        await person.press("shift+tab", "r")
        await person.until(lambda: len(chats(server)) == 2)
        await person.press("escape")
        await person.until(lambda: not person.is_answering)
        await person.sees_label(under="first answer")

    with OllamaServer(Script(reply="first answer")) as server:
        drive(scene, tmp_path, server.url)


def test_a_stopped_answer_is_kept_as_far_as_it_came(tmp_path: Path) -> None:
    """What was read must be there tomorrow."""

    async def scene(person: Person) -> None:
        await person.ask("how?")
        await person.sees("word word word")
        await person.press("escape")
        await person.until(lambda: not person.is_answering)
        await person.sees("stopped")
        await person.until(lambda: turns(person)[0].answers[0].state is AnswerState.CANCELLED)
        assert turns(person)[0].answers[0].text.startswith("word word")
        assert person.chat.transcript.last_answer().startswith("word word")

    with OllamaServer(Script(reply="word " * 5_000, tokens_per_s=300)) as server:
        drive(scene, tmp_path, server.url)


def test_a_cut_answer_is_kept_and_said_to_be_cut(tmp_path: Path) -> None:
    """A network that fails in the middle of a sentence is no reason to lose the sentence."""

    async def scene(person: Person) -> None:
        await person.ask("how?")
        await person.sees("stopped early")
        await person.sees("The text so far is kept. Ask again.")
        assert "Use `git" in person.screen()

    with OllamaServer(Script(fault=Fault.CUT_LINE)) as server:
        drive(scene, tmp_path, server.url)


def test_at_the_limit_of_the_window_fit_asks_without_the_oldest_turns(tmp_path: Path) -> None:
    """Nothing is cut silently: the sizes are said, and the person chooses."""

    async def scene(person: Person) -> None:
        for number in range(1, 12):
            await person.paste(f"question {number} " + "word " * 300)
            await person.press("enter")
            await person.until(lambda: not person.is_answering and not person.queued)
            if "/fit" in person.screen():
                break
        await person.sees("the window holds 2,048")
        asked = len(chats(server))
        await person.ask("/fit")
        await person.until(lambda: len(chats(server)) == asked + 1 and not person.is_answering)
        await person.sees("no longer sent to the model")
        assert said(chats(server)[-1])[-1].startswith(f"question {number}")
        assert not said(chats(server)[-1])[0].startswith("question 1 ")

    with OllamaServer(Script(reply="ok")) as server:
        drive(scene, tmp_path, settings=settings_for(server.url, num_ctx=2048))


def test_a_larger_window_asks_the_question_again_with_all_turns(tmp_path: Path) -> None:
    """The other way out: pay a reload and keep everything."""

    async def scene(person: Person) -> None:
        await person.paste("word " * 2_500)
        await person.press("enter")
        await person.sees("the window holds 2,048")
        assert not chats(server)
        await person.ask("/window 8192")
        await person.is_told("window 8,192 tokens")
        await person.has_answer("ok")
        options = chats(server)[0].body["options"]
        assert isinstance(options, dict)
        assert options["num_ctx"] == 8192

    with OllamaServer(Script(reply="ok")) as server:
        drive(scene, tmp_path, settings=settings_for(server.url, num_ctx=2048))


def test_new_while_an_answer_runs_stops_it_and_nothing_of_it_reaches_the_new_conversation(
    tmp_path: Path,
) -> None:
    """Late words of the old answer belong to the old conversation."""

    async def scene(person: Person) -> None:
        await person.ask("old?")
        await person.sees("word")
        former = person.chat.docket.conversation
        server.script = replace(server.script, reply="fresh answer")
        await person.press("ctrl+n")
        await person.ask("new?")
        await person.has_answer("fresh answer")
        assert "word" not in person.screen()
        assert "old?" not in person.screen()
        assert person.chat.docket.conversation != former
        assert said(chats(server)[-1]) == ["new?"]
        assert [turn.question for turn in turns(person)] == ["new?"]
        old = person.chat.bridge.turns(former or 0).page(None, 100)[0].answers[0]
        assert old.state is AnswerState.CANCELLED
        assert old.text.startswith("word")

    with OllamaServer(Script(reply="word " * 5_000, tokens_per_s=300)) as server:
        drive(scene, tmp_path, server.url)


def test_new_before_the_store_has_the_old_question_begins_a_conversation_of_its_own(tmp_path: Path) -> None:
    """Enter, ctrl+n, enter, as fast as it goes: two conversations, not one."""

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.outlook is not None)
        for text in ("old?", "new?"):
            for character in text:
                person.send_key(character if character.isalnum() else "question_mark", character)
            person.send_key("enter", "\r")
            if text == "old?":
                await person.until(lambda: person.is_answering)
                person.send_key("ctrl+n")
        await person.sees("› new?")
        await person.has_answer("word")
        assert [turn.question for turn in turns(person)] == ["new?"]

    with OllamaServer(Script(reply="a word", ttft_s=0.05)) as server:
        drive(scene, tmp_path, server.url)


def test_clear_empties_the_view_and_the_conversation_goes_on(tmp_path: Path) -> None:
    """A clean screen is not a lost thread."""

    async def scene(person: Person) -> None:
        await person.ask("one")
        await person.has_answer("git")
        await person.ask("/clear")
        await person.until(lambda: "git switch" not in person.screen())
        await person.ask("two")
        await person.until(lambda: len(chats(server)) == 2)
        assert said(chats(server)[1]) == [
            "one",
            "Use git switch.".replace("git", "`git").replace("h.", "h`."),
            "two",
        ]

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_the_picker_shows_what_is_there_and_the_choice_answers(tmp_path: Path) -> None:
    """A model is chosen where its size, place and state can be seen."""

    async def scene(person: Person) -> None:
        await person.sees("qwen3.5:4b · local")
        await person.press("f2")
        await person.sees("* qwen3.5:4b")
        await person.sees("llama3.2:3b")
        await person.press("down", "enter")
        await person.sees("llama3.2:3b · local")
        await person.ask("hi")
        await person.sees_label("llama3.2:3b")
        assert chats(server)[0].body["model"] == "llama3.2:3b"

    with OllamaServer(Script(models=TWO)) as server:
        drive(scene, tmp_path, server.url)
        drive(_uses("llama3.2:3b"), tmp_path, server.url)


def test_the_picker_marks_the_model_that_the_status_line_names_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a slow disk the choice is shown before the store has it."""

    async def scene(person: Person) -> None:
        await person.sees("qwen3.5:4b · local")
        monkeypatch.setattr(person.chat.bridge, "model_in_use", lambda: None)
        await person.press("f2")
        await person.sees("* qwen3.5:4b")

    with OllamaServer(Script(models=TWO)) as server:
        drive(scene, tmp_path, server.url)


def _uses(model: str) -> Scene:
    async def scene(person: Person) -> None:
        await person.sees(f"{model} · local")

    return scene


def test_a_model_is_taken_by_name_and_an_unknown_one_refused_with_the_next_step(tmp_path: Path) -> None:
    """The slash form does what the picker does."""

    async def scene(person: Person) -> None:
        await person.sees("qwen3.5:4b · local")
        await person.ask("/model nobody:1b")
        await person.is_told("nobody:1b is not installed")
        await person.is_told("pull nobody:1b")
        await person.ask("/model llama3.2:3b")
        await person.sees("llama3.2:3b · local")

    with OllamaServer(Script(models=TWO)) as server:
        drive(scene, tmp_path, server.url)


def test_a_stopped_download_goes_on_where_it_was(tmp_path: Path) -> None:
    """Two gigabytes are not fetched twice because someone pressed esc."""

    async def scene(person: Person) -> None:
        await person.sees("qwen3.5:4b · local")
        await person.ask("/pull tiny:1b")
        await person.sees("━━━")
        await person.ask("meanwhile?")
        await person.has_answer("git")
        await person.ask("/pull tiny:1b")
        await person.is_told("still fetching")
        await person.press("escape")
        await person.is_told("stopped; /pull tiny:1b goes on where it is")
        await person.until(lambda: "esc stops" not in person.screen())
        server.script = replace(server.script, pull=Pull(seconds=0.1, step_s=0.02))
        await person.ask("/pull tiny:1b")
        await person.is_told("tiny:1b is there")
        await person.sees("tiny:1b · local")

    with OllamaServer(Script(pull=Pull(seconds=3, step_s=0.02))) as server:
        drive(scene, tmp_path, server.url)


def test_a_download_that_fails_says_why(tmp_path: Path) -> None:
    """A typing error in a model's name is the usual reason."""

    async def scene(person: Person) -> None:
        await person.sees("qwen3.5:4b · local")
        await person.ask("/pull nonsense:1b")
        await person.until(lambda: person.toasts())
        assert "esc stops" not in person.screen()
        await person.ask("still there?")
        await person.has_answer("git")

    with OllamaServer(Script(pull=Pull(error="pull model manifest: file does not exist"))) as server:
        drive(scene, tmp_path, server.url)


def test_the_demo_answers_from_a_store_of_its_own_and_takes_what_waited_along(tmp_path: Path) -> None:
    """F8 where no server is: the waiting question is answered, plainly labelled, and kept apart."""

    async def scene(person: Person) -> None:
        await person.sees("F8 the demo model")
        await person.ask("how do I undo the last commit?")
        await person.until(lambda: person.queued)
        await person.press("f8")
        await person.has_answer("git")
        assert "demo" in person.screen()
        assert "how do I undo the last commit?" in person.screen()

    async def no_answer_of_the_demo(person: Person) -> None:
        await person.until(lambda: person.chat.bridge.is_open)
        latest = person.chat.bridge.latest()
        assert latest is not None, "it was looked up there, and is kept as it was asked"
        assert [turn.current for turn in person.chat.bridge.turns(latest.id).page(None, 9)] == [None]

    drive(scene, tmp_path)
    drive(no_answer_of_the_demo, tmp_path)


def test_the_demo_taken_while_an_answer_runs_keeps_that_answer(tmp_path: Path) -> None:
    """The store that is left has the last word of its answer before it is closed."""

    async def scene(person: Person) -> None:
        await person.ask("how?")
        await person.sees("word word word")
        await person.ask("/demo")
        await person.sees("prepared answers")
        await person.ask("what is leadline?")
        await person.until(lambda: not person.is_answering and person.chat.transcript.last_answer())

    async def kept(person: Person) -> None:
        await person.sees("stopped")
        assert "word word" in person.screen()

    with OllamaServer(Script(reply="word " * 5_000, tokens_per_s=300)) as server:
        app = drive(scene, tmp_path, server.url)
        assert app._exception is None
        drive(kept, tmp_path, server.url, goes_on=True)


def test_c_shows_the_last_conversation_and_goes_on_with_it(tmp_path: Path) -> None:
    """Yesterday's thread is picked up with its answers, and the model is sent them."""

    async def before(person: Person) -> None:
        await person.ask("one")
        await person.has_answer("ok")
        await person.ask("two")
        await person.until(lambda: len(turns(person)) == 2)
        await person.has_answer("ok")

    async def after(person: Person) -> None:
        await person.sees("› one")
        await person.sees("› two")
        await person.ask("three")
        await person.until(lambda: len(chats(server)) == 3 and not person.is_answering)
        assert said(chats(server)[2]) == ["one", "ok then", "two", "ok then", "three"]
        await person.ask("/again")
        await person.until(lambda: len(chats(server)) == 4 and not person.is_answering)
        assert [len(turn.answers) for turn in turns(person)] == [1, 1, 2]

    with OllamaServer(Script(reply="ok then")) as server:
        drive(before, tmp_path, server.url)
        drive(after, tmp_path, server.url, goes_on=True)


def test_a_question_typed_before_the_continued_conversation_is_shown_comes_behind_it(tmp_path: Path) -> None:
    """A quick hand at the start must find its question and its answer in the right place."""

    async def before(person: Person) -> None:
        await person.ask("one")
        await person.has_answer("ok")

    async def after(person: Person) -> None:
        await person.sees("› two")
        await person.until(lambda: len(chats(server)) == 2 and not person.is_answering)
        shown = person.screen()
        assert shown.index("› one") < shown.index("› two")
        assert shown.count("ok then") == 2
        assert said(chats(server)[1]) == ["one", "ok then", "two"]

    with OllamaServer(Script(reply="ok then")) as server:
        drive(before, tmp_path, server.url)
        drive(after, tmp_path, server.url, goes_on=True, typed_at_once="two\n")


def test_the_same_file_serves_two_screens_at_once(tmp_path: Path) -> None:
    """Two terminals, one history: both ask, both keep."""

    async def scene(person: Person) -> None:
        await person.ask("in the first")
        await person.has_answer("git")
        other, _ = _second_engine(tmp_path, server.url)
        assert other.questions(5) == ("in the first",)
        await other.aclose()

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def _second_engine(folder: Path, url: str) -> tuple[Engine, str]:
    from core.engine.build import build_engine

    return build_engine(settings_for(url), folder / "leadline.db", {})


def test_an_unwritable_store_is_said_and_answers_come_all_the_same(tmp_path: Path) -> None:
    """A full disk is no reason to be without an answer."""

    async def scene(person: Person) -> None:
        await person.is_told("nothing will be saved")
        await person.ask("hi")
        await person.has_answer("git")

    (tmp_path / "leadline.db").mkdir()
    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)
