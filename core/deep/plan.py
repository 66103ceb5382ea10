"""A plan as a model writes it, read with patience: fenced, with prose around, in other shapes."""

import json
from typing import NamedTuple

from core.sanitise import clean, clean_line

MOST_PARTS = 5
LEAST_PARTS = 3
"""Fewer are not worth a plan: one call thinks them through as well, and sooner."""
_MOST_READ = 40_000
_MOST_TRIES = 40
_LONGEST_TITLE, _LONGEST_QUESTION = 60, 1_000
_LISTS = ("parts", "questions", "steps", "plan", "subquestions")
_TITLES = ("title", "name", "topic")
_QUESTIONS = ("question", "text", "query", "prompt", "description")


class Part(NamedTuple):
    """One part of a question, to be answered by itself."""

    title: str
    question: str


def read_plan(text: str) -> tuple[Part, ...]:
    """The parts of a plan, at most five, each once; none where nothing like a plan is in the text.

    What is read is clean: an escape within JSON is a way past every cleaning before.
    """
    text = text[:_MOST_READ]
    decoder = json.JSONDecoder()
    at = 0
    best: tuple[Part, ...] = ()
    for _ in range(_MOST_TRIES):
        starts = [found for found in (text.find("{", at), text.find("[", at)) if found >= 0]
        if not starts:
            break
        at = min(starts)
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        best = max(best, _parts(value), key=len)
    return best


def _parts(value: object) -> tuple[Part, ...]:
    if isinstance(value, dict):
        inner = next((value[name] for name in _LISTS if isinstance(value.get(name), list | dict)), None)
        return _parts(inner) if inner is not None else ()
    if not isinstance(value, list):
        return ()
    found: dict[str, Part] = {}
    for each in value:
        part = _part(each)
        if part is not None:
            found.setdefault(part.question.casefold(), part)
    return tuple(found.values())[:MOST_PARTS]


def _part(value: object) -> Part | None:
    if isinstance(value, str):
        title, question = "", value
    elif isinstance(value, dict):
        title, question = _first(value, _TITLES), _first(value, _QUESTIONS)
    else:
        return None
    question = clean(question or title).strip()[:_LONGEST_QUESTION]
    title = clean_line(title or question).strip()
    if len(title) > _LONGEST_TITLE:
        title = title[: _LONGEST_TITLE - 1].rstrip() + "…"
    return Part(title, question) if question else None


def _first(value: "dict[object, object]", names: tuple[str, ...]) -> str:
    return next((said for name in names if isinstance(said := value.get(name), str) and said.strip()), "")
