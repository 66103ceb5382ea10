"""Sources: real files, folders and a real git, also where somebody prepared them to do harm."""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from core.context.mentions import mentions
from core.context.sources.folder import MOST_BYTES, MOST_FILES
from core.context.sources.gathered import Gathered
from core.context.sources.origins import Origin, origin_of
from core.context.sources.sources import Sources
from core.errors import AttachmentRefused
from core.messages import Attachment

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
needs_posix = pytest.mark.skipif(os.name == "nt", reason="no such files there")
EVIL = "\x1b]52;c;AAAA\x07\u202e"


def environ(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}


def read(here: Path, name: str) -> Gathered:
    """What a mention leads to, by the text a person types."""
    (mention,) = (
        mentions(f"@{name}", here) if '"' in name or " " not in name else mentions(f'@"{name}"', here)
    )
    return asyncio.run(Sources(here, environ(here)).read(mention))


def refused(here: Path, name: str) -> AttachmentRefused:
    """Why a name cannot be read, as ``-f`` and the screen tell it."""
    with pytest.raises(AttachmentRefused) as caught:
        asyncio.run(Sources(here, environ(here)).read(name))
    assert caught.value.remedy
    return caught.value


def again(here: Path, attachment: Attachment) -> Attachment:
    return asyncio.run(Sources(here, environ(here)).read_again(attachment))


def names(gathered: Gathered) -> list[str]:
    return [attachment.name for attachment in gathered.attachments]


