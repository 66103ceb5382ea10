"""The words by which stored answers are found, as far as the store must know them: to take them out.

When a conversation is removed for good, its entries go with it by a cascade, which an index cannot follow.
"""

import sqlite3

from core.store import cells


def remove(connection: sqlite3.Connection, entry: int) -> None:
    """Take an entry out, if it is there."""
    row = connection.execute("SELECT words FROM indexed WHERE id = ?", (entry,)).fetchone()
    if row is None:
        return
    words = cells.text(row[0])
    connection.execute("DELETE FROM indexed WHERE id = ?", (entry,))
    connection.execute(
        "INSERT INTO entry_words (entry_words, rowid, words) VALUES ('delete', ?, ?)", (entry, terms(words))
    )
    each = [(word,) for word in words.split()]
    connection.executemany("UPDATE word SET entries = entries - 1 WHERE word = ?", each)
    connection.executemany("DELETE FROM word WHERE word = ? AND entries <= 0", each)


def remove_conversation(connection: sqlite3.Connection, conversation: int) -> None:
    """Take out the words of every entry of a conversation; must come before its rows are deleted."""
    entries = connection.execute(
        "SELECT e.id FROM entry e JOIN answer a ON a.id = e.answer_id JOIN turn t ON t.id = a.turn_id"
        " WHERE t.conversation_id = ?",
        (conversation,),
    ).fetchall()
    for (entry,) in entries:
        remove(connection, entry)


def remove_answer(connection: sqlite3.Connection, answer: int) -> None:
    """Take out the words of every entry of one answer; must come before its row is deleted."""
    for (entry,) in connection.execute("SELECT id FROM entry WHERE answer_id = ?", (answer,)).fetchall():
        remove(connection, entry)


def terms(words: str) -> str:
    """The words of a question as the index holds them."""
    return " ".join(term_of(word) for word in words.split())


def term_of(word: str) -> str:
    """A word as one token, whatever its signs; quoting would not help, the tokenizer cuts inside."""
    if word.isascii() and word.isalnum():
        return f"w{word}"
    return f"x{word.encode('utf-8', 'surrogatepass').hex()}"
