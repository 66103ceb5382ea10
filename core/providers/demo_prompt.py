"""How the demo model is given a conversation: as one text, which says it all and can be gone on from."""

import re

from core.messages import Message, Role

_HEAD = re.compile(r"<\|(?P<role>system|user|assistant) (?P<chars>\d{1,9})\|>\n")
_ANSWER = "<|assistant|>\n"


def render(messages: tuple[Message, ...]) -> str:
    """The text; it ends where the answer begins, or behind the words of one that is to be gone on with.

    Lengths stand before the texts, so that nothing in one of them can be taken for the next one's beginning.
    """
    said = messages[-1].text if messages and messages[-1].role is Role.ASSISTANT else None
    closed = messages if said is None else messages[:-1]
    parts = [f"<|{message.role.value} {len(message.text)}|>\n{message.text}\n" for message in closed]
    return "".join(parts) + _ANSWER + (said or "")


def parse(prompt: str) -> tuple[Message, ...] | None:
    """The messages of a text, the last one the answer's beginning; None for what is only a part of one."""
    messages: list[Message] = []
    at = 0
    while (head := _HEAD.match(prompt, at)) is not None:
        begin, chars = head.end(), int(head["chars"])
        messages.append(Message(Role(head["role"]), prompt[begin : begin + chars]))
        at = begin + chars + 1
        if prompt[at - 1 : at] != "\n":
            return None
    if not prompt.startswith(_ANSWER, at):
        return None
    said = prompt[at + len(_ANSWER) :]
    return (*messages, Message(Role.ASSISTANT, said)) if said else tuple(messages)
