"""Attachments: real files and bytes, sent along as clean text or refused with a reason."""

import hashlib
import os
import socket
from pathlib import Path

import pytest

from core.context.attachments import read_file, read_stdin
from core.context.bounds import LARGEST_BYTES
from core.errors import AttachmentRefused

needs_posix = pytest.mark.skipif(os.name == "nt", reason="no such files there")


def refusal(path: str, cwd: Path) -> tuple[str, str]:
    """The sentence and the remedy with which a file must be refused."""
    with pytest.raises(AttachmentRefused) as caught:
        read_file(path, cwd)
    assert caught.value.remedy
    assert caught.value.kind == "attachment"
    return caught.value.message, caught.value.remedy


def test_a_file_is_read_from_where_the_person_stands(tmp_path: Path) -> None:
    """It keeps the name the person gave it; the hash is of the text that is sent."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_bytes("x = 'ß'\r\n".encode())

    attachment = read_file("src/a.py", tmp_path)

    assert attachment.name == "src/a.py"
    assert attachment.text == "x = 'ß'\n"
    assert attachment.sha256 == hashlib.sha256(attachment.text.encode()).hexdigest()


def test_an_absolute_path_and_a_tilde_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the screen no shell expands the tilde."""
    (tmp_path / "a.txt").write_text("a")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))

    assert read_file(str(tmp_path / "a.txt"), Path("/")).text == "a"
    assert read_file("~/a.txt", Path("/")).name == "~/a.txt"


def test_a_file_that_is_really_called_tilde_something_is_found(tmp_path: Path) -> None:
    """Editors make such files."""
    (tmp_path / "~draft-of-nobody").write_text("a")

    assert read_file("~draft-of-nobody", tmp_path).text == "a"


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfgr\xc3\xbc\xc3\x9fe",
        b"\xff\xfe" + "grüße".encode("utf-16-le"),
        b"\xfe\xff" + "grüße".encode("utf-16-be"),
    ],
)
def test_a_mark_in_front_says_the_encoding_and_is_dropped(tmp_path: Path, data: bytes) -> None:
    """Windows tools write all three."""
    (tmp_path / "a.txt").write_bytes(data)

    assert read_file("a.txt", tmp_path).text == "grüße"


def test_a_few_unreadable_bytes_are_shown_as_such(tmp_path: Path) -> None:
    """A log with one broken line is still worth asking about; Latin-1 is not guessed."""
    (tmp_path / "a.log").write_bytes(b"caf\xe9 is open\n")

    assert read_file("a.log", tmp_path).text == "caf\ufffd is open\n"


def test_replacement_characters_of_the_file_itself_do_not_count(tmp_path: Path) -> None:
    """They are text, and someone may ask about just them."""
    (tmp_path / "a.txt").write_bytes("\ufffd\ufffd\ufffd and one more: ".encode() + b"\xe9")

    assert read_file("a.txt", tmp_path).text == "\ufffd\ufffd\ufffd and one more: \ufffd"


def test_what_could_play_with_the_screen_is_made_harmless(tmp_path: Path) -> None:
    """A file is as untrusted as a model; its name too."""
    (tmp_path / "a\nb").write_text("\x1b]0;owned\x07 \u202e")

    attachment = read_file("a\nb", tmp_path)

    assert attachment.name == "a b"
    assert not set("\x1b\x07\u202e") & set(attachment.text)


@pytest.mark.parametrize(
    "data", [b"\x7fELF\x00\x01", b"text, then \x00", "a".encode("utf-32"), b"\xff\xfe\x00\x00"]
)
def test_a_nul_means_binary(tmp_path: Path, data: bytes) -> None:
    """No model can do anything with it, and it costs the whole window."""
    (tmp_path / "a.bin").write_bytes(data)

    assert refusal("a.bin", tmp_path)[0] == "a.bin is binary, not text"


@pytest.mark.parametrize(
    "data", ["привет, мир".encode("cp1251"), "日本語の文書".encode("shift-jis"), bytes(range(128, 256))]
)
def test_text_in_another_encoding_is_refused_rather_than_guessed(tmp_path: Path, data: bytes) -> None:
    """A wrong guess would be answered as if the person had written it."""
    (tmp_path / "a.txt").write_bytes(data)

    message, remedy = refusal("a.txt", tmp_path)

    assert message == "a.txt is not text in UTF-8"
    assert "iconv" in remedy


