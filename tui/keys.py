"""The one table of keys and commands: footer, help, palette, README and bindings are drawn from it.

Labels name keys as they are printed on a keyboard; `keys` names them as Textual does. ``shift+enter`` arrives
under two names, and alt+enter is not among them on purpose: without the kitty protocol it arrives as enter.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from core.errors import SettingsInvalid

Where = Literal["anywhere", "prompt", "transcript", "panel"]

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
    Action("tune", "", "", "measure the models here, and take the best", command="/tune"),
    Action(
        "step_down", "f6", "F6", "take a quicker model, where the one in use is slow", command="/stepdown"
    ),
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
    Action("details", "", "", "how the last answer came: times, what they were made of", command="/details"),
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
    Action(
        "next_chip", "", "tab", "the next follow-up question into the empty prompt", "prompt", is_fixed=True
    ),
    Action("chip_1", "alt+1", "alt+1", "the first follow-up question that is offered, at once", command="/1"),
    Action("chip_2", "alt+2", "alt+2", "the second one", command="/2"),
    Action("chip_3", "alt+3", "alt+3", "the third one", command="/3"),
    Action("speculation", "", "", "what is done ahead, and what it is good for", command="/speculation"),
    Action("stats", "", "", "how long answers took, what was there before, deep runs", command="/stats"),
    Action("maybe", "", "tab", "open the stored answer that is offered", command="/maybe"),
    Action("keep", "", "", "keep the stored answer that is offered", command="/keep"),
    Action("not_this", "", "", "never offer that answer for this question again", command="/notthis"),
    Action(
        "deep",
        "ctrl+t,f4",
        "ctrl+t · F4",
        "think it through: what is typed, else the last question",
        command="/deep",
        usage="[QUESTION]",
        takes_text=True,
    ),
    Action(
        "deeper",
        "",
        "",
        "the same in parts at the same time, then put together",
        command="/deeper",
        usage="[QUESTION]",
        takes_text=True,
    ),
    Action("go", "", "", "send what is shown, or go on with the plan", command="/go"),
    Action(
        "strike",
        "",
        "",
        "let item N not be sent, or part N of the plan not be done",
        command="/strike",
        usage="N",
        fits=r"\d{1,2}",
    ),
    Action("cancel", "", "", "send nothing of what is shown", command="/cancel"),
    Action("end", "", "", "end the deep run and keep what came", command="/end"),
    Action("drop", "", "", "end the deep run and keep nothing of it", command="/drop"),
    Action("hide", "", "", "hide the deep panel; the run goes on", command="/hide"),
    Action("panel", "", "", "show the deep panel, or one row of it", command="/panel"),
    Action(
        "hint",
        "",
        "",
        "a word for the next stage of the deep run",
        command="/hint",
        usage="TEXT",
        takes_text=True,
    ),
    Action(
        "finding",
        "",
        "",
        "read what stage N of the deep run has found",
        command="/finding",
        usage="[N]",
        fits=r"\d{1,2}",
    ),
    Action("plan", "", "", "let the plan of the deep run wait", command="/plan"),
    Action("runs", "", "", "the deep runs, or run N", command="/runs", usage="[N]", fits=r"\d{1,3}"),
    Action("choose", "", "", "the deep answer becomes its turn's answer", command="/choose"),
    Action("queue", "", "", "ask the deep question when there is a way again", command="/queue"),
    Action("retry", "", "", "look at once whether there is a way", command="/retry"),
    Action("resume", "", "", "go on with the deep run that was interrupted", command="/resume"),
    Action("accept", "", "", "leave the interrupted deep run as far as it came", command="/accept"),
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
    Action("read_details", "i", "i", "how the last answer came, or no more of it", "transcript"),
    Action("read_end", "end", "end", "to the end, and follow", "transcript"),
    Action("run_read", "enter", "enter", "read what the stage has found", "panel", is_fixed=True),
    Action("run_up", "up", "↑", "the stage above", "panel", is_fixed=True),
    Action("run_down", "down,tab", "↓ · tab", "the stage below", "panel", is_fixed=True),
    Action("run_end", "e", "e", "end the run and keep what came (also esc twice)", "panel"),
    Action("run_hide", "b", "b", "hide the panel; the run goes on", "panel"),
    Action("run_fold", "c", "c", "one row of the panel, or all of it", "panel"),
    Action("run_hint", "u", "u", "a word for the next stage", "panel"),
    Action("run_plan", "p", "p", "let the plan wait", "panel"),
    Action("run_strike", "x", "x", "strike a part of the plan", "panel"),
    Action("run_go", "g", "g", "go on with the plan", "panel"),
    Action("run_next", "n", "n", "the next run", "panel"),
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
        if reason := _why_not(name, is_reading=action.where in ("transcript", "panel")):
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
            places = ("prompt", "transcript", "panel") if action.where == "anywhere" else (action.where,)
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
        focused = action.where in ("transcript", "panel")
        words = f"{action.words} ({action.where} focused)" if focused else action.words
        if label:
            lines.append((label, words))
    return lines
