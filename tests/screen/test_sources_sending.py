"""What goes along with a question: shown before, sent whole, said behind; what cannot go stops it."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.screen.driving import Person, drive, sent, settings_for
from tests.server import OllamaServer, Script

KEY = "AKIAQYLPMN5HJXK7ABCD"


def row(person: Person) -> str:
    """What the row of sources says; nothing while it is not there, or not laid out yet."""
    region = person.chat.sources.region
    return person.screen().splitlines()[region.y] if person.chat.sources.display and region.height else ""


def test_a_mentioned_file_is_on_the_row_before_it_goes_and_under_the_question_behind(
    tmp_path: Path, project: Path
) -> None:
    """Nothing is sent that the person did not see named, with how much it is."""

    async def scene(person: Person) -> None:
        await person.type("why does @src/adder.py fail?")
        await person.until(lambda: "▤ src/adder.py 10 tok ✕" in row(person))
        await person.press("enter")
        await person.has_answer("git")
        assert sent(server) == (
            '<file name="src/adder.py">\ndef add(a, b):\n    return a - b\n</file>\n\n'
            "why does @src/adder.py fail?"
        )
        await person.sees("› why does @src/adder.py fail? with src/adder.py 10 tok")

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_what_a_turn_was_sent_is_said_again_when_its_conversation_is_opened(
    tmp_path: Path, project: Path
) -> None:
    """Tomorrow one still sees what an answer was about, and what is read again at the next question."""

    async def asks(person: Person) -> None:
        await person.ask("explain @src/adder.py")
        await person.has_answer("git")
        await person.until(lambda: "▤ ↻ src/adder.py 10 tok" in row(person))

    async def comes_back(person: Person) -> None:
        await person.sees("› explain @src/adder.py with src/adder.py 10 tok")
        await person.until(lambda: "▤ ↻ src/adder.py 10 tok ✕" in row(person))

    with OllamaServer() as server:
        drive(asks, tmp_path, server.url)
        drive(comes_back, tmp_path, server.url, goes_on=True)


def test_a_file_that_changed_between_two_turns_goes_again_with_its_new_bytes(
    tmp_path: Path, project: Path
) -> None:
    """An answer about yesterday's bytes is wrong in a way nobody sees."""

    async def scene(person: Person) -> None:
        await person.ask("explain @src/adder.py")
        await person.has_answer("git")
        for number in range(5):
            (project / "src" / "adder.py").write_text(f"version = {number}\n", "utf-8")
            await person.ask(f"and now? {number}")
            await person.sees(f"› and now? {number}")
            await person.has_answer("git")
            assert f"version = {number}" in sent(server)
        await person.sees("src/adder.py changed, sent again")

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


@pytest.mark.parametrize(
    ("text", "why"),
    [("look at @image.bin please", "image.bin is binary, not text"), ("and @diff?", "not a git work tree")],
)
def test_a_source_that_cannot_go_is_said_while_typing_and_stops_the_question(
    tmp_path: Path, project: Path, text: str, why: str
) -> None:
    """The question comes back whole: without its source it would have been another question."""

    async def scene(person: Person) -> None:
        await person.type(text)
        await person.sees(why)
        assert "cannot be sent" in row(person)
        await person.press("enter")
        await person.until(lambda: person.typed == text)
        await person.sees(why)
        assert "›" not in person.screen()
        assert not server.requests("/api/chat")

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_a_refused_question_is_not_lost_when_the_next_one_is_being_typed(
    tmp_path: Path, project: Path
) -> None:
    """A quick hand is already at the next question when the first one is refused."""

    async def scene(person: Person) -> None:
        await person.type("see @image.bin")
        person.send_key("enter", "\r")
        await person.type("next thought")
        await person.is_told("image.bin is binary")
        assert person.typed == "next thought"
        await person.press("up")
        assert person.typed == "see @image.bin"
        await person.press("down")
        assert person.typed == "next thought"

    drive(scene, tmp_path)


