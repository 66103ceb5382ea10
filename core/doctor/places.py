"""The files a person has: the settings and the database. Both are only read, and never made."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from core.doctor.finding import Finding, size_in_words
from core.errors import HouseError, SettingsInvalid
from core.settings.load import Loaded, shown
from core.settings.paths import Paths
from core.store import faults
from core.store.schema import shape_of

_STEPS_BETWEEN_LOOKS = 20_000
_LOCK_S = 1.0


def check_config(paths: Paths, loaded: Loaded | SettingsInvalid) -> list[Finding]:
    """Which settings are not the default, and who set them."""
    if isinstance(loaded, SettingsInvalid):
        return [Finding("config", "problem", loaded.message, loaded.remedy)]
    file = str(paths.config_file) if paths.config_file.exists() else f"{paths.config_file} (not there)"
    changed = [
        f"{name} = {shown(loaded.value(name))} ({'file' if source == str(paths.config_file) else source})"
        for name, source in loaded.sources.items()
        if source != "default"
    ]
    message = f"{file}; {', '.join(changed) or 'every setting is the default'}"
    return [Finding("config", "ok", message), *_in_others_hands(paths.config_file.parent, "config")]


def check_database(path: Path, clock: Callable[[], float], deadline: float) -> list[Finding]:
    """Whether the database can be used, is sound and private."""
    try:
        size = sum(part.stat().st_size for part in _parts(path))
        if not path.exists():
            return [_not_there(path)]
        if path.is_dir():
            raise faults.not_a_file(path)
        message = f"{path}: {size_in_words(size)}, {_look_inside(path, clock, deadline)}"
        if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            raise faults.read_only(path)
    except OSError as error:
        fault: HouseError = faults.said_by_system(error, path)
        return [Finding("database", "problem", fault.message, fault.remedy)]
    except sqlite3.Error as error:
        fault = faults.said_by_sqlite(error, str(path))
        return [Finding("database", "problem", fault.message, fault.remedy)]
    return [
        Finding("database", "ok", message),
        *_open_to_others(path),
        *_linked(path),
        *_in_others_hands(path.parent, "database"),
    ]


def _parts(path: Path) -> list[Path]:
    """The file with those SQLite keeps beside it, as far as they are there."""
    return [
        part
        for part in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm")))
        if part.exists()
    ]


def _not_there(path: Path) -> Finding:
    folder = path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return Finding("database", "ok", f"{path}: not there yet; the first question makes it")
    message = f"{path} is not there, and cannot be made in {folder}"
    return Finding("database", "problem", message, "Make that folder yours to write, or set LEADLINE_HOME.")


def _look_inside(path: Path, clock: Callable[[], float], deadline: float) -> str:
    """Say what it holds.

    Raises:
        StoreUnavailable: It is not a database that this leadline can use.
        sqlite3.Error: It cannot be read.
    """
    # Even a reader makes -wal and -shm files, unless it is told that nobody writes.
    is_still = len(_parts(path)) == 1
    try:
        return _read(path, "mode=ro&immutable=1" if is_still else "mode=ro", clock, deadline)
    except (sqlite3.Error, HouseError):
        if is_still and len(_parts(path)) > 1:  # somebody has begun to write just now
            return _read(path, "mode=ro", clock, deadline)
        raise


def _read(path: Path, mode: str, clock: Callable[[], float], deadline: float) -> str:
    uri = f"{path.absolute().as_uri()}?{mode}"
    with closing(sqlite3.connect(uri, uri=True, timeout=_LOCK_S)) as connection:
        connection.execute("PRAGMA trusted_schema = OFF")
        shape = shape_of(connection)
        shape.check(str(path))
        if shape.is_empty:
            return "empty; the first question gives it its tables"
        (turns,) = connection.execute("SELECT count(*) FROM turn").fetchone()
        connection.set_progress_handler(lambda: clock() > deadline, _STEPS_BETWEEN_LOOKS)
        try:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            return f"{turns:,} turns, too large to be checked to its end here"
    if verdict != "ok":
        damaged = sqlite3.DatabaseError(verdict)
        damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damaged
    return f"{turns:,} turn{'s' * (turns != 1)}, sound (SQLite {sqlite3.sqlite_version})"


def _open_to_others(path: Path) -> list[Finding]:
    """Conversations are private; Windows has other means for that than mode bits."""
    if os.name == "nt":
        return []
    names = [part for part in _parts(path) if part.stat().st_mode & 0o077]
    if not names:
        return []
    message = f"others on this machine may reach {', '.join(part.name for part in names)}"
    return [Finding("database", "warning", message, f"chmod 600 {' '.join(str(part) for part in names)}")]


def _linked(path: Path) -> list[Finding]:
    """Whoever can change a link decides where the conversations are written."""
    if not path.is_symlink():
        return []
    message = f"{path} is a link to {path.resolve()}"
    return [Finding("database", "warning", message, "Set LEADLINE_HOME to the folder that it leads to.")]


def _in_others_hands(folder: Path, check: str) -> list[Finding]:
    """Whether others may put another file in the place of ours; Windows has other means to prevent that."""
    if os.name == "nt":
        return []
    try:
        found = folder.stat()
    except OSError:  # not there yet
        return []
    findings = []
    if found.st_mode & 0o022:
        message = f"others on this machine may write in {folder}"
        findings.append(Finding(check, "warning", message, f"chmod go-w {folder}"))
    # What is root's is root's to change in any case.
    if found.st_uid not in (os.geteuid(), 0):
        message = f"{folder} belongs to another user of this machine"
        remedy = "Make it yours (chown), or set LEADLINE_HOME to a folder that is."
        findings.append(Finding(check, "warning", message, remedy))
    return findings
