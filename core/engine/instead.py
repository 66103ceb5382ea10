"""What can be done instead of waiting on for a first token: a smaller model, or depth if it is sooner."""

from typing import NamedTuple

from core.engine.stepping import Smaller
from core.errors import HouseError
from core.metrics.usual import bound
from core.providers.address import parse_address
from core.settings.model import DeepSettings
from core.store.deep_ledger import ENOUGH, WHOLE_RUN, DeepLedger


class Instead(NamedTuple):
    """What is worth naming; nothing of it is done by itself.

    Attributes:
        smaller: a quicker model here, where one is known.
        deep_s: how long a deep run usually takes, where it is expected to be over sooner; else None.
    """

    smaller: Smaller | None = None
    deep_s: float | None = None


def deep_if_sooner(
    deep: DeepSettings, busy: str, ledger: DeepLedger, waited_s: float, usual_s: float | None
) -> float | None:
    """How long a whole run at the remote model takes, if half of them were over before this wait will be.

    A wait of known length lasts what is left of it. Of one that nothing is known of, or that is past its
    time, as long again as it has lasted is expected (what has lasted a time t is as likely to end before 2t
    as after: J. R. Gott, Nature 363, 315, 1993). Depth at the server that is waited for would wait in the
    same line and is never sooner. Below nine runs nothing may be said of their time.

    Args:
        busy: the address of the server that is waited for.
    """
    left_s = usual_s - waited_s if usual_s is not None and usual_s > waited_s else waited_s
    try:
        if not _is_elsewhere(deep, busy):
            return None
        past = ledger.past(deep.model, deep.effort, deep.preset, WHOLE_RUN)
    except HouseError:  # an address that cannot be used, a store that cannot be read: nothing to offer
        return None
    half = bound(past.seconds, 0.5) if len(past.seconds) >= ENOUGH else None
    return half if half is not None and half < left_s else None


def _is_elsewhere(deep: DeepSettings, busy: str) -> bool:
    if deep.base_url:
        return parse_address(deep.base_url, "deep.base_url").url != busy
    return deep.provider not in ("", "ollama")
