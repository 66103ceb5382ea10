"""Finds the last command and its output among the lines of a terminal, by what its prompt looks like.

A shell that tells (see `pane`) makes this easy. Without that a prompt is known by its sign and by being
like the prompt before it: paths, times, numbers and exit codes in it may differ.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SIGNS = "$#%>❯➜λ»▶❱⟩›"
_SIGN = re.compile(rf"[{_SIGNS}](?=\s|\Z)")
_TYPICAL = re.compile(rf"(?:[^\s{_SIGNS}]*[@:~/\])][^{_SIGNS}]{{0,60}})?[{_SIGNS}] (?=\S)")
# The upper line of a prompt of two: a frame, a place, who and where.
_ABOVE = re.compile(r"\s*(?:[╭┌┏(\[]|~|/|[\w.-]+@|\S+ (?:on|via|in|at) \S)")
_PLACE = re.compile(r"[~/][\w./~\-]*")
_NUMBER = re.compile(r"\d+")
_RIGHT = re.compile(r"\s{4,}\S.*\Z")
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Ran:
    """A command and what it wrote; `command` is empty when only output could be found."""

    command: str
    output: tuple[str, ...]


def last_command(lines: Sequence[str], is_own: bool, told: str = "") -> Ran | None:
    """The last command among the lines; None when it cannot be told.

    Args:
        lines: from old to new; the last is where the cursor is.
        is_own: the newest command is this one, which asks; the one before it is meant.
        told: the command, where the shell has said it.
    """
    prompts, is_idle = _prompts(lines, is_own)
    if told:
        return _told(lines, told, prompts)
    end = len(lines)
    height = _height(lines, prompts)
    for number, place in enumerate(reversed(prompts)):
        command = _command(lines[place])
        is_last = number == 0
        if (is_last and (is_own or is_idle)) or not command:
            end = place - height
            continue
        return Ran(command, tuple(lines[place + 1 : max(end, place + 1)]))
    return None


def _told(lines: Sequence[str], told: str, prompts: Sequence[int]) -> Ran | None:
    first = told.split("\n")[0].strip()
    for place in range(len(lines) - 1, -1, -1):
        line = _RIGHT.sub("", lines[place]).rstrip()
        if line.endswith(first) and (line == first or not line[: -len(first)][-1:].isalnum()):
            behind = [prompt for prompt in prompts if prompt > place]
            end = behind[0] - _height(lines, prompts) if behind else len(lines)
            skipped = place + 1 + told.count("\n")
            return Ran(told, tuple(lines[skipped : max(end, skipped)]))
    return None


def _prompts(lines: Sequence[str], is_own: bool) -> tuple[list[int], bool]:
    """Where prompts stand, from old to new; and whether the newest one waits for a command."""
    model = _model(lines, is_own)
    if model is None:
        return [], False
    like = _prefix(lines[model])
    found = [place for place in range(model + 1) if _is_alike(_prefix(lines[place]), like)]
    return found, model == len(lines) - 1 and not is_own


def _model(lines: Sequence[str], is_own: bool) -> int | None:
    """The line whose prompt the others are compared with."""
    if not lines:
        return None
    if is_own:
        for place in range(len(lines) - 1, -1, -1):
            if _prefix(lines[place]) and re.search(r"leadline|@pane", lines[place]):
                return place
    elif _prefix(lines[-1]) and not _is_output(lines):
        return len(lines) - 1
    typical = (place for place in range(len(lines) - 1, -1, -1) if _TYPICAL.match(lines[place][:_LONGEST]))
    return next(typical, None)


def _is_output(lines: Sequence[str]) -> bool:
    """Whether the last line only has a sign by chance: no other line has such a prompt, but a typical one."""
    like = _prefix(lines[-1])
    if _TYPICAL.match(f"{lines[-1][:_LONGEST]} x") or any(
        _is_alike(_prefix(line), like) for line in lines[:-1]
    ):
        return False
    return any(_TYPICAL.match(line[:_LONGEST]) for line in lines[:-1])


def _prefix(line: str) -> str:
    """The line up to its first sign; empty when there is none."""
    match = _SIGN.search(line, 0, _LONGEST)
    return line[: match.end()] if match else ""


def _command(line: str) -> str:
    return _RIGHT.sub("", line[len(_prefix(line)) :]).strip()


def _is_alike(one: str, other: str) -> bool:
    """Whether two beginnings are of the same prompt."""
    if not one or not other or one[-1] != other[-1]:
        return False
    first, second = _masked(one), _masked(other)
    if first == second:
        return True
    if min(len(first), len(second)) <= 3:  # hardly more than the sign: an exit code may stand before it
        return abs(len(first) - len(second)) <= 8 and " " not in first.strip()[:-1].strip()
    from rapidfuzz import fuzz

    return fuzz.ratio(first, second) >= 75


def _masked(text: str) -> str:
    return _NUMBER.sub("0", _PLACE.sub("~", text)).strip()


def _height(lines: Sequence[str], prompts: Sequence[int]) -> int:
    """How many lines of a prompt stand above the one with its sign."""
    if set(prompts) & {place - 1 for place in prompts}:  # an empty command: nothing stands between two
        return 0
    above = [lines[place - 1] for place in prompts[-6:] if place]
    above = above[1:] if len(above) > 2 else above
    if not above or not all(_ABOVE.match(line) for line in above):
        return 0
    from rapidfuzz import fuzz

    model = _masked(_RIGHT.sub("", above[-1]))
    return int(all(fuzz.ratio(_masked(_RIGHT.sub("", line)), model) >= 60 for line in above))