def test_a_secret_asks_first_and_nothing_is_sent_or_stored_before(tmp_path: Path, project: Path) -> None:
    """A key that was sent cannot be unsent."""
    (project / ".env").write_text(f"x=1\nAWS_ACCESS_KEY_ID={KEY}\n", "utf-8")

    async def scene(person: Person) -> None:
        await person.ask("why @.env")
        await person.sees(".env line 2: AWS access key …ABCD · enter sends all the same · esc no")
        assert person.typed == "why @.env"
        assert not server.requests("/api/chat")
        assert person.chat.bridge.questions(10) == ()
        await person.press("enter")
        assert not server.requests("/api/chat"), "an enter so soon is of the hand that pressed twice"
        assert person.typed == "why @.env"
        await person.press("escape")
        await person.until(lambda: "enter sends all the same" not in person.screen())
        assert person.typed == "why @.env"
        await person.press("enter")
        await person.sees("enter sends all the same")
        person.clock.now += 1
        await person.press("enter")
        await person.has_answer("git")
        assert KEY in sent(server)

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_another_text_is_another_question_to_ask_about(tmp_path: Path, project: Path) -> None:
    """Enter means yes only to what was asked."""
    (project / ".env").write_text(f"AWS_ACCESS_KEY_ID={KEY}\n", "utf-8")

    async def scene(person: Person) -> None:
        await person.ask("why @.env")
        await person.sees("enter sends all the same")
        person.clock.now += 1
        await person.type("?")
        assert "enter sends all the same" not in person.screen()
        await person.press("enter")
        await person.sees("enter sends all the same")
        assert not server.requests("/api/chat")

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_questions_go_in_the_order_in_which_they_were_typed(tmp_path: Path, project: Path) -> None:
    """Reading a folder takes a moment; the next question must not overtake it."""

    async def scene(person: Person) -> None:
        await person.type("first about @src/")
        person.send_key("enter", "\r")
        await person.type("second")
        person.send_key("enter", "\r")
        await person.until(lambda: len(server.requests("/api/chat")) == 2)
        assert "first about" in sent(server, 0)
        assert sent(server, 1) == "second"

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_a_click_on_its_mark_makes_a_mention_text(tmp_path: Path, project: Path) -> None:
    """A source is taken away where it is shown; the sentence stays."""

    async def scene(person: Person) -> None:
        await person.type("why @readme.md and @src/adder.py")
        await person.until(lambda: "adder.py 10 tok" in row(person))
        at = row(person).index("✕")
        await person.pilot.click(person.chat.sources, offset=(at, 0))
        await person.until(lambda: row(person).startswith(" ▤ src/adder.py"))
        assert person.typed == "why readme.md and @src/adder.py"
        assert person.chat.focused is person.chat.prompt

    drive(scene, tmp_path)


def test_detach_lets_go_what_the_conversation_reads_again(tmp_path: Path, project: Path) -> None:
    """What is let go is never read again, today or tomorrow."""

    async def scene(person: Person) -> None:
        await person.ask("see @readme.md @src/adder.py")
        await person.has_answer("git")
        await person.until(lambda: "↻ src/adder.py" in row(person))
        await person.ask("/detach 9")
        await person.is_told("there is no source 9; 2 go along")
        await person.ask("/detach 1")
        await person.until(lambda: "readme" not in row(person))
        await person.ask("/detach")
        assert row(person) == ""
        (project / "src" / "adder.py").write_text("other\n", "utf-8")
        await person.ask("next")
        await person.until(lambda: len(server.requests("/api/chat")) == 2)
        assert sent(server) == "next"

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_the_overlay_shows_what_goes_and_delete_takes_it_away(tmp_path: Path, project: Path) -> None:
    """A name and a number are not enough to decide whether something may leave."""

    async def scene(person: Person) -> None:
        await person.ask("see @readme.md")
        await person.has_answer("git")
        (project / "readme.md").write_text("# other\n", "utf-8")
        await person.type("why @src/adder.py")
        await person.until(lambda: "src/adder.py 10 tok" in row(person))
        await person.press("ctrl+s")
        await person.sees("src/adder.py  2 lines  32 B  10 tok  new")
        await person.sees("return a - b")
        await person.sees("changed, goes again")
        await person.press("down")
        await person.sees("# adder")
        await person.press("delete")
        await person.until(lambda: "readme" not in person.screen().split("› see")[0])
        await person.press("escape")
        assert person.typed == "why @src/adder.py"
        assert "readme" not in row(person)

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_what_does_not_fit_on_the_row_is_counted(tmp_path: Path, project: Path) -> None:
    """Ten files are named, not hidden; the row stays one row."""
    for number in range(10):
        (project / f"file-number-{number}.txt").write_text("x\n", "utf-8")

    async def scene(person: Person) -> None:
        await person.type(" ".join(["see", *(f"@file-number-{number}.txt" for number in range(10))]))
        await person.until(lambda: "file-number-1.txt 1 tok ✕ · +8" in row(person))
        assert person.chat.sources.region.height == 1
        assert person.chat.transcript.size.height >= 16

    drive(scene, tmp_path)


