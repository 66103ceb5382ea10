"""`/write N PATH`: what is there is never lost unseen, and nothing but a file is ever written."""

import os
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.screen.driving import Person, drive
from tests.server import Loaded, OllamaServer, Script
from tui.screens.diff import DiffScreen
from tui.writing import WriteRefused, plan, write

REPLY = "Two:\n\n```python\na = 1\nb = 2\n```\n\n```sh\nls [bold]$(x)[/]\n```\n"
SCRIPT = Script(loaded=(Loaded("qwen3.5:4b", 8192),), reply=REPLY)


def play(
    home: Path,
    scene: Callable[[Person], Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int] = (80, 24),
) -> Path:
    """A scene that begins with an answer, in a folder of its own."""
    work = home / "work"
    work.mkdir(exist_ok=True)
    monkeypatch.chdir(work)

    async def whole(person: Person) -> None:
        await person.ask("two blocks")
        await person.has_answer("Two:")
        await scene(person)

    with OllamaServer(SCRIPT) as server:
        drive(whole, home, server.url, size=size)
    return work


def test_a_new_file_is_written_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to lose, so there is nothing to ask."""

    async def scene(person: Person) -> None:
        (tmp_path / "work" / "src").mkdir()
        await person.ask("/write 1 src/a b.py")
        await person.is_told("wrote 2 lines to src/a b.py")

    before = os.umask(0o027)
    try:
        work = play(tmp_path, scene, monkeypatch)
    finally:
        os.umask(before)
    file = work / "src" / "a b.py"
    assert file.read_text() == "a = 1\nb = 2\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert os.listdir(work / "src") == ["a b.py"]


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
def test_over_a_file_the_change_is_shown_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    """Esc leaves it; enter writes, and the file keeps its rights."""
    file = tmp_path / "work" / "a.py"

    async def scene(person: Person) -> None:
        file.write_text("a = [bold]0[/]\nb = 2\n")
        file.chmod(0o750)
        await person.ask("/write 1 a.py")
        await person.sees("-a = [bold]0[/]")
        await person.sees("+a = 1")
        await person.sees("enter writes · esc leaves it as it is")
        await person.press("escape")
        await person.is_told("a.py is as it was")
        assert file.read_text() == "a = [bold]0[/]\nb = 2\n"
        await person.ask("/write 1 a.py")
        await person.until(lambda: isinstance(person.app.screen, DiffScreen))
        await person.press("enter")
        await person.is_told("wrote 2 lines to a.py")
        await person.ask("/write 1 a.py")
        await person.is_told("a.py says just that already")

    play(tmp_path, scene, monkeypatch, size)
    assert file.read_text() == "a = 1\nb = 2\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o750


def test_a_file_that_changes_meanwhile_is_shown_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agreement holds for what was seen."""
    file = tmp_path / "work" / "a.py"

    async def scene(person: Person) -> None:
        file.write_text("old\n")
        await person.ask("/write 1 a.py")
        await person.sees("-old")
        file.write_text("newer\n")
        await person.press("enter")
        await person.sees("it has changed meanwhile")
        await person.sees("-newer")
        assert file.read_text() == "newer\n"
        await person.press("enter")
        await person.is_told("wrote 2 lines")

    play(tmp_path, scene, monkeypatch)
    assert file.read_text() == "a = 1\nb = 2\n"


def test_a_long_change_scrolls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be seen cannot be agreed to."""
    file = tmp_path / "work" / "a.py"

    async def scene(person: Person) -> None:
        file.write_text("".join(f"line {n}\n" for n in range(200)))
        await person.ask("/write 1 a.py")
        await person.sees("-line 3")
        await person.press("end")
        await person.sees("+b = 2")

    play(tmp_path, scene, monkeypatch)


def test_what_a_file_holds_is_harmless_on_the_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository of strangers is full of files that nobody has looked at."""
    file = tmp_path / "work" / "[red]a\x1b.py"

    async def scene(person: Person) -> None:
        file.write_bytes(b"\x1b]52;c;eA==\x07 \x9b2J\n")
        (tmp_path / "work" / "[b]link").symlink_to(file)
        await person.ask("/write 1 [b]link")
        await person.sees("[b]link → ")
        await person.until(lambda: "[red]a�.py @@" in person.screen())
        await person.sees("-�]52;c;eA==�")
        assert "\x1b" not in person.screen()

    play(tmp_path, scene, monkeypatch)


