"""What a conversation was sent, where it can be read again, and how it is let go."""

import hashlib

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
