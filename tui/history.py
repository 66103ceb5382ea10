"""``leadline history``: what was asked and answered, found, shown and put in order from the shell."""

import argparse
import os
import sys
import time
from collections.abc import Callable

from core.errors import UsageInvalid
from core.messages import Conversation
from core.sanitise import clean_line
from core.store.conversations import Conversations
from core.store.database import Database
from tui.exits import DONE
from tui.labels import ago_text, shortened
from tui.printing import put, put_json, say
from tui.snippets import snippet

_WIDTH = 100
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def run(arguments: argparse.Namespace, store: Database, project: str) -> int:
    """Do what was asked; the exit code.

    Args:
        project: the root of the project that ``--here`` means.
    """
    conversations = Conversations(store)
    given = {"show": _show, "rename": _rename, "delete": _delete, "undo": _undo}
    for name, act in given.items():
        if getattr(arguments, name) is not None:
            return act(conversations, arguments)
    if arguments.purge:
        count = conversations.purge().result()
        put(f"{count} removed for good\n")
        return DONE
    where = project if arguments.here else None
    if arguments.words:
        return _search(conversations, arguments, where)
    return _list(conversations, arguments, where)


def _list(conversations: Conversations, arguments: argparse.Namespace, where: str | None) -> int:
    found = conversations.recent(arguments.count, where)
    if arguments.json:
        for each in found:
            put_json({"conversation": each.id, "title": each.title, "directory": each.directory,
                       "created_at": each.created_at, "updated_at": each.updated_at})  # fmt: skip
        return DONE
    if not found:
        say("nothing was asked yet" + (" here" if where else ""))
    width = max((len(str(each.id)) for each in found), default=1)
    for each in found:
        put(f"{each.id:>{width}}  {_age(each.updated_at):>13}  {each.title}{_place(each, where)}\n")
    return DONE


def _search(conversations: Conversations, arguments: argparse.Namespace, where: str | None) -> int:
    typed = " ".join(arguments.words)
    found = conversations.search(typed, arguments.count, where)
    if arguments.json:
        for each in found:
            put_json({"conversation": each.conversation, "turn": each.turn, "title": each.title,
                       "directory": each.directory, "asked_at": each.asked_at, "question": each.question,
                       "snippet": snippet(each.answer or each.question, typed, 200).text})  # fmt: skip
        return DONE
    if not found:
        say(f"nothing has {_said(typed)}")
    paint = _painter()
    for each in found:
        put(f"{each.conversation}  {_age(each.asked_at)}  {paint(each.question, typed, _WIDTH - 20)}\n")
        if each.answer:
            put(f"    {paint(each.answer, typed, _WIDTH - 4)}\n")
    return DONE


def _show(conversations: Conversations, arguments: argparse.Namespace) -> int:
    each = conversations.conversation(arguments.show)
    turns = conversations.turns(each.id)
    if conversations.is_deleted(each.id):
        say(f"{each.id} is deleted; `leadline history --undo {each.id}` brings it back")
    if arguments.json:
        for turn in turns:
            answer = turn.current
            put_json({"turn": turn.id, "asked_at": turn.asked_at, "question": turn.question,
                       "answer": answer.text if answer else None,
                       "model": answer.model if answer else None})  # fmt: skip
        return DONE
    put(f"# {each.title}\n")
    for turn in turns:
        asked = "\n".join(f"> {line}" for line in turn.question.splitlines() or [""])
        put(f"\n{asked}\n\n{turn.current.text.rstrip() if turn.current else '(no answer)'}\n")
    return DONE


def _rename(conversations: Conversations, arguments: argparse.Namespace) -> int:
    title = clean_line(" ".join(arguments.words)).strip()
    if not title:
        raise UsageInvalid(
            "there is no title", f'As in: leadline history --rename {arguments.rename} "a title"'
        )
    conversations.rename(arguments.rename, title).result()
    put(f"{arguments.rename} is called {title} from now on\n")
    return DONE


def _delete(conversations: Conversations, arguments: argparse.Namespace) -> int:
    _without_words(arguments)
    conversations.delete(arguments.delete).result()
    put(f"{arguments.delete} is deleted; `leadline history --undo {arguments.delete}` brings it back\n")
    return DONE


def _undo(conversations: Conversations, arguments: argparse.Namespace) -> int:
    _without_words(arguments)
    conversations.undo_delete(arguments.undo).result()
    put(f"{arguments.undo} is back\n")
    return DONE


def _without_words(arguments: argparse.Namespace) -> None:
    if arguments.words:
        raise UsageInvalid("words and a number to act on exclude each other", "Leave one of them away.")


def _age(moment: float) -> str:
    return ago_text(time.time() - moment)


def _place(each: Conversation, where: str | None) -> str:
    return "" if where else f"  ({shortened(each.directory, 40)})"


def _said(typed: str) -> str:
    return f"all of: {shortened(clean_line(typed), 60)}"


def _painter() -> Callable[[str, str, int], str]:
    """How a found text is shown: its words bold on a terminal, plain elsewhere and where NO_COLOR says so."""
    is_plain = not sys.stdout.isatty() or bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"

    def paint(text: str, typed: str, length: int) -> str:
        piece = snippet(text, typed, length)
        if is_plain:
            return piece.text
        shown, at = "", 0
        for start, end in piece.marks:
            shown += f"{piece.text[at:start]}{_BOLD}{piece.text[start:end]}{_PLAIN}"
            at = end
        return shown + piece.text[at:]

    return paint
