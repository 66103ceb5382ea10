"""What deep calls cost, before and after: the price table, the estimate, and the caps never passed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from core.amounts import dollars
from core.deep.price_table import Price, PriceTable
from core.errors import HouseError, StoreUnavailable
from core.metrics.usual import bound
from core.providers.deep.calls import Usage
from core.settings.model import DeepSettings
from core.store.deep_ledger import ENOUGH, WHOLE_RUN, DeepLedger, PastTimes

__all__ = ["Cap", "CapReached", "Estimate", "Money", "Price"]

UNPRICED_TOKENS = 200_000
"""So many may a run use whose price nobody knows, where `max_tokens_per_run` says nothing else."""

_PLAN, _PART, _WRITE = (600, 2_000), (1_500, 4_000), (2_500, 8_000)
_WRITTEN = {"plan": _PLAN, "part": _PART, "write": _WRITE, "check": _PLAN}
"""Tokens that a stage writes, thinking included: about, and at most. Assumed, until nine calls say better."""

_PARTS = (4, 5)
"""Of a plan, usually and at most."""

_ELSEWHERE = "or /deep local asks here"


class CapReached(HouseError):
    """A call was not begun because it would probably go beyond what may be spent."""

    kind = "cap"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is about to be spent.

    Attributes:
        usd: about; None when the model's price is not known.
        most_usd: nine of ten such calls cost no more, as far as past calls tell; else as many tokens as such
            a stage may be taken to write.
        tokens: that are sent.
        is_free: it costs nothing here.
    """

    tokens: int
    usd: float | None = None
    most_usd: float | None = None
    is_free: bool = False


class Cap(NamedTuple):
    """A bound in dollars, and how near it is.

    Attributes:
        span: that it holds for: a run, or a day.
    """

    span: str
    usd: float
    spent: float

    @property
    def name(self) -> str:
        """The setting."""
        return f"deep.max_usd_per_{self.span}"