def test_the_limit_is_said_with_the_size(tmp_path: Path) -> None:
    """Exactly the limit is fine; one byte more is not."""
    (tmp_path / "fits").write_bytes(b"a" * LARGEST_BYTES)
    (tmp_path / "much").write_bytes(b"a" * (3 * LARGEST_BYTES + 1024**2 // 2))
    (tmp_path / "over").write_bytes(b"a" * (LARGEST_BYTES + 1))

    assert len(read_file("fits", tmp_path).text) == LARGEST_BYTES
    message, remedy = refusal("much", tmp_path)
    assert message == "much is 6.5 MiB; at most 2 MiB can be sent along"
    assert "tail" in remedy
    assert refusal("over", tmp_path)[0].startswith("over is 2.1 MiB; at most 2 MiB")


def test_an_empty_file_is_an_attachment(tmp_path: Path) -> None:
    """That it is empty may be what the question is about."""
    (tmp_path / "__init__.py").touch()

    assert read_file("__init__.py", tmp_path).text == ""


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    """The usual cause is standing in another folder."""
    message, remedy = refusal("lib/a.py", tmp_path)

    assert message == "lib/a.py: there is no such file"
    assert str(tmp_path / "lib") in remedy


@pytest.mark.parametrize("path", ["", ".", ".."])
def test_a_directory_is_refused(tmp_path: Path, path: str) -> None:
    """Its listing would not be its content."""
    assert "is a directory" in refusal(path, tmp_path)[0]


@pytest.mark.parametrize("path", ["a\0b", "a" * 5000, "file.txt/below"])
def test_a_name_no_file_can_have_is_refused_in_a_sentence(tmp_path: Path, path: str) -> None:
    """The system's own errors for these are of three sorts, and none may escape."""
    (tmp_path / "file.txt").touch()

    refusal(path, tmp_path)


@needs_posix
def test_pipes_sockets_and_devices_are_refused_at_once(tmp_path: Path) -> None:
    """Reading a pipe may wait for ever, /dev/zero never ends."""
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "sock"))

        assert refusal("pipe", tmp_path) == (
            "pipe is a pipe",
            "Attach a file, or send the text through stdin: … | leadline ask",
        )
        assert "device or a socket" in refusal("sock", tmp_path)[0]
    assert "device or a socket" in refusal("/dev/zero", tmp_path)[0]


@needs_posix
def test_a_file_without_a_size_is_read_all_the_same() -> None:
    """Files in /proc say that they are empty."""
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc here")

    assert "Name:" in read_file("/proc/self/status", Path("/")).text


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    """The reason is the system's own."""
    (tmp_path / "a").touch(mode=0o000)

    assert refusal("a", tmp_path)[0] == "a cannot be read: permission denied"


@needs_posix
def test_a_file_whose_name_is_not_utf8_can_be_sent(tmp_path: Path) -> None:
    """Old archives have them; the name that is stored must be text."""
    name = os.fsdecode(b"caf\xe9.txt")
    try:
        (tmp_path / name).write_text("a")
    except OSError:
        pytest.skip("this file system takes UTF-8 only")

    assert read_file(name, tmp_path).name == "caf\ufffd.txt"


@pytest.mark.parametrize("data", [b"", b"\n", b"  \r\n\t"])
def test_an_empty_stdin_is_no_attachment(data: bytes) -> None:
    """`git diff | leadline ask` on a clean tree asks the question alone."""
    assert read_stdin(data) is None


def test_stdin_is_read_like_a_file() -> None:
    """The same limits, the same cleaning."""
    attachment = read_stdin(b"\xef\xbb\xbfdiff --git\r\n+a\x1b[0m\n")

    assert attachment is not None
    assert attachment.name == "stdin"
    assert attachment.text.startswith("diff --git\n+a")
    assert "\x1b" not in attachment.text
    with pytest.raises(AttachmentRefused, match="stdin is binary"):
        read_stdin(b"\x00")
    with pytest.raises(AttachmentRefused, match="stdin is over 2 MiB; at most 2 MiB"):
        read_stdin(b"a" * (LARGEST_BYTES + 1))
