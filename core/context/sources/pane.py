"""What a pane of tmux shows: its last command, the output, and the exit status if the shell tells it.

A shell tells by two options of its pane: ``@leadline_command``, set before a command runs, and
``@leadline_status``, unset then and set when the command has ended.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.context.attachments import attachment_of
from core.context.processes import run
from core.context.sources.gathered import Gathered
from core.context.sources.prompts import Ran, last_command
from core.errors import AttachmentRefused
from core.sanitise import clean_line

TIMEOUT_S = 2.0
MOST_LINES = 400
MOST_BYTES = 64 * 1024
GUESSED_LINES = 200
"""So many are taken where no prompt can be told from output."""
_SEEN_LINES = 3000
_CAPTURE_BYTES = 4 * 1024 * 1024
_TITLE = 60
_OTHERWISE = "Pipe the output (cmd 2>&1 | leadline ask …), or on the screen run it with !cmd."

_FORMAT = "\t".join(
    f"#{{{name}}}"
    for name in (
        *("pane_id", "pane_index", "pane_active", "pane_last", "alternate_on", "cursor_y"),
        *("pane_left", "pane_top", "pane_right", "pane_bottom", "pane_current_command"),
    )
)


@dataclass(frozen=True, slots=True)
class _Pane:
    id: str
    index: str
    is_active: bool
    is_last: bool
    has_alternate: bool
    cursor_y: int
    left: int
    top: int
    right: int
    bottom: int
    runs: str
    is_own: bool = False


async def take_pane(target: str, environ: Mapping[str, str]) -> Gathered:
    """The last command of a pane, with its output.

    Args:
        target: ``%3``, an index, ``left``, ``right``, ``up``, ``down``, ``last``, or as tmux names a pane;
            empty is the pane that was active last beside this one, or this one where it is alone.

    Raises:
        AttachmentRefused: There is no tmux, no such pane, or nothing in it.
    """
    if not environ.get("TMUX") or shutil.which("tmux", path=environ.get("PATH")) is None:
        raise AttachmentRefused("@pane reads a pane of tmux, and this is no tmux", _OTHERWISE)
    pane = await _find(target, environ)
    lines = await _lines(pane, environ)
    command, status = await _told(pane, environ)
    if pane.has_alternate and not pane.is_own:  # an editor, a pager: what it shows is what is meant
        return _gathered(pane, Ran(command or pane.runs, tuple(lines)), status, "")
    ran = last_command(lines, pane.is_own, command)
    if ran is None and command:
        note = "where it began is no longer in the pane; the last lines were taken"
        return _gathered(pane, Ran(command, tuple(lines[-GUESSED_LINES:])), status, note)
    if ran is None:
        note = f"no prompt was found; the last {GUESSED_LINES} lines were taken"
        return _gathered(pane, Ran("", tuple(lines[-GUESSED_LINES:])), status, note)
    return _gathered(pane, ran, status, "")


def _gathered(pane: _Pane, ran: Ran, status: str, note: str) -> Gathered:
    """The attachment, bounded; the end of an output tells more than its beginning."""
    output = list(ran.output)
    while output and not output[-1].strip():
        output.pop()
    if not output and not ran.command:
        raise AttachmentRefused(f"the pane {pane.id} is empty", "Run the command there first.")
    kept, size = [], 0
    for line in reversed(output[-MOST_LINES:]):
        size += len(line.encode("utf-8", "replace")) + 1
        if size > MOST_BYTES:
            break
        kept.append(line)
    if len(kept) < len(output):
        note = "; ".join(filter(None, (note, f"only the last {len(kept)} lines of its output")))
    title = clean_line(ran.command)
    title = title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…"
    name = " · ".join(filter(None, (f"pane {pane.id}", title, status and f"exit {status}")))
    text = "\n".join([*([f"$ {ran.command}"] if ran.command else []), *reversed(kept), ""])
    return Gathered((attachment_of(name, text),), f"pane {pane.id}: {note}" if note else "")


async def _find(target: str, environ: Mapping[str, str]) -> _Pane:
    own = environ.get("TMUX_PANE", "")
    here = await _panes(own, environ)
    others = [pane for pane in here if not pane.is_own]
    mine = next((pane for pane in here if pane.is_own), None)
    found: _Pane | None
    if not target:
        likely = sorted(others, key=lambda pane: (pane.is_active, pane.is_last), reverse=True)
        found = likely[0] if likely else mine
    elif target in _BEYOND and mine is not None:
        found = _beside(mine, others, target)
    elif target == "last":
        found = next((pane for pane in others if pane.is_last), None)
    else:
        found = next((pane for pane in here if target in {pane.id, pane.index}), None)
        if found is None:
            wanted = await _tmux(("display-message", "-p", "-t", target, "#{pane_id}"), environ)
            there = await _panes(target, environ) if wanted else []
            found = next((pane for pane in there if pane.id == wanted.strip()), None)
    if found is None:
        raise AttachmentRefused(
            f"there is no pane {clean_line(target) or 'here'}",
            "tmux list-panes -a shows them; as in @pane:%3, @pane:2 or @pane:left.",
        )
    return replace(found, is_own=found.id == own)


_BEYOND: Mapping[str, Callable[[_Pane, _Pane], int]] = {
    "left": lambda mine, pane: mine.left - pane.right,
    "right": lambda mine, pane: pane.left - mine.right,
    "up": lambda mine, pane: mine.top - pane.bottom,
    "down": lambda mine, pane: pane.top - mine.bottom,
}


def _beside(mine: _Pane, others: Sequence[_Pane], direction: str) -> _Pane | None:
    """The nearest pane in a direction."""
    beyond = _BEYOND[direction]
    near = [pane for pane in others if beyond(mine, pane) > 0]
    return min(near, key=lambda pane: (beyond(mine, pane), not pane.is_last), default=None)


async def _panes(of: str, environ: Mapping[str, str]) -> list[_Pane]:
    own = environ.get("TMUX_PANE", "")
    listed = await _tmux(("list-panes", *(("-t", of) if of else ()), "-F", _FORMAT), environ)
    panes = []
    for line in listed.splitlines():
        fields = line.split("\t", 10)
        if len(fields) == 11:
            name, index, active, last, alternate = fields[:5]
            row, left, top, right, bottom = (int(field) if field.isdigit() else 0 for field in fields[5:10])
            flags = (active == "1", last == "1", alternate == "1")
            panes.append(_Pane(name, index, *flags, row, left, top, right, bottom, fields[10], name == own))
    return panes


async def _told(pane: _Pane, environ: Mapping[str, str]) -> tuple[str, str]:
    """The command and its status as the shell told them; of our own pane only what is over."""
    format_ = "#{@leadline_status};#{@leadline_command}"
    told = await _tmux(("display-message", "-p", "-t", pane.id, format_), environ)
    status, _, command = told.partition(";")
    if not status.isdigit():
        status = ""
    if pane.is_own and not status:  # that is the command which asks
        return "", ""
    return command.strip(), status


async def _lines(pane: _Pane, environ: Mapping[str, str]) -> list[str]:
    """What the pane holds, up to its cursor; of our own pane what stands behind our screen."""
    capture = ("capture-pane", "-p", "-J", "-t", pane.id)
    if not pane.has_alternate:
        text = await _tmux((*capture, "-S", f"-{_SEEN_LINES}", "-E", str(pane.cursor_y)), environ)
    elif pane.is_own:
        history = await _tmux((*capture, "-S", f"-{_SEEN_LINES}", "-E", "-1"), environ)
        text = history + await _tmux((*capture, "-a", "-q"), environ)
    else:
        text = await _tmux(capture, environ)
    lines = [line.rstrip() for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


async def _tmux(arguments: Sequence[str], environ: Mapping[str, str]) -> str:
    """What tmux prints; nothing where it refuses."""
    try:
        done = await run(("tmux", *arguments), environ, _CAPTURE_BYTES, TIMEOUT_S)
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        raise AttachmentRefused(f"tmux cannot be run: {reason}", _OTHERWISE) from None
    if done.is_late:
        raise AttachmentRefused(f"tmux took longer than {TIMEOUT_S:.0f} s", _OTHERWISE)
    return done.out.decode("utf-8", "replace") if done.status == 0 else ""