def test_a_paste_and_a_leading_space_attach_nothing(tmp_path: Path, project: Path) -> None:
    """A log that names a file must not send the file."""

    async def scene(person: Person) -> None:
        await person.paste("error in @src/adder.py line 2")
        await person.press("enter")
        await person.has_answer("git")
        assert sent(server) == "error in @src/adder.py line 2"
        await person.ask(" what is @readme.md")
        await person.until(lambda: len(server.requests("/api/chat")) == 2)
        assert sent(server) == "what is @readme.md"
        assert row(person) == ""

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_a_recalled_question_takes_its_source_along_again(tmp_path: Path, project: Path) -> None:
    """Up and enter asks the same thing about the file as it is now."""

    async def scene(person: Person) -> None:
        await person.ask("explain @src/adder.py")
        await person.has_answer("git")
        (project / "src" / "adder.py").write_text("def add(a, b):\n    return a * b\n")
        await person.press("ctrl+n", "up")
        await person.until(lambda: "src/adder.py" in row(person))
        await person.press("enter")
        await person.until(lambda: len(server.requests("/api/chat")) == 2)
        assert "return a * b" in sent(server)

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_a_question_that_waits_for_a_server_keeps_what_goes_along(tmp_path: Path, project: Path) -> None:
    """Queued without a server, taken over to the demo: the file is still with it."""

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.outlook is not None)
        await person.ask("why does @src/adder.py fail?")
        await person.until(lambda: person.queued)
        await person.press("f8")
        await person.has_answer("demo model")
        await person.sees("with src/adder.py 10 tok")

    drive(scene, tmp_path)


def test_the_status_says_before_sending_how_full_it_gets_and_when_it_is_too_much(
    tmp_path: Path, project: Path
) -> None:
    """Finding out by a refusal costs a try; the row names the ways out before."""
    (project / "most.txt").write_text("word " * 1_900, "utf-8")
    (project / "much.txt").write_text("word " * 9_000, "utf-8")

    async def scene(person: Person) -> None:
        await person.ask("hi")
        await person.has_answer("git")
        assert "ctx" not in person.screen()
        await person.type("see @most.txt")
        await person.sees("ctx 2.9k/4.1k")
        await person.press("ctrl+u")
        await person.until(lambda: "ctx" not in person.screen())
        await person.type("see @much.txt")
        await person.sees("too much: 14.4k tok, window 4.1k · send it, then /window 16384 or /fit")

    with OllamaServer(Script(reply="git")) as server:
        drive(scene, tmp_path, settings=settings_for(server.url, num_ctx=4096))


def test_a_sigil_typed_before_the_first_frame_still_acts(tmp_path: Path, project: Path) -> None:
    """Typing ahead is typing."""

    async def scene(person: Person) -> None:
        await person.has_answer("git")
        assert "return a - b" in sent(server)

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url, typed_at_once="why @src/adder.py\n")


def test_the_diff_says_what_it_leaves_out(tmp_path: Path, project: Path) -> None:
    """A new file that git does not know is not in a diff, and whoever asks about it must know."""
    run = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for command in (["init", "-q"], ["add", "src"], ["commit", "-qm", "x"]):
        subprocess.run([*run, *command], cwd=project, check=True, env={**os.environ})
    (project / "src" / "adder.py").write_text("def add(a, b):\n    return a + b\n", "utf-8")

    async def scene(person: Person) -> None:
        await person.ask("is @diff right?")
        await person.has_answer("git")
        assert "+    return a + b" in sent(server)
        await person.sees("diff leaves out 2 files that git does not know yet")

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)
