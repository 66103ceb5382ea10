"""Which process writes an answer, and whether it still lives.

An owner is ``host:pid:marker``; the marker is the process's start time where the system tells it, so that
a pid that was given out again is not taken for the one that died.
"""

import os

_LONGEST_PID = 18
"""Digits; a number without end is no pid of anyone's."""

_SILENCE_S = 600.0
"""So long without a word counts as dead where a process cannot be asked for."""


def this_process() -> str:
    """The owner of what this process writes."""
    pid = os.getpid()
    return f"{_host()}:{pid}:{_start_of(pid)}"


def is_gone(owner: str, heard_at: float, now: float) -> bool:
    """Whether nobody will go on with what this owner began, and last wrote at `heard_at`."""
    if owner == this_process():
        return False
    is_silent = now - heard_at > _SILENCE_S
    host, pid, marker = _parts(owner)
    # On Windows signal 0 ends the process instead of asking for it. Never there.
    if host != _host() or pid <= 0 or os.name != "posix":
        return is_silent
    if marker:
        return _start_of(pid) != marker
    # Without a marker a stranger may have inherited the pid, so a living pid alone is not enough.
    return is_silent or not _is_running(pid)


def _parts(owner: str) -> tuple[str, int, str]:
    pieces = owner.rsplit(":", 2)
    if len(pieces) != 3 or not pieces[1].isdecimal() or len(pieces[1]) > _LONGEST_PID:
        return "", 0, ""
    return pieces[0], int(pieces[1]), pieces[2]


def _host() -> str:
    return os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")


def _start_of(pid: int) -> str:
    """Ticks from boot to the process's start; empty where unknown, and for a process that has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            line = file.read()
    except OSError:
        return ""
    # The name stands in parentheses and may hold spaces and parentheses; the fields begin after the last.
    fields = line.rpartition(")")[2].split()
    if len(fields) < 20 or fields[0] in {"Z", "X"}:
        return ""
    return fields[19]


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
