"""What is offered for the word being typed, and what each key then means."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from core.context.path_index import PathIndex
from tests.screen.driving import Person, drive, sent
from tests.server import OllamaServer

pytestmark = pytest.mark.usefixtures("project")


def offered(person: Person) -> list[str]:
    """The candidates that are shown."""
    return [candidate.text for candidate in person.chat.candidates._candidates]


async def begins(person: Person, text: str, candidate: str) -> None:
    """Type a text and wait until something is offered."""
    await person.type(text)
    await person.until(lambda: candidate in offered(person))


def test_a_sigil_offers_the_named_sources_at_once_and_the_files_behind_them(tmp_path: Path) -> None:
    """Who does not know what can be sent along sees it with the first sign."""

    async def scene(person: Person) -> None:
        await person.type("why does @")
        assert offered(person)[:4] == ["@diff", "@staged", "@pane", "@clip"]
        await person.until(lambda: "@readme.md" in offered(person))
        assert "@diff    what changed since the last commit" in person.screen()
        await person.sees("tab takes")

    drive(scene, tmp_path)


def test_tab_takes_the_best_match_and_the_rest_of_the_question_goes_on(tmp_path: Path) -> None:
    """A few letters of a name are enough for a file three folders down."""

    async def scene(person: Person) -> None:
        await begins(person, "why does @addr", "@src/adder.py")
        await person.press("tab")
        assert person.typed == "why does @src/adder.py "
        assert not person.chat.candidates.is_open
        await person.type("fail?")
        assert person.typed == "why does @src/adder.py fail?"

    drive(scene, tmp_path)


def test_a_name_with_a_space_is_put_in_with_quotes(tmp_path: Path) -> None:
    """Otherwise it would be taken, and then not found."""

    async def scene(person: Person) -> None:
        await begins(person, "@othe", '@"src/deep/other file.py"')
        await person.press("tab")
        assert person.typed == '@"src/deep/other file.py" '
        await person.sees("▤ src/deep/other file.py")

    drive(scene, tmp_path)


def test_a_file_with_the_name_of_a_source_is_offered_as_the_file(tmp_path: Path, project: Path) -> None:
    """What is taken must be what was chosen: `@diff` is what changed, whatever lies there."""
    (project / "diff").write_text("a file\n", "utf-8")

    async def scene(person: Person) -> None:
        await begins(person, "@dif", "@./diff")
        assert offered(person).count("@diff") == 1
        await person.press("down", "enter")
        assert person.typed == "@./diff "
        await person.sees("▤ ./diff")

    drive(scene, tmp_path)


def test_up_and_down_choose_enter_takes_and_the_draft_is_no_walk_through_history(tmp_path: Path) -> None:
    """While something is offered the arrows belong to it; afterwards they are what they were."""

    async def scene(person: Person) -> None:
        await person.ask("earlier")
        await person.has_answer("git")
        await person.type("@")
        await person.press("down", "down", "up")
        assert person.typed == "@"
        await person.press("enter")
        assert person.typed == "@staged "
        await person.press("ctrl+u", "up")
        assert person.typed == "earlier"

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_paths_that_come_behind_do_not_change_what_was_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a large project they come late; another thing than the highlighted one would be sent."""
    is_listed, fill = asyncio.Event(), PathIndex.fill

    async def slowly(self: PathIndex) -> None:
        await is_listed.wait()
        await fill(self)

    async def scene(person: Person) -> None:
        await person.type("@")
        await person.until(lambda: offered(person))
        await person.press("down", "down")
        assert "@src/" not in offered(person)
        is_listed.set()
        await person.until(lambda: "@src/" in offered(person))
        await person.press("up", "enter")
        assert person.typed == "@staged "

    monkeypatch.setattr(PathIndex, "fill", slowly)
    drive(scene, tmp_path)


def test_escape_closes_the_list_for_this_word_and_keeps_the_answer_running(tmp_path: Path) -> None:
    """Esc closes the nearest thing; a word that is no source can be written in peace."""

    async def scene(person: Person) -> None:
        await begins(person, "use @add", "@src/adder.py")
        await person.press("escape")
        assert offered(person) == []
        await person.type("er")
        assert offered(person) == []
        assert person.typed == "use @adder"
        await begins(person, " and @re", "@readme.md")

    drive(scene, tmp_path)


