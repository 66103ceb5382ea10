"""A model with everything a request to it needs, as far as the store knows it without asking the server."""

from dataclasses import dataclass

from core.providers.base import ModelInfo, Profile, Think
from core.providers.choice import cloud_host
from core.store.model_facts import ModelFact, think_in


@dataclass(frozen=True, slots=True)
class Ready:
    """A model with everything a request to it needs.

    Attributes:
        note: what the person should be told now (a choice that was just made); empty otherwise.
        is_pinned_auto: chosen by us, so that we may choose again when it is gone.
        bytes_per_token: as the server's counts have it; None before the first.
        digest: of the model, as last seen; empty where the server names none.
        can_think: before it answers; None where nobody has said so.
    """

    model: str
    profile: Profile
    think: Think
    usual_load_ms: float | None = None
    remote_host: str = ""
    note: str = ""
    is_pinned_auto: bool = False
    bytes_per_token: float | None = None
    digest: str = ""
    can_think: bool | None = None


def ready_from(fact: ModelFact, window_set: int) -> Ready | None:
    """What was kept of a model; None when it is not enough to send a request.

    Args:
        window_set: tokens that the person asked for; 0 when they did not.
    """
    if not (window := fact.window(window_set)):
        return None
    return Ready(
        fact.model,
        Profile(window, fact.largest),
        think_in(fact.think),
        fact.load_ms,
        # An older row, or one that somebody emptied, must not make a cloud model a local one.
        fact.remote_host or cloud_host(ModelInfo(fact.model)),
        bytes_per_token=fact.bytes_per_token,
        digest=fact.digest,
    )


def profile_of(window: int, largest: int) -> Profile:
    """A model's frozen options; no window is larger than the model can have."""
    return Profile(min(window, largest) if largest else window, largest)
