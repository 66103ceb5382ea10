"""A pack as it is journalled: the same bytes are sent again after a crash, or nothing is."""

import json
from dataclasses import replace

from core.deep.question import ItemKind, Pack, PackItem
from core.errors import HouseError
from core.messages import Attachment, Message, Role

_VERSION = 1


class PackDamaged(HouseError):
    """What was to be sent cannot be read back, so that nothing can be sent for it."""

    kind = "journal"

    def __init__(self) -> None:
        super().__init__(
            "what this run was sending cannot be read back",
            "Keep what it has written or drop it, and ask the question again.",
        )


def pack_to_json(pack: Pack) -> str:
    """All of a pack that is sent, and the names of what was struck."""
    return json.dumps(
        {
            "version": _VERSION,
            "question": pack.question,
            "system": pack.system,
            "question_secrets": pack.question_secrets,
            "items": [_written(item) for item in pack.items],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def pack_from_json(text: str) -> Pack:
    """The same pack again.

    Raises:
        PackDamaged: It is not what `pack_to_json` wrote.
    """
    try:
        written = _object(json.loads(text))
        if written.get("version") != _VERSION:
            raise PackDamaged
        return Pack(
            _text(written, "question"),
            _text(written, "system"),
            tuple(_item(_object(each)) for each in _list(written, "items")),
            _texts(written, "question_secrets"),
        )
    except (ValueError, RecursionError):
        raise PackDamaged from None


def _written(item: PackItem) -> dict[str, object]:
    source = item.attachment
    if item.is_struck:  # nobody shall find what its person would not have sent
        item, source = replace(item, messages=(), text=""), None
    return {
        "id": item.id,
        "kind": item.kind.value,
        "label": item.label,
        "tokens": item.tokens,
        "messages": [[message.role.value, message.text] for message in item.messages],
        "attachment": source and [source.name, source.text, source.sha256, source.origin],
        "text": item.text,
        "secrets": item.secrets,
        "is_struck": item.is_struck,
        "brings": item.brings,
    }


def _item(written: dict[str, object]) -> PackItem:
    tokens, is_struck = written.get("tokens"), written.get("is_struck")
    if type(tokens) is not int or tokens < 0 or not isinstance(is_struck, bool):
        raise PackDamaged
    return PackItem(
        _text(written, "id"),
        ItemKind(_text(written, "kind")),
        _text(written, "label"),
        tokens,
        tuple(_message(each) for each in _list(written, "messages")),
        _attachment(written.get("attachment")),
        _text(written, "text"),
        _texts(written, "secrets"),
        is_struck,
        _texts(written, "brings"),
    )


def _message(written: object) -> Message:
    role, text = _fields(written, 2)
    return Message(Role(role), text)


def _attachment(written: object) -> Attachment | None:
    if written is None:
        return None
    name, text, sha256, origin = _fields(written, 4)
    return Attachment(name, text, sha256, origin)


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise PackDamaged
    return value


def _list(written: dict[str, object], name: str) -> list[object]:
    value = written.get(name)
    if not isinstance(value, list):
        raise PackDamaged
    return value


def _text(written: dict[str, object], name: str) -> str:
    value = written.get(name)
    if not isinstance(value, str):
        raise PackDamaged
    return value


def _texts(written: dict[str, object], name: str) -> tuple[str, ...]:
    return tuple(_fields(written.get(name)))


def _fields(value: object, count: int | None = None) -> list[str]:
    if not isinstance(value, list) or (count is not None and len(value) != count):
        raise PackDamaged
    if not all(isinstance(each, str) for each in value):
        raise PackDamaged
    return value
