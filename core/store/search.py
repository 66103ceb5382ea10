"""Full-text search over questions and answers: an index that the writer keeps beside the rows.

Two tables of words, one whose numbers are those of turns and one of answers; the texts themselves stand in
their own rows only. Words that stand nearly everywhere say nothing of what is meant, and to rank their tens
of thousands of matches takes long: of those the newest come first.
"""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.store import cells, faults

RANKED = 1_000
"""Matches from which on they are not ranked by their words, but by their time alone."""
ACROSS = 3_000
"""So many of the newest matches of each word are looked at for turns that have them in different places."""
_LONGEST_QUERY = 400
_MOST_TERMS = 12
_RECENT_S = 14 * 86_400
"""An answer this old counts for half of what its words say; what is looked for was mostly asked lately."""
_QUESTION_WEIGHT = 2.0

_UNSPACED = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_QUOTES = '"'
SCANNED = 5_000
"""So many of the newest turns are read where the index does not help."""
_SCANNED = """
SELECT t.id, t.conversation_id, t.question, t.asked_at, t.current_answer_id, c.title, c.directory
FROM (SELECT * FROM turn ORDER BY id DESC LIMIT :newest) t
JOIN conversation c ON c.id = t.conversation_id LEFT JOIN answer a ON a.id = t.current_answer_id
WHERE c.deleted_at IS NULL AND (t.question LIKE :pattern OR a.text LIKE :pattern)
ORDER BY t.id DESC LIMIT :limit"""
_TERM = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"\w+")

_NEWEST = "SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY rowid DESC LIMIT ?"
_RANKED = "SELECT rowid, bm25({table}) FROM {table} WHERE {table} MATCH ? LIMIT ?"
_TURNS = """
SELECT t.id, t.conversation_id, t.question, t.asked_at, t.current_answer_id, c.title, c.directory
FROM turn t JOIN conversation c ON c.id = t.conversation_id
WHERE t.id IN ({marks}) AND c.deleted_at IS NULL"""


@dataclass(frozen=True, slots=True)
class FoundTurn:
    """A turn in which the words stand.

    Attributes:
        answer: the answer's text in which they stand; empty when only the question has them.
    """

    turn: int
    conversation: int
    title: str
    directory: str
    asked_at: float
    question: str
    answer: str = ""


def search(
    connection: sqlite3.Connection, text: str, limit: int, now: float, directory: str | None = None
) -> tuple[FoundTurn, ...]:
    """The turns that have every word of a text in their question or their answers; best first.

    Args:
        text: words; the last one may be a beginning, and what stands in quotes is a phrase.
        directory: only conversations of that directory.
    """
    terms = _terms(text)
    if not terms or limit <= 0:
        return ()
    if _UNSPACED.search(text):
        return _scan(connection, text, limit, directory)
    query = " AND ".join(terms)
    scores: dict[int, float] = {}
    answers: dict[int, int] = {}
    for turn, score in _matches(connection, "question_words", query):
        scores[turn] = score * _QUESTION_WEIGHT
    by_answer = dict(_matches(connection, "answer_words", query))
    for answer, turn in _turns_of(connection, list(by_answer)):
        scores[turn] = scores.get(turn, 0.0) + by_answer[answer]
        answers.setdefault(turn, answer)
    if len(scores) < limit and len(terms) > 1:
        for turn in _across(connection, terms):
            scores.setdefault(turn, 0.0)
    found: dict[tuple[str, str], FoundTurn] = {}
    for turns in _batches(_by_worth(connection, scores, now), max(limit, 20)):
        for row in _rows(connection, turns):
            if directory is None or row["directory"] == directory:
                turn_found = _found(connection, row, answers.get(row["id"]))
                # Asked again and answered the same (from the cache, say), it is told once.
                found.setdefault((turn_found.question, turn_found.answer), turn_found)
            if len(found) == limit:
                return tuple(found.values())
    return tuple(found.values())


def _scan(
    connection: sqlite3.Connection, text: str, limit: int, directory: str | None
) -> tuple[FoundTurn, ...]:
    """The same for scripts that are written without spaces, whose words an index of words does not know."""
    pattern = f"%{text.strip().strip(_QUOTES)}%"
    values = {"pattern": pattern, "newest": SCANNED, "limit": limit * 4}
    rows = connection.execute(_SCANNED, values).fetchall()
    found = [
        _found(connection, row, row["current_answer_id"])
        for row in rows
        if directory is None or row["directory"] == directory
    ]
    return tuple(found[:limit])


def add_question(connection: sqlite3.Connection, turn: int, question: str) -> None:
    """Let a question be found."""
    _add(connection, "INSERT INTO question_words(rowid, text) VALUES (?, ?)", turn, question)


def add_answer(connection: sqlite3.Connection, answer: int, text: str) -> None:
    """Let an answer be found; once, when no more of it comes."""
    if text:
        _add(connection, "INSERT INTO answer_words(rowid, text) VALUES (?, ?)", answer, text)


def is_broken(error: sqlite3.Error) -> bool:
    """Whether the index itself is damaged; `rebuild` mends it."""
    return faults.primary_code(error) == sqlite3.SQLITE_CORRUPT


def rebuild(connection: sqlite3.Connection) -> None:
    """Make the index anew from the rows: whoever edits a row with other tools leaves it behind."""
    for table in ("question_words", "answer_words"):
        connection.execute(f"INSERT INTO {table}({table}) VALUES ('delete-all')")  # noqa: S608  (our own names)
    connection.execute("INSERT INTO question_words(rowid, text) SELECT id, question FROM turn")
    connection.execute(
        "INSERT INTO answer_words(rowid, text) SELECT id, text FROM answer"
        " WHERE state <> 'streaming' AND text <> ''"
    )


