"""What a conversation was sent, where it can be read again, and how it is let go."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from core.messages import Attachment, Route
from core.store.conversations import Conversations
from core.store.database import Database
from core.store.entries import NewAnswer

FAST = NewAnswer(Route.FAST, "m", "ollama", "local")


def _of(name: str, text: str, origin: str = "") -> Attachment:
    return Attachment(name, text, hashlib.sha256(text.encode()).hexdigest(), origin)


def test_of_each_followed_source_the_newest_version_is_known() -> None:
    """The next question must be compared with what the model saw last, not with what it saw first."""
    conversations = Conversations(Database.open(None, lambda: 1.0))
    first, second = _of("a.py", "one", "file:/a.py"), _of("a.py", "two", "file:/a.py")
    other = _of("b.py", "b", "file:/b.py")

    home = conversations.ask("?", (first, other), None, "/x", FAST).result().conversation
    conversations.ask("?", (second, _of("stdin", "once")), home, "/x", FAST).result()
    elsewhere = conversations.ask("?", (_of("c.py", "c", "file:/c.py"),), None, "/x", FAST).result()

    assert conversations.followed(home) == (other, second)
    assert conversations.followed(elsewhere.conversation) == (_of("c.py", "c", "file:/c.py"),)


def test_a_released_source_is_followed_again_once_it_is_sent_again() -> None:
    """Removing a source is for now; naming it again is the way back."""
    conversations = Conversations(Database.open(None, lambda: 1.0))
    file = _of("a.py", "one", "file:/a.py")
    home = conversations.ask("?", (file,), None, "/x", FAST).result().conversation

    conversations.release(home, "file:/a.py").result()
    assert conversations.followed(home) == ()

    conversations.ask("?", (file,), home, "/x", FAST).result()
    assert conversations.followed(home) == (file,)


def test_what_is_let_go_is_gone_before_that_is_written(tmp_path: Path) -> None:
    """Another program may keep the database busy; a question that is asked meanwhile must not send it."""
    file = _of("a.py", "one", "file:/a.py")
    with closing(Database.open(tmp_path / "leadline.db", lambda: 1.0)) as database:
        conversations = Conversations(database)
        home = conversations.ask("?", (file,), None, "/x", FAST).result().conversation
        elsewhere = conversations.ask("?", (file,), None, "/x", FAST).result().conversation
        with closing(sqlite3.connect(tmp_path / "leadline.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            released = conversations.release(home, "file:/a.py")
            assert conversations.followed(home) == ()
            assert conversations.followed(elsewhere) == (file,)
            assert not released.done()
            other.execute("ROLLBACK")
        released.result()
        assert conversations.followed(home) == ()
        conversations.ask("?", (file,), home, "/x", FAST).result()
        assert conversations.followed(home) == (file,)
