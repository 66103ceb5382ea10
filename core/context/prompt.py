"""What a model is sent: stable first, so that the bytes before a new question never change.

Order: system prompt, then what the project tells of itself, then the turns as they were, then the new
question with its attachments before it. History is the current answers only; a turn that got no answer is
left out.

What stands before a new question changes only where it must, and each time that is said or was asked for: the
instructions or the system prompt changed, the oldest turns were dropped, another answer of a turn is current.
"""

import re

from core.context.system import BUILT_IN_SYSTEM
from core.messages import Attachment, Message, Role, Turn

_CLOSING = re.compile(r"<(\s{0,8}/\s{0,8}file)", re.IGNORECASE)
_NAME_MARKS = str.maketrans({'"': "&quot;", "<": "&lt;", ">": "&gt;", "\n": " "})


def with_instructions(system: str, name: str, text: str) -> str:
    """The system prompt with the project's own text behind it; one message, as many models take no second."""
    return f"{system or BUILT_IN_SYSTEM}\n\nThe project says in its {name}:\n\n{text}"


def build_messages(
    system: str, turns: tuple[Turn, ...], question: str, attachments: tuple[Attachment, ...]
) -> tuple[Message, ...]:
    """The whole prompt of one question."""
    messages = [Message(Role.SYSTEM, system or BUILT_IN_SYSTEM)]
    for turn in turns:
        messages.extend(turn_messages(turn))
    messages.append(Message(Role.USER, with_attachments(question, attachments)))
    return tuple(messages)


def turn_messages(turn: Turn) -> tuple[Message, ...]:
    """One earlier turn as it is sent again; empty when it has no answer to build on."""
    if turn.current is None or not turn.current.text:
        return ()
    asked = Message(Role.USER, with_attachments(turn.question, turn.attachments))
    return (asked, Message(Role.ASSISTANT, turn.current.text))


def with_attachments(question: str, attachments: tuple[Attachment, ...]) -> str:
    """The question's own text behind the texts it is about."""
    parts = [
        f'<file name="{_quoted(attachment.name)}">\n{_enclosed(attachment.text.rstrip())}\n</file>'
        for attachment in attachments
    ]
    return "\n\n".join([*parts, question])


def _quoted(name: str) -> str:
    """A name that cannot end its quotes, or its line."""
    return name.translate(_NAME_MARKS)


def _enclosed(text: str) -> str:
    """A text that cannot pretend to be over: what follows would read like the person's own words."""
    return _CLOSING.sub(r"<\\\1", text) if "file" in text.lower() else text