def _add(connection: sqlite3.Connection, sql: str, number: int, text: str) -> None:
    """A damaged index costs no question and no answer; the next search finds it damaged, and mends it."""
    try:
        connection.execute(sql, (number, text))
    except sqlite3.DatabaseError as error:
        if not is_broken(error):
            raise


def remove_conversation(connection: sqlite3.Connection, conversation: int) -> None:
    """Let nothing of a conversation be found any more; must come before its rows are deleted.

    The index holds no texts, so it has to be told which words to forget.
    """
    connection.execute(
        "INSERT INTO question_words(question_words, rowid, text)"
        " SELECT 'delete', id, question FROM turn WHERE conversation_id = ?",
        (conversation,),
    )
    connection.execute(
        "INSERT INTO answer_words(answer_words, rowid, text)"
        " SELECT 'delete', a.id, a.text FROM answer a JOIN turn t ON t.id = a.turn_id"
        " WHERE t.conversation_id = ? AND a.state <> 'streaming' AND a.text <> ''",
        (conversation,),
    )


def remove_answer(connection: sqlite3.Connection, answer: int) -> bool:
    """Let an answer be found no more, and whether it was; before its text or its state is changed."""
    row = connection.execute(
        "SELECT text FROM answer WHERE id = ? AND state <> 'streaming' AND text <> ''", (answer,)
    ).fetchone()
    if row is not None:
        sql = "INSERT INTO answer_words(answer_words, rowid, text) VALUES ('delete', ?, ?)"
        connection.execute(sql, (answer, row[0]))
    return row is not None


def _matches(connection: sqlite3.Connection, table: str, query: str) -> list[tuple[int, float]]:
    """What has the words, and how much that is worth; the newest alone where nearly everything has them."""
    newest = connection.execute(_NEWEST.format(table=table), (query, RANKED)).fetchall()
    if len(newest) == RANKED:
        return [(number, 1.0) for (number,) in newest]
    return [
        (number, -score) for number, score in connection.execute(_RANKED.format(table=table), (query, RANKED))
    ]


def _across(connection: sqlite3.Connection, terms: list[str]) -> set[int]:
    """Turns with some of the words in the question and the others in an answer, among the newest."""
    common: set[int] | None = None
    for term in terms:
        asked = connection.execute(_NEWEST.format(table="question_words"), (term, ACROSS)).fetchall()
        said = connection.execute(_NEWEST.format(table="answer_words"), (term, ACROSS)).fetchall()
        turns = {number for (number,) in asked}
        turns |= {turn for _, turn in _turns_of(connection, [number for (number,) in said])}
        common = turns if common is None else common & turns
        if not common:
            return set()
    return common or set()


def _turns_of(connection: sqlite3.Connection, answers: list[int]) -> Iterable[tuple[int, int]]:
    for some in _batches(answers, 500):
        marks = ", ".join("?" * len(some))
        yield from connection.execute(
            f"SELECT id, turn_id FROM answer WHERE id IN ({marks})",  # noqa: S608  (marks are question marks)
            some,
        )


def tidy(connection: sqlite3.Connection) -> None:
    """Write the index anew without the words it was told to forget; about a second for 100,000 turns."""
    for table in ("question_words", "answer_words", "entry_words"):
        connection.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")  # noqa: S608  (our own names)


def _terms(text: str) -> list[str]:
    """What a person typed as FTS5 reads it: every word quoted, so that none of it is syntax."""
    terms: list[str] = []
    is_open = False
    for phrase, word in _TERM.findall(text[:_LONGEST_QUERY]):
        words = _WORD.findall(phrase or word)
        if words:
            terms.append('"' + " ".join(words) + '"')
            is_open = not phrase and text.rstrip() == text
    terms = terms[:_MOST_TERMS]
    if terms and is_open:
        terms[-1] += " *"
    return terms


def _by_worth(connection: sqlite3.Connection, scores: dict[int, float], now: float) -> list[int]:
    """Turns by what their words and their age are worth, best first."""
    if not scores:
        return []
    ages: dict[int, float] = {}
    for turns in _batches(list(scores), 500):
        marks = ", ".join("?" * len(turns))
        for turn, asked_at in connection.execute(
            f"SELECT id, asked_at FROM turn WHERE id IN ({marks})",  # noqa: S608  (marks are question marks)
            turns,
        ):
            ages[turn] = max(0.0, now - cells.moment(asked_at))

    def worth(turn: int) -> float:
        return scores[turn] * (1 + 1 / (1 + ages[turn] / _RECENT_S))

    return sorted(ages, key=worth, reverse=True)


def _rows(connection: sqlite3.Connection, turns: Sequence[int]) -> list[sqlite3.Row]:
    marks = ", ".join("?" * len(turns))
    by_id = {row["id"]: row for row in connection.execute(_TURNS.format(marks=marks), turns)}
    return [by_id[turn] for turn in turns if turn in by_id]


def _found(connection: sqlite3.Connection, row: sqlite3.Row, answer: int | None) -> FoundTurn:
    text = ""
    if answer is not None:
        stored = connection.execute("SELECT text FROM answer WHERE id = ?", (answer,)).fetchone()
        text = cells.text(stored[0]) if stored else ""
    return FoundTurn(
        row["id"],
        row["conversation_id"],
        cells.line(row["title"]),
        cells.line(row["directory"]),
        cells.moment(row["asked_at"]),
        cells.text(row["question"]),
        text,
    )


def _batches(items: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
