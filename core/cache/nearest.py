"""Another wording of a question: candidates by rare words, the nearest of them, then what differs decides.

Imported only when the same question was not found: it brings the parser and the rules.
"""

import sqlite3
from dataclasses import dataclass

from core.cache import index
from core.cache.decide import Outcome, decide
from core.cache.found import Hit, Wanted
from core.cache.guards.difference import Difference
from core.cache.question import Parsed, parse
from core.cache.scope import question_key
from core.store import cells

_JUDGED = 5
"""So many of the nearest are judged by what differs."""

_LOOKED_AT = 24
"""So many more are fetched as may turn out to be vetoed, out of date, or asked in this conversation."""

_LEAST_LIKE = 35.0
"""Less alike than this in their sorted words no two questions are one; it only saves work."""

_FEW = 40
"""With fewer candidates than this, rarer company is looked for too."""

_SAME_WORDS = "SELECT id FROM indexed WHERE words = ? AND scope = ? ORDER BY id DESC LIMIT ?"
_NEAREST = """
SELECT e.id, e.parsed, e.question, e.model_key, e.depth FROM entry e
JOIN answer a ON a.id = e.answer_id JOIN turn t ON t.id = a.turn_id
JOIN conversation c ON c.id = t.conversation_id
WHERE c.deleted_at IS NULL AND e.id IN ({ids})
AND e.scope = :scope AND e.depth >= :depth AND e.stands_alone AND NOT e.is_exact_only
AND (e.expires_at > :now OR e.is_pinned) AND a.state = 'complete' AND t.conversation_id IS NOT :conversation
AND NOT EXISTS (SELECT 1 FROM never WHERE a = min(e.asked, :key) AND b = max(e.asked, :key))"""


@dataclass(frozen=True, slots=True)
class Alike:
    """An entry whose question is like the one asked."""

    entry: int
    outcome: Hit
    differs: tuple[Difference, ...]
    is_other_model: bool


def most_alike(connection: sqlite3.Connection, wanted: Wanted, now: float) -> Alike | None:
    """The entry whose question differs least, if it may serve or be shown."""
    asked = parse(wanted.text)
    if not asked.stands_alone:
        return None
    words = index.indexable(asked.words)
    same = connection.execute(_SAME_WORDS, (words, wanted.scope, _LOOKED_AT)).fetchall()
    served = _judge(connection, wanted, now, asked, {row[0]: 100.0 for row in same})
    if served is not None and served.outcome is Hit.SURE:
        return served
    known = index.rarest(connection, words.split())
    # Whoever has all of the words but one has two of any three; more are looked at where that finds few.
    found = index.with_any_two(connection, known[:3], wanted.scope)
    if len(found) < _FEW and len(known) > 3:
        found |= index.with_any_two(connection, known, wanted.scope)
    if not found:
        return served
    # Only here: a cache that holds nothing like it need not load what compares.
    from rapidfuzz import fuzz, process

    ranked = process.extract(
        words.encode(), found, scorer=fuzz.ratio, limit=_LOOKED_AT, score_cutoff=_LEAST_LIKE
    )
    likeness = {number: score for _, score, number in ranked}
    return _judge(connection, wanted, now, asked, likeness) or served


def most_alike_of(
    connection: sqlite3.Connection, wanted: Wanted, cosines: dict[int, float], now: float
) -> Alike | None:
    """The same among entries that an embedding model holds to be alike; at most to be shown."""
    asked = parse(wanted.text)
    if not cosines or not asked.stands_alone:
        return None
    return _judge(connection, wanted, now, asked, cosines, cosines)


def _judge(
    connection: sqlite3.Connection,
    wanted: Wanted,
    now: float,
    asked: Parsed,
    likeness: dict[int, float],
    cosines: dict[int, float] | None = None,
) -> Alike | None:
    """The best of some entries, judged by what differs.

    Args:
        likeness: the entries, and how alike each is; the most alike are judged.
        cosines: what an embedding model says of them; it only ever adds a maybe.
    """
    if not likeness:
        return None
    bounds = {
        "scope": wanted.scope,
        "depth": wanted.depth,
        "now": now,
        "conversation": wanted.conversation,
        "key": question_key(wanted.text),
    }
    rows = connection.execute(_NEAREST.format(ids=", ".join(map(str, likeness))), bounds).fetchall()
    rows.sort(key=lambda row: -likeness[row[0]])
    best: tuple[tuple[int, float, int, float], Alike] | None = None
    for entry, parsed, question, model, depth in rows[:_JUDGED]:
        stored = _loaded(parsed, question)
        cosine = cosines.get(entry) if cosines else None
        verdict = decide(asked, stored, cosine)
        if verdict.outcome is Outcome.NO:
            continue
        is_other = model != wanted.model_key
        is_sure = verdict.outcome is Outcome.SURE and not is_other and cosines is None
        alike = Alike(entry, Hit.SURE if is_sure else Hit.MAYBE, verdict.differs, is_other)
        rank = (int(is_sure), -verdict.apart, cells.count(depth) or 0, likeness[entry])
        if best is None or rank > best[0]:
            best = (rank, alike)
    return None if best is None else best[1]


def _loaded(parsed: object, question: object) -> Parsed:
    """A stored question, parsed; read afresh where another leadline, or someone, wrote what is none."""
    try:
        return Parsed.load(cells.text(parsed))
    except (ValueError, KeyError, TypeError, IndexError):
        return parse(cells.text(question))
