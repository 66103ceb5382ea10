"""``leadline cache``: what may be used again, looked at and put in order from the shell."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from core.cache.entries import Entries
from core.cache.listing import CacheStats, Entry
from core.errors import UsageInvalid
from core.sanitise import clean, clean_line
from core.store.database import Database
from tui.amounts import bytes_text
from tui.asking import wants
from tui.exits import DONE, FAILED
from tui.labels import ago_text, shortened
from tui.printing import put, put_json, say

_LONGEST_SEARCH = 400
_QUESTION_WIDTH = 68


def run(arguments: argparse.Namespace, database: Path) -> int:
    """Do what was asked; the exit code."""
    store = Database.open(database, time.time)
    try:
        return _ACTS[arguments.command](Entries(store), arguments)
    finally:
        store.close()


def _list(entries: Entries, arguments: argparse.Namespace) -> int:
    found = entries.list(arguments.count, arguments.pinned)
    return _print_rows(
        found, arguments, "no answer is pinned" if arguments.pinned else "nothing is stored yet"
    )


def _search(entries: Entries, arguments: argparse.Namespace) -> int:
    text = " ".join(arguments.words)
    if len(text) > _LONGEST_SEARCH:
        raise UsageInvalid(
            f"that is more than {_LONGEST_SEARCH} characters to search for", "Take a few words of it."
        )
    return _print_rows(entries.search(text, arguments.count), arguments, "no stored answer has all of that")


def _print_rows(found: Sequence[Entry], arguments: argparse.Namespace, nothing: str) -> int:
    if arguments.json:
        for entry in found:
            put_json(_as_json(entry))
        return DONE
    if not found:
        say(nothing)
        return DONE
    width = max(len(str(entry.id)) for entry in found)
    ages = [ago_text(time.time() - entry.created_at) for entry in found]
    for entry, age in zip(found, ages, strict=True):
        question = shortened(" ".join(clean_line(entry.question).split()), _QUESTION_WIDTH)
        marks = "".join(f" · {mark}" for mark in _marks(entry))
        put(f"{entry.id:>{width}}  {age:>13}  {entry.hits:>3}x  {question}{marks}\n")
    return DONE


def _marks(entry: Entry) -> list[str]:
    marks = {
        "pinned": entry.is_pinned,
        "same question only": entry.is_exact_only,
        "out of date": entry.is_expired,
    }
    return [mark for mark, holds in marks.items() if holds]


def _show(entries: Entries, arguments: argparse.Namespace) -> int:
    entry = entries.entry(arguments.ids)
    if arguments.json:
        put_json(_as_json(entry) | {"text": entry.text})
        return DONE
    if entry.is_pinned:
        until = "pinned: until it is let go"
    else:
        until = f"until {_day(entry.expires_at)} ({entry.kind})" + (", out of date" * entry.is_expired)
    if entry.is_exact_only:
        serves = "the same question only, as it deletes or overwrites something"
    else:
        serves = "other wordings too" if entry.is_alone else "the same question in the same context only"
    facts = {
        "question": clean(entry.question),
        "answered": f"{_day(entry.created_at)} by {entry.model} ({entry.place}) in {entry.seconds:.1f} s",
        "used": f"{entry.hits}x" + (f", last {_day(entry.used_at)}" if entry.hits else ""),
        "serves": serves,
        "kept": until,
        "from": f"conversation {entry.conversation}",
    }
    put("".join(f"{name:<9} {value}\n" for name, value in facts.items()) + f"\n{entry.text.rstrip()}\n")
    return DONE


def _forget(entries: Entries, arguments: argparse.Namespace) -> int:
    if not arguments.ids and arguments.conversation is None:
        raise UsageInvalid(
            "nothing to forget was named", "As in: leadline cache forget 12, or --conversation 3."
        )
    ids = _existing(entries, arguments.ids)
    count = (
        0 if arguments.conversation is None else entries.forget_conversation(arguments.conversation).result()
    )
    for entry in ids:
        entries.forget(entry).result()
    return _tell(arguments, "forgotten", count + len(ids))


def _pin(entries: Entries, arguments: argparse.Namespace) -> int:
    ids = _existing(entries, arguments.ids)
    for entry in ids:
        entries.pin(entry, not arguments.off).result()
    return _tell(arguments, "let go" if arguments.off else "pinned", len(ids))


def _existing(entries: Entries, ids: Sequence[int]) -> list[int]:
    """The numbers, each once, when every one is there: a typo among them changes nothing."""
    known = list(dict.fromkeys(ids))
    for entry in known:
        entries.entry(entry)
    return known


def _prune(entries: Entries, arguments: argparse.Namespace) -> int:
    from core.settings.load import load
    from core.settings.paths import find_paths

    most = load(find_paths(os.environ, arguments.demo), os.environ, {}).settings.cache.max_answers
    count = 0
    while gone := entries.prune(most).result():
        count += gone
    return _tell(arguments, "pruned", count)


def _clear(entries: Entries, arguments: argparse.Namespace) -> int:
    if not arguments.yes:
        count = entries.stats().entries
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageInvalid(
                f"this would forget {_answers(count)}, and asks first only on a terminal",
                "Give --yes to do it without being asked.",
            )
        if not wants(f"forget {_answers(count)}, pinned ones too?"):
            say("nothing was forgotten")
            return FAILED
    return _tell(arguments, "forgotten", entries.clear().result())


def _stats(entries: Entries, arguments: argparse.Namespace) -> int:
    stats = entries.stats()
    if arguments.json:
        put_json(asdict(stats))
    else:
        put("".join(f"{line}\n" for line in stats_lines(stats)))
    return DONE


def stats_lines(stats: CacheStats) -> list[str]:
    """The figures in words, the same for shell and screen."""
    exact, sure = stats.hits["exact"], stats.hits["sure"]
    shown = stats.shown
    wrong = stats.objections["exact"] + stats.objections["sure"]
    lines = [
        f"stored     {_answers(stats.entries)}, {bytes_text(stats.bytes)}; {stats.pinned} pinned, "
        f"{stats.expired} out of date",
        f"served     {exact + sure}x: {exact} the same question, {sure} in another wording",
        f"maybe      {shown['shown']} shown, {shown['opened']} opened, {shown['kept']} kept",
        f"saved      {_duration(stats.seconds_saved)} of waiting",
        f"objected   {wrong} of what was served, {stats.objections['maybe']} of what was shown; "
        f"{stats.vetoes} pairs of questions are never taken for one again",
    ]
    if stats.kinds:
        lines.append(f"  differed in {_by_count(stats.kinds)}")
    if stats.fine_kinds:
        lines.append(f"  taken although they differed in {_by_count(stats.fine_kinds)}")
    return lines


def _tell(arguments: argparse.Namespace, what: str, count: int) -> int:
    if arguments.json:
        put_json({what.replace(" ", "_"): count})
    else:
        put(f"{_answers(count)} {what}\n")
    return DONE


def _answers(count: int) -> str:
    return "1 answer" if count == 1 else f"{count:,} answers"


def _by_count(kinds: dict[str, int]) -> str:
    ordered = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))
    return ", ".join(f"{kind} {count}x" for kind, count in ordered)


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _day(moment: float) -> str:
    """A date a person knows; whatever stands in the file."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(moment))
    except (OverflowError, ValueError, OSError):
        return "at an unknown time"


def _as_json(entry: Entry) -> dict[str, object]:
    """An entry without its answer's text, which may be long."""
    return {name: value for name, value in asdict(entry).items() if name != "text"}


_ACTS: dict[str, Callable[[Entries, argparse.Namespace], int]] = {
    "list": _list,
    "show": _show,
    "search": _search,
    "forget": _forget,
    "prune": _prune,
    "pin": _pin,
    "clear": _clear,
    "stats": _stats,
}
