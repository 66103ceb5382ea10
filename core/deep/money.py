"""What deep calls cost, before and after: the price table, the estimate, and the caps never passed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.errors import HouseError
from core.providers.deep.calls import Usage
from core.settings.model import DeepSettings
from core.store.deep_ledger import DeepLedger


class CapReached(HouseError):
    """A call was not begun because it would probably go beyond what may be spent."""

    kind = "cap"


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    read: float
    cached: float
    cache_write: float
    written: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is about to be spent.

    Attributes:
        usd: about; None when the model's price is not known.
        most_usd: nine of ten such calls cost no more, as far as past calls tell; else as many tokens as may
            be written.
        tokens: that are sent.
        is_free: it costs nothing here.
    """

    tokens: int
    usd: float | None = None
    most_usd: float | None = None
    is_free: bool = False


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
        raise NotImplementedError

    def price_of(self, model: str) -> Price | None:
        """A model's price by its name, with or without a provider's prefix; None when not known."""
        raise NotImplementedError

    def cost(self, model: str, usage: Usage) -> float | None:
        """What a call has cost: what the provider says, else by the table; None when not known."""
        raise NotImplementedError

    def estimate(
        self, model: str, effort: str, preset: str, stage: str, tokens: int, max_tokens: int, is_free: bool
    ) -> Estimate:
        """What a stage, or a whole run (``run``), is about to cost."""
        raise NotImplementedError

    def check(self, estimate: Estimate, run_usd: float, run_tokens: int) -> None:
        """Refuse to begin a call that would probably go beyond a cap.

        Args:
            run_usd, run_tokens: what its run has spent so far, calls that are under way at their estimate.

        Raises:
            CapReached: It would; the sentence says which cap, how much is spent, and what would change it.
        """
        raise NotImplementedError