class Money:
    """Prices, estimates and caps for one set of settings.

    Args:
        overrides: the settings' [prices]; they go before the table that is shipped.
        now: Unix seconds; a day is a local calendar day.
    """

    def __init__(
        self,
        settings: DeepSettings,
        overrides: Mapping[str, str],
        ledger: DeepLedger,
        now: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._now = now
        self._overrides = overrides

    @cached_property
    def _table(self) -> PriceTable:
        """Read when the first price is asked for, not when an engine is made."""
        return PriceTable(self._overrides)

    def price_of(self, model: str) -> Price | None:
        """A model's price by its name, with or without a provider's prefix; None when not known."""
        return self._table.find(model)

    def cost(self, model: str, usage: Usage) -> float | None:
        """What a call has cost: what the provider says, else by the table; None when not known.

        A call to this machine or its network costs nothing; whoever makes it knows that, and need not ask.
        """
        if usage.usd is not None:
            return usage.usd
        price = self.price_of(model)
        if price is None:
            return None
        return price.of(
            usage.input_tokens, usage.output_tokens, usage.cached_tokens, usage.cache_write_tokens
        )

    def estimate(
        self, model: str, effort: str, preset: str, stage: str, tokens: int, max_tokens: int, is_free: bool
    ) -> Estimate:
        """What a stage, or a whole run (``run``), is about to cost.

        From nine calls of the same model, effort, preset and stage on, what is written is their median, and
        for the most the bound that nine of ten keep. Below, so many tokens are taken as such a stage may
        write (a plan 2,000, a part 4,000, an answer 8,000), but never more than `max_tokens`: to take all of
        `max_tokens` would refuse nearly every call. Where only the provider knows prices, what it charged
        nine times stands for them.
        """
        if is_free:
            return Estimate(tokens, 0.0, 0.0, is_free=True)
        past = self._past(model, effort, preset, stage)
        charged = [usd for usd in past.usd if usd is not None and not past.is_pooled]
        price = self.price_of(model)
        if price is None or (stage == WHOLE_RUN and len(charged) >= ENOUGH):
            return Estimate(
                tokens, bound(charged, 0.5) if len(charged) >= ENOUGH else None, bound(charged, 0.9)
            )
        if stage == WHOLE_RUN and preset == "deeper":
            return _planned(price, tokens, max_tokens)
        about, most = _written(stage, past, max_tokens)
        return Estimate(tokens, price.of(tokens, about), price.of(tokens, most, cache_write=tokens))

    def spent_today(self) -> float:
        """What deep calls have cost since midnight, whichever leadline made them; 0 without a store."""
        midnight = datetime.fromtimestamp(self._now()).replace(hour=0, minute=0, second=0, microsecond=0)
        try:
            return self._ledger.spent_since(midnight.timestamp()).usd
        except StoreUnavailable:
            return 0.0

    def check(
        self, estimate: Estimate, run_usd: float, run_tokens: int, *, under_way_usd: float = 0.0
    ) -> None:
        """Refuse to begin a call that would probably go beyond a cap.

        Args:
            run_usd, run_tokens: what its run has spent so far, calls that are under way at their estimate.
            under_way_usd: of all calls of this process that are under way, at their estimate: the ledger does
                not have them yet, and the day has to pay for them.

        Raises:
            CapReached: It would; the sentence says which cap, how much is spent, and what would change it.
        """
        if estimate.is_free:
            return
        _check_tokens(self._settings.max_tokens_per_run, estimate, run_tokens)
        if estimate.usd is None:
            self._check_unpriced(run_tokens + estimate.tokens, run_tokens)
            return
        most = estimate.usd if estimate.most_usd is None else estimate.most_usd
        for cap in self._caps(run_usd, under_way_usd):
            if cap.spent + most > cap.usd:
                raise _reached("call", most, cap)

    def over(
        self, estimate: Estimate, under_way_usd: float = 0.0, *, is_one_call: bool = False
    ) -> Cap | None:
        """The cap beyond which a whole run would probably go; None where it would not.

        Args:
            is_one_call: its one call is refused by the most that it may cost, one in parts by about.
        """
        if estimate.is_free or estimate.usd is None:
            return None
        usd = estimate.most_usd if is_one_call and estimate.most_usd is not None else estimate.usd
        return next((cap for cap in self._caps(0.0, under_way_usd) if cap.spent + usd > cap.usd), None)

    def check_run(self, estimate: Estimate, under_way_usd: float = 0.0) -> None:
        """Refuse to begin a run that would probably not be paid for to its end.

        Raises:
            CapReached: Its first stages would be paid for in vain.
        """
        if (cap := self.over(estimate, under_way_usd)) is not None:
            raise _reached("run", estimate.usd or 0.0, cap)

    def _caps(self, run_usd: float, under_way_usd: float) -> tuple[Cap, Cap]:
        # Without a store only this run's own money is known.
        today = max(self.spent_today() + under_way_usd, run_usd)
        settings = self._settings
        return Cap("run", settings.max_usd_per_run, run_usd), Cap("day", settings.max_usd_per_day, today)

    def _check_unpriced(self, tokens: int, used: int) -> None:
        """A model whose price nobody knows is bounded by tokens, and not asked where nothing may be spent."""
        for name in ("max_usd_per_run", "max_usd_per_day"):
            if getattr(self._settings, name) == 0:
                raise CapReached(
                    f"what this model costs is not known, and deep.{name} is 0",
                    f"Say what it costs in [prices], {_ELSEWHERE}.",
                )
        if not self._settings.max_tokens_per_run and tokens > UNPRICED_TOKENS:
            raise CapReached(
                "what this model costs is not known, and with this call the run would use"
                f" {tokens:,} tokens of the {UNPRICED_TOKENS:,} that it then may ({used:,} are used)",
                f"Say what it costs in [prices], or set deep.max_tokens_per_run, {_ELSEWHERE}.",
            )

    def _past(self, model: str, effort: str, preset: str, stage: str) -> PastTimes:
        try:
            return self._ledger.past(model, effort, preset, stage)
        except StoreUnavailable:
            return PastTimes()


def _written(stage: str, past: PastTimes, max_tokens: int) -> tuple[int, int]:
    """Tokens that a stage will write: about, and at most."""
    about, most = _WRITTEN.get(stage, _WRITE)
    if len(past.output_tokens) >= ENOUGH and not past.is_pooled:
        about = round(bound(past.output_tokens, 0.5) or about)
        most = round(bound(past.output_tokens, 0.9) or most)
    return (min(about, max_tokens), min(most, max_tokens)) if max_tokens else (about, most)


def _planned(price: Price, tokens: int, max_tokens: int) -> Estimate:
    """A run with a plan, parts and a synthesis, each of which reads what is sent; the last the parts too."""
    figures = []
    for which, is_dear in ((0, False), (1, True)):
        parts = _PARTS[which]
        written = [min(each[which], max_tokens or each[which]) for each in (_PLAN, _PART, _WRITE)]
        read = tokens * (parts + 2) + parts * written[1]
        total = written[0] + parts * written[1] + written[2]
        figures.append(price.of(read, total, cache_write=read if is_dear else 0))
    return Estimate(tokens, figures[0], figures[1])


def _check_tokens(cap: int, estimate: Estimate, used: int) -> None:
    if cap and used + estimate.tokens > cap:
        raise CapReached(
            f"this call sends {estimate.tokens:,} tokens; {used:,} of the run's {cap:,} are used",
            f"deep.max_tokens_per_run raises it, {_ELSEWHERE}.",
        )


def _reached(what: str, usd: float, cap: Cap) -> CapReached:
    """Said of a call, or of a whole run."""
    return CapReached(
        f"this {what} may cost ≈{dollars(usd)}; {dollars(cap.spent)} of the {cap.span}'s {dollars(cap.usd)}"
        " are spent",
        f"{cap.name} raises it, {_ELSEWHERE}.",
    )
