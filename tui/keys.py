"""The one table of keys and commands: footer, help, palette, README and bindings are drawn from it.

Labels name keys as they are printed on a keyboard; `keys` names them as Textual does. ``shift+enter`` arrives
under two names, and alt+enter is not among them on purpose: without the kitty protocol it arrives as enter.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from core.errors import SettingsInvalid

Where = Literal["anywhere", "prompt", "transcript"]

_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "meta", "hyper"})
_EDITING = frozenset({"space", "backspace", "delete", "left", "right", "home", "end"})
_PUNCTUATION = frozenset({"minus", "plus", "slash", "backslash", "underscore", "at", "pipe"})
_ARRIVES_AS = {"ctrl+i": "tab", "ctrl+m": "enter", "alt+enter": "enter", "ctrl+h": "backspace"}


@dataclass(frozen=True, slots=True)
class Action:
    """Something the person can do.

    Attributes:
        id: stable; the name in the settings' [keys], and of the screen's ``action_`` method.
        keys: comma-separated, as Textual names them; empty where only the command exists.
        label: the keys as shown.
        words: what it does, in a few words.
        where: with what focus the key acts.
        command: the slash form, without arguments; empty where there is none.
        usage: the arguments of the slash form.
        takes_text: all that stands behind the command is one argument.
        fits: a pattern for what may stand behind the command; a line that does not fit it is a question.
        is_fixed: the key cannot be changed (it is the meaning of the key itself).
    """

    id: str
    keys: str
    label: str
    words: str
    where: Where = "anywhere"
    command: str = ""
    usage: str = ""
    takes_text: bool = False
    fits: str = ""
    is_fixed: bool = False


ACTIONS: tuple[Action, ...] = (
    Action("send", "enter", "enter", "send the question", "prompt", is_fixed=True),
    Action(
        "newline",
        "ctrl+j,shift+enter,shift+\r",
        "ctrl+j",
        "new line (also shift+enter, or \\ then enter)",
        "prompt",
    ),
    Action("earlier", "up", "↑", "earlier question (on the first line)", "prompt", is_fixed=True),
    Action("later", "down", "↓", "later question (on the last line)", "prompt", is_fixed=True),
    Action("complete", "tab", "tab", "take what is offered: a command, a file", "prompt", is_fixed=True),
    Action("stop", "escape", "esc", "close what is open, else stop the answer", is_fixed=True),
    Action(
        "interrupt",
        "ctrl+c",
        "ctrl+c",
        "copy a selection, else stop the answer, else twice: quit",
        is_fixed=True,
    ),
    Action("page_up", "pageup", "page up", "scroll up"),
    Action("page_down", "pagedown", "page down", "scroll down"),
    Action("follow", "ctrl+end", "ctrl+end", "to the end (End with the transcript focused)"),
    Action("new", "ctrl+n", "ctrl+n", "new conversation", command="/new"),
    Action("model", "f2", "F2", "choose a model", command="/model", usage="[NAME]"),
    Action("pull", "f3", "F3", "fetch the proposed model", command="/pull", usage="[NAME]"),
    Action("copy", "ctrl+o", "ctrl+o", "copy the last answer, or code block N", command="/copy", usage="[N]"),
    Action("recall", "ctrl+r", "ctrl+r", "search earlier questions, to ask one again"),
    Action(
        "history",
        "",
        "",
        "search everything that was asked and answered",
        command="/history",
        usage="[WORDS]",
        takes_text=True,
    ),
    Action("rename", "", "", "name this conversation", command="/rename", usage="TITLE", takes_text=True),
    Action(
        "write",
        "",
        "",
        "write code block N to a file (over an old one: the diff first)",
        command="/write",
        usage="N PATH",
        fits=r"\d{1,4}(\s+\S.*)?",
    ),
    Action(
        "editor",
        "ctrl+g",
        "ctrl+g",
        "what is typed, in your $EDITOR (transcript focused: /open)",
        command="/edit",
    ),
    Action("open", "", "", "a copy of the last answer in your $EDITOR", command="/open"),
    Action("find", "", "", "find in this conversation", command="/find", usage="[WORDS]", takes_text=True),
    Action("fold", "", "", "fold or unfold the last answer, or code block N", command="/fold", usage="[N]"),
    Action("sources", "ctrl+s", "ctrl+s", "what goes along with the next question", command="/sources"),
    Action("detach", "", "", "let what goes along go, or source N alone", command="/detach", usage="[N]"),
    Action("again", "", "", "answer the last question once more", command="/again"),
    Action(
        "nocache",
        "",
        "",
        "ask past the stored answers",
        command="/nocache",
        usage="QUESTION",
        takes_text=True,
    ),
    Action("maybe", "", "tab", "open the stored answer that is offered", command="/maybe"),
    Action("keep", "", "", "keep the stored answer that is offered", command="/keep"),
    Action("not_this", "", "", "never offer that answer for this question again", command="/notthis"),
    Action("fit", "", "", "ask the last question again without the oldest turns", command="/fit"),
    Action("window", "", "", "take a larger window and ask again", command="/window", usage="[TOKENS]"),
    Action("demo", "f8", "F8", "try the built-in demo model", command="/demo"),
    Action("clear", "ctrl+l", "ctrl+l", "clear the view", command="/clear"),
    Action("help", "f1", "F1", "help", command="/help"),
    Action("palette", "ctrl+p", "ctrl+p", "every command"),
    Action("suspend", "ctrl+z", "ctrl+z", "to the shell; `fg` comes back"),
    Action("quit", "ctrl+q", "ctrl+q", "quit", command="/quit"),
    Action("to_transcript", "shift+tab", "shift+tab", "into the transcript; any letter comes back", "prompt"),
    Action("read_copy", "y", "y", "copy the last answer", "transcript"),
    Action("read_code", "c", "c", "copy the last code block", "transcript"),
    Action("read_fold", "f", "f", "fold or unfold the last answer", "transcript"),
    Action("read_again", "r", "r", "answer the last question once more", "transcript"),
    Action("read_end", "end", "end", "to the end, and follow", "transcript"),
)


def commands(actions: Iterable[Action] = ACTIONS) -> dict[str, Action]:
    """Actions by their slash form."""
    return {action.command: action for action in actions if action.command}


def rebound(keys: Mapping[str, str], actions: tuple[Action, ...] = ACTIONS) -> tuple[Action, ...]:
    """The table with the person's own keys in it.

    Args:
        keys: action id to comma-separated keys; an empty text takes the key away.

    Raises:
        SettingsInvalid: An id is not known or fixed, or two actions would share a key.
    """
    by_id = {action.id: action for action in actions}
    for name in keys:
        if name not in by_id or by_id[name].is_fixed:
            allowed = ", ".join(action.id for action in actions if not action.is_fixed)
            what = "cannot be changed" if name in by_id else "is no action"
            remedy = f"Allowed in [keys]: {allowed}."
            raise SettingsInvalid(f"keys.{name}: `{name}` {what}", _nearest(name, by_id) + remedy)
    changed = tuple(
        _with_keys(action, keys[action.id]) if action.id in keys else action for action in actions
    )
    # The person's own come last, so that a complaint is about what they wrote.
    _refuse_shared_keys(sorted(changed, key=lambda action: action.id in keys))
    return changed


def _with_keys(action: Action, keys: str) -> Action:
    """The action with other keys; people write ``Ctrl+N`` and ``F9``, Textual says ``ctrl+n`` and ``f9``."""
    names = [name.lower() if len(name) > 1 else name for key in keys.split(",") if (name := key.strip())]
    for name in names:
        if reason := _why_not(name, is_reading=action.where == "transcript"):
            raise SettingsInvalid(
                f"keys.{action.id}: {name} {reason}",
                "Take a key with ctrl, or one of f1 to f12, as in `ctrl+n` or `f9`.",
            )
    return replace(action, keys=",".join(names), label=names[0] if names else "")


def _why_not(key: str, *, is_reading: bool) -> str:
    """Why a key cannot be given to an action; empty when it can."""
    *modifiers, name = key.split("+") if len(key) > 1 else [key]
    if not name or not _MODIFIERS.issuperset(modifiers):
        return "is no key"
    if key in _ARRIVES_AS:
        return f"arrives as {_ARRIVES_AS[key]} in most terminals"
    if not is_reading and (key in _EDITING or (not modifiers and _is_character(name))):
        return "is needed for typing"
    return ""


def _is_character(name: str) -> bool:
    """Whether a key without modifiers writes something: ``n``, ``space``, ``question_mark``."""
    if len(name) == 1:
        return True
    try:
        unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return name in _PUNCTUATION
    return True


def _nearest(name: str, ids: Iterable[str]) -> str:
    """The action that may have been meant, as a question; empty when none is near."""
    from rapidfuzz import process  # only a mistake needs it

    found = process.extractOne(name, [known for known in ids if known != name], score_cutoff=70)
    return f"Did you mean `{found[0]}`? " if found else ""


def _refuse_shared_keys(actions: Iterable[Action]) -> None:
    """Two actions may share a key only when their focus differs."""
    taken: dict[tuple[str, str], Action] = {}
    for action in actions:
        for key in filter(None, action.keys.split(",")):
            places = ("prompt", "transcript") if action.where == "anywhere" else (action.where,)
            for where in places:
                other = taken.setdefault((where, key), action)
                if other is not action:
                    raise SettingsInvalid(
                        f"keys.{action.id}: {key} already means `{other.id}` ({other.words})",
                        f"Choose another key for `{action.id}` or for `{other.id}`.",
                    )


def help_lines(actions: Iterable[Action]) -> list[tuple[str, str]]:
    """Label and words of every action, as help and README show them."""
    lines = []
    for action in actions:
        command = f"{action.command} {action.usage}".strip()
        label = " · ".join(part for part in (action.label, command) if part)
        words = f"{action.words} (transcript focused)" if action.where == "transcript" else action.words
        if label:
            lines.append((label, words))
    return lines
