"""What was measured of the models here, for whoever chooses one; read when a choice is made."""

from collections.abc import Mapping

from core.errors import StoreUnavailable
from core.providers.choice import MeasuredHere
from core.store.tuned import TunedStore


class Measurements:
    """Measured models of one address.

    Args:
        failure_cost_s: as the settings have it.
    """

    def __init__(self, store: TunedStore, address: str, failure_cost_s: float) -> None:
        self._store = store
        self._address = address
        self._failure_cost_s = failure_cost_s

    def newest_at(self) -> float:
        """When the last one was finished (Unix seconds); 0 without one, or where it cannot be read."""
        try:
            return self._store.newest_at(self._address)
        except StoreUnavailable:
            return 0.0

    def here(self) -> Mapping[str, MeasuredHere]:
        """By digest, what was measured on this machine with the newest quiz; all of it before a part."""
        if not self.newest_at():
            return {}  # for most people: nothing is loaded to find that out
        from core.tuning.machine import this_machine
        from core.tuning.results import result_of

        try:
            runs = self._store.complete(self._address, this_machine())
        except StoreUnavailable:
            return {}
        newest = runs[0].quiz.partition("/")[0] if runs else ""
        found: dict[str, MeasuredHere] = {}
        # A full quiz says more than a quick one, and its name comes first.
        for run in sorted(runs, key=lambda run: run.quiz):
            result = result_of(run)
            if run.quiz.partition("/")[0] != newest or result.warm_ttft_s is None or not result.right:
                continue
            words = f"{result.share * 100:.0f} % at {result.warm_ttft_s:.2f} s"
            worth = result.ips(self._failure_cost_s)
            measured = MeasuredHere(result.warm_ttft_s, result.is_responsive, worth, words)
            found.setdefault(run.digest, measured)
        return found
