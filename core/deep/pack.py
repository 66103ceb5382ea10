"""Packs what a deep question is sent with: stable first, each thing weighed, looked through, strikable."""

import asyncio
from collections.abc import Sequence

from core.context.budget import estimate_messages, estimate_tokens
from core.context.instructions import Instructions
from core.context.prompt import turn_messages, with_attachments, with_instructions
from core.context.secrecy import secrets_in, words_of
from core.context.system import BUILT_IN_SYSTEM
from core.deep.question import ItemKind, Pack, PackItem
from core.errors import HouseError
from core.messages import Attachment, Message, Role, Turn
from core.secrets import find_secrets

_IN_A_THREAD = 8192
"""Characters beyond which a look for secrets would be felt as a stutter."""
_NAMED = 3
_DIFFS = ("diff", "staged")


class PackTooLarge(HouseError):
    """What would be sent does not fit the window of the model that would be asked.

    Attributes:
        needed: estimated tokens of all of it, with the room for the answer.
        window: tokens that fit.
        largest: the items that take the most, largest first; striking them helps.
    """

    kind = "context_full"

    def __init__(self, needed: int, window: int, largest: tuple[PackItem, ...]) -> None:
        self.needed = needed
        self.window = window
        self.largest = largest
        super().__init__(
            f"this needs about {needed:,} tokens and the window holds {window:,}", _way_out(largest)
        )


async def build_pack(
    question: str,
    system: str,
    instructions: Instructions | None,
    turns: Sequence[Turn],
    attachments: Sequence[Attachment],
) -> Pack:
    """Everything that would be sent for a question, looked through for secrets.

    Args:
        system: the system prompt, without the project's instructions; empty is the built-in one.
        turns: the conversation's before this question, all of them, oldest first: they are numbered by their
            place. Of each the current answer is sent; one that has none is left out.
        attachments: what the question itself is about.
    """
    size = len(question) + len(system) + sum(len(each.text) for each in attachments)
    size += sum(_size(turn) for turn in turns)
    if size <= _IN_A_THREAD:
        return _pack(question, system, instructions, turns, attachments)
    return await asyncio.to_thread(_pack, question, system, instructions, turns, attachments)


def messages_of(pack: Pack) -> tuple[Message, ...]:
    """The pack as it is sent, without what was struck; the last message is the question with its sources."""
    system, between = pack.system, list[Message]()
    sources: list[Attachment] = []
    for item in pack.sent:
        if item.kind is ItemKind.INSTRUCTIONS:
            system = with_instructions(system, item.label, item.text)
        between.extend(item.messages)
        if item.attachment is not None:
            sources.append(item.attachment)
    asked = Message(Role.USER, with_attachments(pack.question, tuple(sources)))
    return (Message(Role.SYSTEM, system), *between, asked)


def tokens_of(pack: Pack) -> int:
    """About how many tokens are sent, rather too many than too few."""
    return estimate_messages(messages_of(pack))


def kinds_of(pack: Pack) -> frozenset[str]:
    """Kinds of content that are sent: ``question`` always, ``turn``, ``instructions``, ``source:file``."""
    kinds = {"question"}  # so that a host which was sent nothing else is no new one the next time
    for item in pack.sent:
        kinds.update(item.brings)
        kinds.add(source_kind(item.attachment) if item.attachment is not None else item.kind.value)
    return frozenset(kinds)


def source_kind(attachment: Attachment) -> str:
    """What kind of source a text came from, as ``source:diff``."""
    from core.context.sources.origins import origin_of  # only for who ever sent a source

    origin = origin_of(attachment.origin)
    name = attachment.name
    if origin is not None:
        kind = "diff" if origin.kind in _DIFFS else origin.kind
    elif name in ("stdin", "clip"):
        kind = name
    elif name.startswith("! "):
        kind = "command"
    elif name.startswith("pane "):
        kind = "pane"
    else:
        kind = "diff" if name in _DIFFS else "file"
    return f"source:{kind}"


def refuse_too_large(pack: Pack, window: int, answer_room: int) -> None:
    """Say so when it does not fit; nothing is cut silently.

    Args:
        window: tokens that fit; 0 when that is not known, and nothing is refused.
        answer_room: tokens that must stay free for thinking and answer.

    Raises:
        PackTooLarge: It does not fit; the largest items are named.
    """
    needed = tokens_of(pack) + answer_room
    if window and needed > window:
        by_size = sorted(pack.sent, key=lambda item: item.tokens, reverse=True)
        raise PackTooLarge(needed, window, tuple(by_size[:_NAMED]))


def _pack(
    question: str,
    system: str,
    instructions: Instructions | None,
    turns: Sequence[Turn],
    attachments: Sequence[Attachment],
) -> Pack:
    items: list[PackItem] = []
    if instructions is not None:
        items.append(_instructions_item(instructions))
    for number, turn in enumerate(turns, 1):
        if messages := turn_messages(turn):
            items.append(_turn_item(number, turn, messages))
    items += [_source_item(number, each) for number, each in enumerate(attachments, 1)]
    secrets = (*_looked_through("the system prompt", system), *_looked_through("the question", question))
    return Pack(question, system or BUILT_IN_SYSTEM, tuple(items), secrets)


def _instructions_item(found: Instructions) -> PackItem:
    secrets = _looked_through(found.name, found.text)
    tokens = estimate_tokens(found.text)
    return PackItem(
        "instructions", ItemKind.INSTRUCTIONS, found.name, tokens, text=found.text, secrets=secrets
    )


def _turn_item(number: int, turn: Turn, messages: tuple[Message, ...]) -> PackItem:
    label = f"turn {number}"
    answer = turn.current.text if turn.current is not None else ""
    secrets = (
        *_looked_through(f"{label}'s question", turn.question),
        *_of_sources(turn.attachments),
        *_looked_through(f"{label}'s answer", answer),
    )
    return PackItem(
        f"turn-{number}",
        ItemKind.TURN,
        label,
        estimate_messages(messages),
        messages=messages,
        secrets=secrets,
        brings=tuple(sorted({source_kind(each) for each in turn.attachments})),
    )


def _source_item(number: int, source: Attachment) -> PackItem:
    tokens = estimate_tokens(with_attachments("", (source,)))
    secrets = _of_sources((source,))
    return PackItem(
        f"source-{number}", ItemKind.SOURCE, source.name, tokens, attachment=source, secrets=secrets
    )


def _of_sources(attachments: Sequence[Attachment]) -> tuple[str, ...]:
    return words_of(secrets_in(attachments))


def _looked_through(name: str, text: str) -> tuple[str, ...]:
    return tuple(secret.within(name) for secret in find_secrets(text))


def _size(turn: Turn) -> int:
    answer = len(turn.current.text) if turn.current is not None else 0
    return len(turn.question) + answer + sum(len(each.text) for each in turn.attachments)


def _way_out(largest: tuple[PackItem, ...]) -> str:
    if not largest:
        return "Ask a shorter question, or take a model with a larger window."
    named = ", ".join(f"{item.label} ({item.tokens:,})" for item in largest)
    return f"The largest are {named}; strike what is not needed, or take a model with a larger window."
