"""What is said before anything leaves, and whether the person is asked."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.deep.depth import Depth
from core.deep.money import Estimate
from core.deep.pack import kinds_of
from core.deep.question import DeepQuestion, ItemKind, Pack
from core.errors import HouseError
from core.sanitise import clean_line
from core.settings.model import DeepSettings

_NAMED = 3
_KIND_WORDS = {
    "turn": "earlier turns",
    "instructions": "the project's instructions",
    "source:file": "files",
    "source:diff": "diffs",
    "source:pane": "panes",
    "source:stdin": "stdin",
    "source:command": "commands",
    "source:clip": "the clipboard",
}
_NUMBERED = re.compile(r"turn-(\d+)")


class SecretsInPack(HouseError):
    """What would be sent looks secret, and nobody can be asked; nothing was sent."""

    kind = "secrets"

    def __init__(self, secrets: Sequence[str]) -> None:
        more = f", and {len(secrets) - _NAMED} more" if len(secrets) > _NAMED else ""
        super().__init__(
            f"this looks secret: {', '.join(secrets[:_NAMED])}{more}; nothing was sent",
            "Take it out, or send it all the same with --allow-secrets.",
        )


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that could begin: what goes where, and what is to be asked first.

    Attributes:
        estimate: of the pack as it is now.
        asks: why the person is asked, in words (``first time to api.anthropic.com here``, ``2 secrets``,
            ``≈$0.31``); empty when the run may begin at once.
    """

    question: DeepQuestion
    depth: Depth
    pack: Pack
    estimate: Estimate
    asks: tuple[str, ...] = ()


def asks(
    settings: DeepSettings,
    question: DeepQuestion,
    pack: Pack,
    depth: Depth,
    estimate: Estimate,
    sent_before: frozenset[tuple[str, str]],
) -> tuple[str, ...]:
    """Why the person is asked before it goes; empty when it may begin.

    Args:
        sent_before: pairs of host and kind of content that this conversation has sent in depth already.
    """
    if depth.is_local and depth.place != "demo":  # the demo shows what a remote one would ask
        return ()
    why = [_secrets(len(pack.secrets))] if pack.secrets and not question.allows_secrets else []
    host = _host(depth)
    if settings.confirm == "always":
        why.append(f"to {host}")
    elif settings.confirm == "new":
        why += _news(host, kinds_of(pack), depth, sent_before)
        why += _expense(settings, estimate)
    return tuple(why)


def refuse_in_pipe(prepared: Prepared) -> None:
    """Send no secret where nobody can be asked.

    Raises:
        SecretsInPack: Something looks secret, would leave this machine, and is not allowed to.
    """
    secrets = prepared.pack.secrets
    if secrets and not prepared.depth.is_local and not prepared.question.allows_secrets:
        raise SecretsInPack(secrets)


def is_silent(prepared: Prepared, is_seen: bool) -> bool:
    """Whether a run that was agreed to for one place may go to this other one without a word.

    Args:
        is_seen: somebody could be asked; in a pipe only secrets are a reason not to.
    """
    if is_seen:
        return not prepared.asks
    return prepared.depth.is_local or prepared.question.allows_secrets or not prepared.pack.secrets


def arming_text(prepared: Prepared, width: int = 0) -> str:
    """One row: ``sends turns 3-5 + a.py, 6.2k tok, 0 secrets → api.anthropic.com ≈$0.05``.

    Args:
        width: cells there are; names go first, then tokens; secrets, host and cost stay. 0 is no bound.
    """
    pack, depth = prepared.pack, prepared.depth
    turns = _ranges([item.id for item in pack.sent if item.kind is ItemKind.TURN])
    names = [clean_line(item.label) for item in pack.sent if item.kind is not ItemKind.TURN]
    tokens = f", {_short(prepared.estimate.tokens)} tok"
    secrets = _secrets(len(pack.secrets))
    behind = " ".join(filter(None, (f"→ {clean_line(_host(depth))}", _cost(prepared.estimate))))
    text = ""
    for text in _shorter(turns, names, tokens, f"{secrets} {behind}"):
        if not width or cells(text) <= width:
            return text
    return text


def cells(text: str) -> int:
    """How many cells of a terminal a clean line takes, rather too many than too few."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1
        for each in text
    )


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
    numbers = [int(match[1]) for each in ids if (match := _NUMBERED.fullmatch(each))]
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


def _news(
    host: str, kinds: frozenset[str], depth: Depth, sent_before: frozenset[tuple[str, str]]
) -> list[str]:
    """What this conversation has not sent there yet."""
    had = {kind for to, kind in sent_before if to == depth.host}
    if not had:
        return [f"first time to {host} here"]
    new = sorted(_KIND_WORDS.get(kind, kind) for kind in kinds - had)
    return [f"first time with {' and '.join(new)} to {host} here"] if new else []


def _expense(settings: DeepSettings, estimate: Estimate) -> list[str]:
    if estimate.is_free:
        return []
    if estimate.usd is None:
        return ["price not known"]
    return [_cost(estimate)] if estimate.usd > settings.ask_above_usd else []


def _cost(estimate: Estimate) -> str:
    if estimate.is_free:
        return ""
    if estimate.usd is None:
        return "price not known"
    return "<$0.01" if estimate.usd < 0.005 else f"≈${estimate.usd:.2f}"


def _host(depth: Depth) -> str:
    """Whom it goes to, in a word; this machine has no host."""
    if depth.place == "demo":
        return "the demo model (nothing leaves)"
    return depth.host or ("this machine" if depth.is_local else depth.place)


def _secrets(count: int) -> str:
    return f"{count} secret{'' if count == 1 else 's'}"


def _short(tokens: int) -> str:
    return f"{tokens / 1000:.1f}k" if tokens >= 100 else str(tokens)
