"""What SQLite and the file system complain about, in sentences a person can act on."""

import sqlite3
from typing import TYPE_CHECKING

from core.errors import HouseError, StoreUnavailable

if TYPE_CHECKING:
    from pathlib import Path


class NotStored(HouseError):
    """A conversation, turn or answer that the database does not have."""

    kind = "not_stored"

    def __init__(self, what: str, number: int) -> None:
        super().__init__(f"there is no {what} {number}", "It may have been deleted; ask anew without it.")


_REMEDIES: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: (
        "the disk is full, {where} cannot be written",
        "Free some space on its disk; nothing that was stored is lost.",
    ),
    sqlite3.SQLITE_READONLY: (
        "{where} is read-only",
        "Give yourself write access to the file and its directory, or set LEADLINE_HOME to another place.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "{where} is damaged",
        "Move it aside (with its -wal and -shm files) and start again; `sqlite3 FILE .recover` may save it.",
    ),
    sqlite3.SQLITE_NOTADB: (
        "{where} is not a database",
        "Move the file aside, or set LEADLINE_HOME to another place; leadline leaves it as it is.",
    ),
    sqlite3.SQLITE_BUSY: (
        "another program keeps {where} locked",
        "Close the program that has it open (a backup, a database browser) and try again.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "{where} cannot be opened",
        "Check that its directory exists and is yours to write, or set LEADLINE_HOME to another place.",
    ),
    sqlite3.SQLITE_IOERR: (
        "the disk failed while {where} was in use",
        "Check the disk and its connection; move LEADLINE_HOME to another one if it goes on.",
    ),
}
_SAME_AS = {
    sqlite3.SQLITE_LOCKED: sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_PROTOCOL: sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_PERM: sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_AUTH: sqlite3.SQLITE_READONLY,
}
_GENERAL = "Run `leadline doctor`; if it goes on, move the file aside and start again."


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's own code without its extension; 0 where the error is the Python module's."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return 0 if code is None else code & 0xFF


def is_busy(error: sqlite3.Error) -> bool:
    """Whether someone else merely holds a lock, so that trying again may work."""
    return _SAME_AS.get(primary_code(error), primary_code(error)) == sqlite3.SQLITE_BUSY


def said_by_sqlite(error: sqlite3.Error, where: str) -> StoreUnavailable:
    """Put an error of SQLite into words."""
    code = primary_code(error)
    sentence, remedy = _REMEDIES.get(_SAME_AS.get(code, code), ("{where} failed: {error}", _GENERAL))
    return StoreUnavailable(sentence.format(where=where, error=error), remedy)


def said_by_system(error: OSError, path: "Path") -> StoreUnavailable:
    """Put an error of the file system into words."""
    named = error.filename or path
    return StoreUnavailable(
        f"{path} cannot be used: {(error.strerror or 'the system refused').lower()} ({named})",
        "Make that place yours to write, or set LEADLINE_HOME to another one.",
    )


def not_a_file(path: "Path") -> StoreUnavailable:
    """Something that is no file stands where the database belongs."""
    return StoreUnavailable(
        f"{path} is a directory, and the database belongs there",
        "Move the directory aside, or set LEADLINE_HOME to another place.",
    )


def foreign(where: str) -> StoreUnavailable:
    """A database of some other program."""
    return StoreUnavailable(
        f"{where} is a database of another program",
        "Move the file aside, or set LEADLINE_HOME to another place; leadline leaves it as it is.",
    )


def altered(where: str, name: str) -> StoreUnavailable:
    """A database that does things by itself, which ours never do."""
    return StoreUnavailable(
        f"{where} holds a view or trigger that leadline did not make ({name})",
        "Move the file aside, or set LEADLINE_HOME to another place; leadline leaves it as it is.",
    )


def newer(where: str, version: int, known: int) -> StoreUnavailable:
    """A database whose shape this leadline does not know yet."""
    return StoreUnavailable(
        f"{where} was written by a newer leadline (schema {version}, this one knows {known})",
        "Upgrade leadline, or set LEADLINE_HOME to another place; the file was left as it is.",
    )


def read_only(path: "Path") -> StoreUnavailable:
    """A file that can be read and not written, found before the first question is lost."""
    sentence, remedy = _REMEDIES[sqlite3.SQLITE_READONLY]
    return StoreUnavailable(sentence.format(where=path), remedy)


def closed(where: str) -> StoreUnavailable:
    """Work that comes after the end."""
    return StoreUnavailable(f"{where} is closed already", "Start leadline again.")
