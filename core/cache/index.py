"""Which stored questions share rare words with a new one: an index without any model.

It holds whole words as the parser tells them (`--force`, `c++`, `3.11`), not as a tokenizer would cut them.
The rarity of a word is counted beside the index: to count it in there means to read half of it.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import combinations

from core.store.entry_words import remove, term_of, terms

__all__ = ["add", "clear", "indexable", "rarest", "remove", "with_any_two"]

MOST_CANDIDATES = 250
_MOST_SEEN = 2000
"""So many are gone through, where most are of another scope."""
_RAREST = 5

# As bytes: to make a text of each costs as much as to find it.
_WITH_WORDS = """
SELECT i.id, CAST(i.words AS BLOB)
FROM (SELECT rowid FROM entry_words WHERE entry_words MATCH ? LIMIT ?) AS f
JOIN indexed AS i ON i.id = f.rowid WHERE i.scope = ? LIMIT ?"""


def indexable(words: Iterable[str]) -> str:
    """The words of a question in the form they are stored in: sorted, each once, a space between."""
    return " ".join(sorted({"_".join(word.split()) for word in words if word.strip()}))


def add(connection: sqlite3.Connection, entry: int, scope: bytes, words: str) -> None:
    """Make an entry findable by its words."""
    connection.execute("INSERT INTO indexed (id, scope, words) VALUES (?, ?, ?)", (entry, scope, words))
    connection.execute("INSERT INTO entry_words (rowid, words) VALUES (?, ?)", (entry, terms(words)))
    connection.executemany(
        "INSERT INTO word (word, entries) VALUES (?, 1)"
        " ON CONFLICT (word) DO UPDATE SET entries = entries + 1",
        [(word,) for word in words.split()],
    )


def clear(connection: sqlite3.Connection) -> None:
    """Forget every word of every entry."""
    connection.execute("INSERT INTO entry_words (entry_words) VALUES ('delete-all')")
    connection.execute("DELETE FROM indexed")
    connection.execute("DELETE FROM word")


def rarest(connection: sqlite3.Connection, words: Sequence[str]) -> list[str]:
    """Those of the words that are known, the rarest first, five at most."""
    marks = ", ".join("?" * len(words))
    rows = connection.execute(
        f"SELECT word FROM word WHERE word IN ({marks}) ORDER BY entries LIMIT {_RAREST}",  # noqa: S608
        tuple(words),
    )
    return [str(word) for (word,) in rows]


def with_any_two(connection: sqlite3.Connection, words: Sequence[str], scope: bytes) -> dict[int, bytes]:
    """The entries of a scope that have any two of some words, with all of theirs, as UTF-8.

    As many as are worth a closer look; where there are more, those with all of the words are among them.
    """
    pairs = combinations(map(term_of, words), 2)
    found = _matching(connection, " OR ".join(f"({a} AND {b})" for a, b in pairs), scope)
    if len(found) == MOST_CANDIDATES:
        found |= _matching(connection, " AND ".join(map(term_of, words)), scope)
    return found


def _matching(connection: sqlite3.Connection, query: str, scope: bytes) -> dict[int, bytes]:
    if not query:
        return {}
    rows = connection.execute(_WITH_WORDS, (query, _MOST_SEEN, scope, MOST_CANDIDATES))
    return {row[0]: row[1] for row in rows}
