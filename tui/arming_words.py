"""What a deep question would send where, in one row: for a pipe, and above the prompt."""

import re
from collections.abc import Iterator, Sequence

from core.amounts import tokens_text
from core.deep.arming import Prepared, cost_words, host_words, secrets_words
from core.deep.question import ItemKind
from core.sanitise import clean_line

_NAMED = 3
_NUMBERED = r"turn-(\d+)"


def arming_text(prepared: Prepared, width: int = 0) -> str:
    """One row: ``sends turns 3-5 + a.py, 6.2k tok, 0 secrets → api.anthropic.com ≈$0.05``.

    Args:
        width: cells there are; names go first, then tokens; secrets, host and cost stay. 0 is no bound.
    """
    pack, depth = prepared.pack, prepared.depth
    turns = _ranges([item.id for item in pack.sent if item.kind is ItemKind.TURN])
    names = [clean_line(item.label) for item in pack.sent if item.kind is not ItemKind.TURN]
    tokens = f", {tokens_text(prepared.estimate.tokens)} tok"
    secrets = secrets_words(len(pack.secrets))
    behind = " ".join(filter(None, (f"→ {clean_line(host_words(depth))}", cost_words(prepared.estimate))))
    text = ""
    for text in _shorter(turns, names, tokens, f"{secrets} {behind}"):
        if not width or _cells(text) <= width:
            return text
    return text


def _cells(text: str) -> int:
    """How many cells it takes; a pipe, which has none, need not know how that is counted."""
    from rich.cells import cell_len

    return cell_len(text)


def _shorter(turns: str, names: Sequence[str], tokens: str, rest: str) -> Iterator[str]:
    """The row in ever fewer words; the last one is what must survive."""

    def row(listed: str, weight: str) -> str:
        return f"sends {' + '.join(filter(None, (turns, listed))) or 'the question'}{weight}, {rest}"

    most = len(names) if len(names) <= _NAMED else _NAMED - 1
    for shown in range(most, 0, -1):
        more = f" + {len(names) - shown} more" if len(names) > shown else ""
        yield row(", ".join(names[:shown]) + more, tokens)
        yield row(", ".join(map(_end_of, names[:shown])) + more, tokens)
    count = f"{len(names)} item{'' if len(names) == 1 else 's'}" if names else ""
    yield row(count, tokens)
    yield row(count, "")
    yield f"sends {rest}"
    yield rest


def _end_of(name: str) -> str:
    """The end of a long path says more than its beginning."""
    return name if len(name) <= 20 else f"…{name[-19:]}"


def _ranges(ids: Sequence[str]) -> str:
    """``turns 1, 3-5`` of items' ids."""
    numbers = [int(match[1]) for each in ids if (match := re.fullmatch(_NUMBERED, each))]
    if not numbers:
        return ""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    told = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
    return f"{'turn' if len(numbers) == 1 else 'turns'} {told}"