def run_git(here: Path, *arguments: str) -> None:
    """Git as a person has it set up."""
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main")
    subprocess.run(
        ["git", *who, *arguments],
        cwd=here,
        env=environ(here.parent),
        check=True,
        capture_output=True,
        timeout=100,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A work tree with a few files committed."""
    here = tmp_path / "project"
    (here / "src" / "deep").mkdir(parents=True)
    (here / "src" / "a.py").write_text("a = 1\n")
    (here / "src" / "deep" / "b.py").write_text("b = 1\n")
    (here / "src" / "c.txt").write_text("c\n")
    (here / "README.md").write_text("read\n")
    (here / ".gitignore").write_text("*.log\nout/\n")
    (here / "src" / "x.log").write_text("log\n")
    run_git(here, "init", "-q")
    run_git(here, "add", "-A")
    run_git(here, "commit", "-qm", "first")
    return here


def test_a_range_is_those_lines_and_keeps_them_in_its_origin(tmp_path: Path) -> None:
    """What is read again later must be the same lines."""
    (tmp_path / "a.py").write_text("".join(f"line {number}\r\n" for number in range(1, 101)))

    (some,) = read(tmp_path, "a.py:10-12").attachments
    (one,) = read(tmp_path, "a.py:100").attachments
    (back,) = read(tmp_path, "a.py:12-10").attachments

    assert some.text == back.text == "line 10\nline 11\nline 12\n"
    assert (some.name, some.origin) == ("a.py:10-12", f"file:{tmp_path}/a.py#10-12")
    assert (one.name, one.text) == ("a.py:100", "line 100\n")
    assert refused(tmp_path, "a.py:101").message == "a.py:101: the file has 100 lines"
    assert again(tmp_path, some) == some


def test_a_range_of_a_file_too_large_to_send_works(tmp_path: Path) -> None:
    """That is what ranges are for."""
    (tmp_path / "big.log").write_text("".join(f"line {number}\n" for number in range(1, 400_001)))

    assert read(tmp_path, "big.log:399999-400000").attachments[0].text == "line 399999\nline 400000\n"
    assert "MiB" in refused(tmp_path, "big.log").message
    assert "MiB" in refused(tmp_path, "big.log:1-399999").message


@needs_git
def test_a_folder_is_its_files_without_what_git_ignores(tree: Path) -> None:
    """Those on top first; each can be read again by itself."""
    (tree / "src" / "new.py").write_text("new\n")

    taken = read(tree, "src/")

    assert names(taken) == ["src/a.py", "src/c.txt", "src/new.py", "src/deep/b.py"]
    assert taken.note == ""
    assert taken.attachments[0].origin == f"file:{tree}/src/a.py"


@needs_git
def test_a_pattern_goes_through_all_levels(tree: Path) -> None:
    """Two stars stand for any number of folders, none among them."""
    assert names(read(tree, "src/**/*.py")) == ["src/a.py", "src/deep/b.py"]
    assert names(read(tree, "**/*.py")) == ["src/a.py", "src/deep/b.py"]
    assert names(read(tree, "src/*.py")) == ["src/a.py"]
    assert names(read(tree, "*/[ab].??")) == ["src/a.py"]
    assert names(read(tree / "src", "../*.md")) == ["../README.md"]
    assert "nothing matches" in refused(tree, "src/**/*.zz").message
    assert "ignored" in refused(tree, "src/*.log").message


def test_outside_git_hidden_and_made_folders_are_left_out(tmp_path: Path) -> None:
    """Nothing else says there what nobody wrote."""
    for name in ("a.py", ".env", "node_modules/x.js", "__pycache__/a.pyc", "sub/b.py", ".git2/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")

    assert names(read(tmp_path, "./")) == ["a.py", "sub/b.py"]


def test_a_budget_bounds_a_folder_and_the_rest_is_said(tmp_path: Path) -> None:
    """Nothing is left out silently, and a vast folder is no accident."""
    for number in range(MOST_FILES + 10):
        (tmp_path / f"{number:03}.txt").write_text("x\n")
    (tmp_path / "a_binary").write_bytes(b"\0\0")
    (tmp_path / "a_large").write_bytes(b"x" * (MOST_BYTES + 1))

    taken = read(tmp_path, "./")

    assert len(taken.attachments) == MOST_FILES
    assert f"./: {MOST_FILES} files taken; left out: 12 over the budget" in taken.note
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "a.bin").write_bytes(b"\0")
    (tmp_path / "small" / "a.txt").write_text("x")
    assert read(tmp_path, "small").note == "small: 1 file taken; left out: 1 not readable as text"


@needs_posix
def test_what_cannot_be_read_in_a_folder_holds_nothing_up(tmp_path: Path) -> None:
    """A pipe waits for ever, a device never ends, a loop has no bottom, a link leads out of the folder."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "a.txt").write_text("a")
    os.mkfifo(here / "pipe")
    (tmp_path / "outside").write_text("not named by anybody")
    (here / "out").symlink_to(tmp_path / "outside")
    (here / "zero").symlink_to("/dev/zero")
    (here / "loop").symlink_to(here)
    (here / "self").symlink_to("self")

    taken = read(here, "./")

    assert names(taken) == ["a.txt"]
    assert "not named" not in taken.attachments[0].text
    assert "1 not readable as text, 4 links" in taken.note
    assert read(here, "out").attachments[0].text == "not named by anybody"  # named by itself it is meant
    assert "pipe" in refused(here, "pipe").message
    assert "device" in refused(here, "zero").message
    assert refused(here, "self").message.startswith("self cannot be read")


@needs_git
def test_the_diff_is_everything_since_the_last_commit(tree: Path) -> None:
    """Staged or not: that is what a person has changed. What git does not know yet is said."""
    (tree / "src" / "a.py").write_text("a = 2\n")
    (tree / "README.md").write_text("write\n")
    run_git(tree, "add", "README.md")
    (tree / "new.py").write_text("new\n")

    taken = read(tree / "src", "diff")
    staged = read(tree, "staged")

    (diff,) = taken.attachments
    assert (diff.name, diff.origin) == ("diff", f"diff:{tree}")
    assert "+a = 2" in diff.text
    assert "+write" in diff.text
    assert taken.note == "diff leaves out 1 file that git does not know yet: new.py"
    assert "+write" in staged.attachments[0].text
    assert "+a = 2" not in staged.attachments[0].text
    (tree / "src" / "a.py").write_text("a = 3\n")
    assert "+a = 3" in again(tree, diff).text


@needs_git
def test_without_a_change_a_commit_or_a_work_tree_there_is_a_sentence(tree: Path, tmp_path: Path) -> None:
    """Each with what helps."""
    assert refused(tree, "@diff").message == "diff: nothing has changed since the last commit"
    assert refused(tree, "@staged").message == "staged: nothing is staged"
    assert refused(tmp_path, "@diff").message == "diff: this is not a git work tree"
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    run_git(fresh, "init", "-q")
    (fresh / "a").write_text("first\n")
    run_git(fresh, "add", "a")
    assert "+first" in read(fresh, "diff").attachments[0].text
    assert "+first" in read(fresh, "staged").attachments[0].text


def spied(mark: Path) -> str:
    """A program that shows that it was run."""
    script = mark.with_suffix(".sh")
    script.write_text(f"#!/bin/sh\necho ran >> '{mark}'\ncat\n")
    script.chmod(0o755)
    return str(script)


@needs_git
@needs_posix
def test_nothing_a_repository_has_set_up_is_run(tree: Path, tmp_path: Path) -> None:
    """Who looks at a folder somebody sent must not start their programs."""
    mark = tmp_path / "mark"
    spy = spied(mark)
    for name in (
        *("core.fsmonitor", "diff.external", "core.pager", "diff.evil.textconv", "diff.evil.command"),
        *("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "pager.diff", "core.sshCommand"),
        *("core.alternateRefsCommand", "interactive.diffFilter", "filter.a=b.clean"),
    ):
        run_git(tree, "config", name, spy)
    run_git(tree, "config", "filter.evil.required", "true")
    run_git(tree, "config", "color.ui", "always")
    hooks = tree / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-index-change", "fsmonitor-watchman", "pre-commit"):
        shutil.copy(spy, hooks / hook)
    (tree / ".gitattributes").write_text("*.py diff=evil filter=evil\n*.md filter=a=b\n")
    (tree / "src" / "a.py").write_text("a = 2\n")
    (tree / "README.md").write_text("write\n")

    diff = read(tree, "diff").attachments[0].text
    assert names(read(tree, "src/")) == ["src/a.py", "src/c.txt", "src/deep/b.py"]
    assert read(tree, "src/**/*.py")

    assert "+a = 2" in diff
    assert "\x1b" not in diff
    assert not mark.exists()


@needs_git
@needs_posix
def test_the_spy_would_be_seen(tree: Path, tmp_path: Path) -> None:
    """Were it never run by git at all, the test above would pass without looking."""
    mark = tmp_path / "mark"
    run_git(tree, "config", "filter.evil.clean", spied(mark))
    (tree / ".gitattributes").write_text("*.py filter=evil\n")
    (tree / "src" / "a.py").write_text("a = 2\n")

    run_git(tree, "diff", "HEAD")

    assert mark.exists()


@needs_git
def test_a_repository_that_calls_the_home_folder_its_work_tree_is_not_asked(tree: Path) -> None:
    """Its diff would be of the person's own files, which it only has to know by name."""
    (tree.parent / ".history").write_text("private\n")
    (tree / ".history").write_text("x\n")
    run_git(tree, "add", "-f", ".history")
    run_git(tree, "config", "core.worktree", str(tree.parent))

    assert "not a git work tree" in refused(tree, "@diff").message
    assert all("private" not in attachment.text for attachment in read(tree, "./").attachments)


@needs_git
@needs_posix
def test_names_and_contents_with_payloads_are_harmless_through_every_source(tree: Path) -> None:
    """A file's name is as untrusted as its content, and both reach a terminal."""
    for name in (f"a{EVIL}.py", "b\nc.py", "d\u202ee.py", 'f"g.py', "h\ti.py", "-rf.py"):
        (tree / "src" / name).write_bytes(f"x = '{EVIL}'\n".encode() + b"\xff\xfe ok ok ok ok ok\n")
    run_git(tree, "add", "-A")
    sources = [read(tree, name) for name in ("src/", "src/**/*.py", "staged", "diff", "src/-rf.py")]

    for taken in sources:
        for attachment in taken.attachments:
            said = attachment.name + attachment.text + attachment.origin
            assert not {"\x1b", "\x07", "\u202e", "\0"} & set(said)
            assert "\n" not in attachment.name
        assert not {"\x1b", "\x07", "\u202e", "\n"} & set(taken.note)
    hostile = refused(tree, f"no{EVIL}\nsuch*file")
    assert not {"\x1b", "\x07", "\u202e", "\n"} & set(hostile.message)


@needs_posix
def test_whatever_a_file_is_called_it_can_be_read_again(tmp_path: Path) -> None:
    """The store cleans what it keeps; an origin must survive that, as plain text."""
    for name in ("a b.py", "c#1-2", "d%41", f"e{EVIL}", "f\ng", "ß", "日本", os.fsdecode(b"caf\xe9")):
        try:
            (tmp_path / name).write_text("x\n")
        except OSError:  # this file system takes UTF-8 only
            continue
        attachment = asyncio.run(Sources(tmp_path, {}).read(name)).attachments[0]
        assert attachment.origin.isascii()
        assert attachment.origin.isprintable()
        assert again(tmp_path, attachment) == attachment


def test_an_origin_of_another_kind_is_none() -> None:
    """Rows of another version, and of another hand."""
    assert origin_of("file:/a/b.py#3-4") == Origin("file", Path("/a/b.py"), origin_of("file:/a#3-4").lines)  # type: ignore[union-attr]  # it is one
    assert origin_of("web:/a") is None
    assert origin_of("") is None
    assert origin_of("file:") is None
    assert origin_of("file:/a#x-y") is None


def test_what_is_gone_says_so_by_its_name(tmp_path: Path) -> None:
    """The person knows it by the name they gave it, not by where it is."""
    (tmp_path / "a.py").write_text("a\nb\n")
    (attachment,) = read(tmp_path, "a.py:1-2").attachments
    (tmp_path / "a.py").unlink()

    with pytest.raises(AttachmentRefused, match=r"^a\.py: there is no such file$"):
        again(tmp_path, attachment)


@needs_posix
def test_the_clipboard_is_read_by_the_first_tool_that_gives_text(tmp_path: Path) -> None:
    """Each system has another; stubs stand for them here."""
    (tmp_path / "wl-paste").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "xclip").write_text("#!/bin/sh\nprintf 'copied \\033[31m%s' \"$*\"\n")
    for tool in ("wl-paste", "xclip"):
        (tmp_path / tool).chmod(0o755)
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}

    def clip(**more: str) -> Attachment:
        return asyncio.run(Sources(tmp_path, path | more).read("@clip")).attachments[0]

    assert clip(WAYLAND_DISPLAY="w", DISPLAY=":0").text == "copied \ufffd[31m-selection clipboard -o"
    assert clip(DISPLAY=":0").origin == ""
    with pytest.raises(AttachmentRefused, match="holds no text, says wl-paste"):
        clip(WAYLAND_DISPLAY="w")
    with pytest.raises(AttachmentRefused, match="cannot be read here"):
        clip()