def test_a_sentence_that_begins_with_the_command_is_a_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sigil acts only if it resolves."""

    async def scene(person: Person) -> None:
        await person.ask("/write me a poem")
        await person.until(lambda: len(person.chat.docket.unasked()) == 0 and person.chat.docket.last)
        await person.sees("/write me a poem")
        assert person.toasts() == []
        await person.has_answer("Two:")
        await person.ask("/write 2")
        await person.is_told("which block, and where to?")
        await person.ask("/write 7 a.py")
        await person.is_told("no code block 7 in the last answer; it has 2")
        await person.ask("/write 2 no/where.py")
        await person.is_told("there is no folder")

    work = play(tmp_path, scene, monkeypatch)
    assert os.listdir(work) == []


REFUSED: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "folder": (lambda work: (work / "x").mkdir(), "x", "is a folder"),
    "slash": (lambda _: None, "x/", "no name for a file"),
    "dots": (lambda _: None, "..", "no name for a file"),
    "fifo": (lambda work: os.mkfifo(work / "x"), "x", "no ordinary file"),
    "device": (lambda _: None, "/dev/null", "no ordinary file"),
    "git": (lambda work: (work / ".git" / "hooks").mkdir(parents=True), ".git/hooks/x", "git's own"),
    "git-link": (
        lambda work: (work / "x").symlink_to(".git/config"),
        "x",
        "git's own",
    ),
    "git-case": (lambda work: (work / ".GIT").mkdir(), ".GIT/config", "git's own"),
    "git-file": (lambda _: None, ".git", "git's own"),
    "binary": (lambda work: (work / "x").write_bytes(b"\0\1"), "x", "is binary"),
    "huge": (lambda work: (work / "x").write_bytes(b"x" * (3 << 20)), "x", "larger than 2 MiB"),
    "circle": (lambda work: (work / "x").symlink_to("x"), "x", "cannot be written"),
    "nul": (lambda _: None, "a\0b", "no name for a file"),
    "long": (lambda _: None, "x" * 300, "cannot be written"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_ordinary_file_is_refused_with_a_sentence(tmp_path: Path, case: str) -> None:
    """Devices wait or act, folders hold other things, and git's own files run as hooks."""
    make, name, words = REFUSED[case]
    make(tmp_path)

    with pytest.raises(WriteRefused, match=words):
        write(plan("new\n", name, str(tmp_path)))


def test_a_link_is_followed_and_asked_about(tmp_path: Path) -> None:
    """What is written is where the link leads; that is said before, also when nothing is there yet."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real/a.py")
    (tmp_path / "folder").symlink_to("real")
    for name in ("link", "folder/b.py"):
        draft = plan("new\n", name, str(tmp_path))
        assert not draft.is_new
        assert f"{name} → {tmp_path}/real/" in draft.shown
        assert write(draft)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "a.py").read_text() == (tmp_path / "real" / "b.py").read_text() == "new\n"


def test_a_file_that_appears_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    """Somebody else was quicker, and what they wrote was not seen."""
    draft = plan("new\n", "x", str(tmp_path))
    (tmp_path / "x").write_text("theirs")

    assert not write(draft)
    assert (tmp_path / "x").read_text() == "theirs"
    assert os.listdir(tmp_path) == ["x"]


def test_a_file_keeps_its_own_ends_of_lines(tmp_path: Path) -> None:
    """Otherwise every line of it would differ."""
    (tmp_path / "x").write_bytes(b"a\r\nb\r\n")
    draft = plan("a\nc\n", "x", str(tmp_path))

    assert draft.diff() == ["@@ -1,2 +1,2 @@", " a", "-b", "+c"]
    assert write(draft)
    assert (tmp_path / "x").read_bytes() == b"a\r\nc\r\n"
