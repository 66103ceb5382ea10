"""What is said before anything leaves, and whether the person is asked."""

from dataclasses import dataclass

from core.amounts import dollars, usd_text
from core.context.secrecy import SecretsFound
from core.deep.depth import Depth
from core.deep.money import Cap, Estimate
from core.deep.pack import kinds_of
from core.deep.question import DeepQuestion, Pack
from core.settings.model import DeepSettings

_STAYS = " (nothing leaves)"
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
    why = [secrets_words(len(pack.secrets))] if pack.secrets and not question.allows_secrets else []
    host = host_words(depth)
    if settings.confirm == "always":
        why.append(f"to {host}")
    elif settings.confirm == "new":
        why += _news(host.removesuffix(_STAYS), kinds_of(pack), depth, sent_before)
        why += _expense(settings, estimate)
    return tuple(why)


def over_words(cap: Cap) -> str:
    """``over $0.50 a run: deep.max_usd_per_run``; that it can be cancelled is said beside it."""
    return f"over {dollars(cap.usd)} a {cap.span}: {cap.name}"


def refuse_in_pipe(prepared: Prepared) -> None:
    """Send no secret where nobody can be asked.

    Raises:
        SecretsFound: Something looks secret, would leave this machine, and is not allowed to.
    """
    secrets = prepared.pack.secrets
    if secrets and not prepared.depth.is_local and not prepared.question.allows_secrets:
        raise SecretsFound(secrets)


def is_silent(prepared: Prepared, is_seen: bool) -> bool:
    """Whether a run that was agreed to for one place may go to this other one without a word.

    Args:
        is_seen: somebody could be asked; in a pipe only secrets are a reason not to.
    """
    if is_seen:
        return not prepared.asks
    return prepared.depth.is_local or prepared.question.allows_secrets or not prepared.pack.secrets


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
    return [cost_words(estimate)] if estimate.usd > settings.ask_above_usd else []


def cost_words(estimate: Estimate) -> str:
    """About what it costs; empty where that is nothing."""
    if estimate.is_free:
        return ""
    if estimate.usd is None:
        return "price not known"
    return usd_text(estimate.usd)


def host_words(depth: Depth) -> str:
    """Whom it goes to, in a word; this machine has no host."""
    if depth.place == "demo":
        return f"the demo model{_STAYS}"
    return depth.host or ("this machine" if depth.is_local else depth.place)


def secrets_words(count: int) -> str:
    """``0 secrets``, ``1 secret``."""
    return f"{count} secret{'' if count == 1 else 's'}"