def test_enter_sends_what_is_whole_or_only_near(tmp_path: Path) -> None:
    """A decorator is no file, and a file that is named whole needs no second enter."""

    async def scene(person: Person) -> None:
        await begins(person, "what is @addder", "@src/adder.py")
        await person.press("enter")
        await person.has_answer("git")
        await person.type("and @readme.md")
        await person.press("enter")
        await person.until(lambda: len(server.requests("/api/chat")) == 2)
        assert sent(server, 0) == "what is @addder"

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_a_click_takes_a_candidate(tmp_path: Path) -> None:
    """The mouse works where it is expected to."""

    async def scene(person: Person) -> None:
        await begins(person, "@", "@readme.md")
        await person.until(lambda: person.chat.candidates.region.height == 6)
        await person.pilot.click(person.chat.candidates, offset=(3, 2))
        await person.settle()
        assert person.typed == "@pane "
        assert person.chat.focused is person.chat.prompt

    drive(scene, tmp_path)


@pytest.mark.parametrize("text", [" @re", "me@re", "a/@re"])
def test_nothing_is_offered_where_a_sigil_would_not_act(tmp_path: Path, text: str) -> None:
    """An address, a package or a text that begins with a space is text."""

    async def scene(person: Person) -> None:
        await person.type(text)
        assert offered(person) == []

    drive(scene, tmp_path)


def test_a_pasted_sigil_offers_nothing(tmp_path: Path) -> None:
    """A paste never triggers anything."""

    async def scene(person: Person) -> None:
        await person.paste("see @re")
        assert offered(person) == []
        await begins(person, " and @re", "@readme.md")

    drive(scene, tmp_path)


def test_the_list_moves_nothing_and_lies_above_the_notice_row(tmp_path: Path) -> None:
    """Choosing must not make the answer jump, at either size."""

    async def scene(person: Person) -> None:
        await person.ask("hi")
        await person.has_answer("git")
        before = person.chat.transcript.size, person.chat.transcript.scroll_offset
        await person.type("@")
        await person.until(lambda: person.chat.candidates.region.height == 6)
        assert (person.chat.transcript.size, person.chat.transcript.scroll_offset) == before
        region = person.chat.candidates.region
        assert region.bottom == person.chat.notice.region.y
        assert region.height == 6
        await person.press("escape")
        assert "@staged" not in person.screen()

    with OllamaServer() as server:
        for size in ((80, 24), (200, 50)):
            folder = tmp_path / str(size[0])
            folder.mkdir()
            drive(scene, folder, server.url, size=size)


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (10, 3), (3, 2), (1, 1)])
def test_no_size_is_too_small_for_the_list_and_the_row(tmp_path: Path, size: tuple[int, int]) -> None:
    """A split pane can be five rows high."""

    async def scene(person: Person) -> None:
        await person.type("@")
        await person.press("down", "escape")
        await person.type("readme.md @src/adder.py")
        await person.until(lambda: len(person.chat.attacher.fresh()) == 2)
        await person.press("ctrl+s", "delete", "escape")
        await person.type("/c")
        await person.press("tab")

    app = drive(scene, tmp_path, size=size)
    assert app._exception is None


def test_what_git_ignores_is_not_offered(tmp_path: Path, project: Path) -> None:
    """Build output and dependencies would bury what one is looking for."""
    (project / ".gitignore").write_text("out/\n", "utf-8")
    (project / "out").mkdir()
    (project / "out" / "readme_copy.md").write_text("x", "utf-8")
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)

    async def scene(person: Person) -> None:
        await begins(person, "@readme", "@readme.md")
        assert "@out/readme_copy.md" not in offered(person)

    drive(scene, tmp_path)


def test_tab_hard_behind_the_last_letter_takes_what_the_letters_say(tmp_path: Path) -> None:
    """What is on the screen was for fewer letters; a quick hand must not get that."""

    async def scene(person: Person) -> None:
        await begins(person, "@", "@readme.md")
        for character in "adder":
            person.send_key(character, character)
        person.send_key("tab")
        await person.settle()
        assert person.typed == "@src/adder.py "

    drive(scene, tmp_path)
