"""What a look at the server means for the person: ready, or the one thing that is missing."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.errors import AccessRefused, ProviderError, ProviderUnreachable, ProxyInTheWay

if TYPE_CHECKING:  # the first frame knows the states, and needs no provider for that
    from core.providers.base import ModelInfo
    from core.providers.choice import Proposal


class Readiness(StrEnum):
    """The states of the first minute.

    ``strange`` is what answers, but not as a server of models does: to start one would not help.
    """

    READY = "ready"
    NO_SERVER = "no_server"
    NO_MODEL = "no_model"
    REFUSED = "refused"
    PROXY = "proxy"
    STRANGE = "strange"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a look at the server means for the person.

    Attributes:
        message, remedy: what is missing and the next step; empty when ready.
        model: the model that would answer; None when there is none.
        provider: the name of who was looked at.
        proposal: what to fetch, when no model is there.
    """

    readiness: Readiness
    message: str = ""
    remedy: str = ""
    model: "ModelInfo | None" = None
    place: str = ""
    provider: str = "ollama"
    version: str = ""
    note: str = ""
    usual_load_ms: float | None = None
    proposal: "Proposal | None" = None


def without_server(error: ProviderError, place: str, provider: str) -> Outlook:
    """The server could not be looked at."""
    match error:
        case ProxyInTheWay():
            readiness = Readiness.PROXY
        case AccessRefused():
            readiness = Readiness.REFUSED
        case ProviderUnreachable():
            readiness = Readiness.NO_SERVER
        case _:
            readiness = Readiness.STRANGE
    return Outlook(readiness, error.message, error.remedy, place=place, provider=provider)
