"""What can go wrong with a deep call: a sentence, a remedy, whether to try again, and what can be pressed."""

from enum import StrEnum

from core.errors import ProviderError


class Way(StrEnum):
    """What a person can do next; which key does it is the screen's to say."""

    LOCAL = "local"
    AGAIN = "again"
    GO_ON = "go_on"
    WAIT = "wait"
    SEND_LESS = "send_less"
    OTHER_MODEL = "other_model"
    SET_KEY = "set_key"


class DeepError(ProviderError):
    """A deep call failed, or ended short.

    Attributes:
        ways: what can be done next, the best first.
        retry_after_s: how long the provider asks to wait; None when it does not say.
        should_retry: the provider's own word on trying again; None when it does not say.
        request_id: what the provider's support would ask for.
        said: all that the provider said, in lower case, for finding out what it refused; never shown.
    """

    ways: tuple[Way, ...] = (Way.AGAIN, Way.LOCAL)

    def __init_subclass__(
        cls, *, kind: str, ways: tuple[Way, ...] = ways, may_pass: bool = False, **more: object
    ) -> None:
        """Every failure says its stable word, what can be done next, and whether it may pass by itself."""
        super().__init_subclass__(**more)
        cls.kind, cls.ways, cls.is_retryable = kind, ways, may_pass

    def __init__(self, message: str, remedy: str, said: str = "") -> None:
        super().__init__(message, remedy)
        self.said = said
        self.retry_after_s: float | None = None
        self.should_retry: bool | None = None
        self.request_id = ""

    @property
    def may_retry(self) -> bool:
        """Whether the same call may be made once more without asking anybody."""
        return self.is_retryable if self.should_retry is None else self.should_retry


class Offline(DeepError, kind="offline", ways=(Way.LOCAL, Way.WAIT)):
    """There is no way to the provider."""


class KeyMissing(DeepError, kind="no_key", ways=(Way.SET_KEY, Way.LOCAL)):
    """The provider wants a key and there is none."""


class KeyRefused(DeepError, kind="refused", ways=(Way.SET_KEY, Way.LOCAL)):
    """The provider refuses the key, or what the key may do."""


class OutOfCredit(DeepError, kind="out_of_credit", ways=(Way.OTHER_MODEL, Way.LOCAL)):
    """The account has no money left, or has reached its own limit; waiting does not help."""


class RateLimited(DeepError, kind="rate_limited", may_pass=True, ways=(Way.WAIT, Way.AGAIN, Way.LOCAL)):
    """Too many requests for now."""


class Overloaded(DeepError, kind="busy", may_pass=True):
    """The provider has more to do than it can."""


class ProviderFailed(DeepError, kind="server_error", may_pass=True):
    """The provider reports a failure of its own."""


class LoadFailed(DeepError, kind="load_failed", ways=(Way.OTHER_MODEL, Way.LOCAL)):
    """The model cannot be loaded there, nearly always for want of memory; trying again does not help."""


class NoHeaders(DeepError, kind="timeout", may_pass=True):
    """The request was taken, and no answer began."""


class Stalled(DeepError, kind="stalled", ways=(Way.AGAIN, Way.GO_ON, Way.LOCAL)):
    """The answer came to a halt."""


class TookTooLong(DeepError, kind="timeout", ways=(Way.GO_ON, Way.AGAIN, Way.LOCAL)):
    """The call as a whole took longer than it may."""


class CutOff(DeepError, kind="cut", may_pass=True, ways=(Way.GO_ON, Way.AGAIN)):
    """The bytes ended without the protocol's own word for it."""


class Filtered(DeepError, kind="filter", ways=(Way.LOCAL,)):
    """The provider's filter ended the answer."""


class Declined(DeepError, kind="refusal", ways=(Way.LOCAL,)):
    """The model will not answer this."""


class LengthReached(DeepError, kind="length", ways=(Way.GO_ON,)):
    """The answer reached the most tokens it may have."""


class ContextTooLong(DeepError, kind="context_full", ways=(Way.SEND_LESS, Way.LOCAL)):
    """Question and files are more than the model can read."""


class ModelUnknown(DeepError, kind="model_missing", ways=(Way.OTHER_MODEL, Way.LOCAL)):
    """The provider has no such model."""


class Refused(DeepError, kind="rejected", ways=(Way.OTHER_MODEL, Way.LOCAL)):
    """The provider understood the request and will not serve it."""


class Yielded(DeepError, kind="yielded", may_pass=True, ways=(Way.WAIT,)):
    """A question that somebody waits for took the model, which answers one at a time."""


class NotUnderstood(DeepError, kind="protocol"):
    """What came is not the provider's protocol."""


def cut_off(spoken_to: str, has_text: bool) -> CutOff:
    """The stream ended too early."""
    when = "in the middle of the answer" if has_text else "before any text"
    return CutOff(f"{spoken_to} was cut off {when}", "What came is kept; go on from there, or ask again.")


def yielded(quiet_s: float, is_patient: bool) -> Yielded:
    """A fast question came first.

    Args:
        quiet_s: so long nobody may have asked before it starts again.
        is_patient: it has been cut too often to start again soon.
    """
    often = f"; cut often, this waits for {quiet_s:g} s of quiet" if is_patient else ""
    return Yielded(
        f"a fast question has the model{often}", f"It starts again when nobody has asked for {quiet_s:g} s."
    )


def length_reached(max_tokens: int) -> LengthReached:
    """The bound of the answer was reached."""
    return LengthReached(
        f"the answer reached its limit of {max_tokens:,} tokens", "Let it go on from where it stopped."
    )


def filtered(spoken_to: str, why: str) -> Filtered:
    """The provider stopped it."""
    return Filtered(
        f"stopped by the filter of {spoken_to}{_because(why)}", "What came is kept; a local model may answer."
    )


def declined(spoken_to: str, why: str) -> Declined:
    """The model refuses."""
    return Declined(f"{spoken_to} declines to answer{_because(why)}", "A local model may answer.")


def context_reached(spoken_to: str) -> ContextTooLong:
    """The window is full."""
    return ContextTooLong(
        f"question, files and answer are more than the window of {spoken_to} holds",
        "Leave out files or earlier turns, or take a model with a larger window.",
    )


def provider_stopped(spoken_to: str, said: str) -> ProviderFailed:
    """The provider ended the answer for reasons of its own."""
    return ProviderFailed(
        f"{spoken_to} stopped the answer{_because(said)}",
        "What came is kept; go on from there, or ask again.",
    )


def not_understood(spoken_to: str, what: str) -> NotUnderstood:
    """The bytes are not the protocol."""
    return NotUnderstood(
        f"what {spoken_to} sent is not its protocol: {what}",
        "Check deep.provider and deep.base_url, and that nothing in between changes the answers.",
    )


def _because(why: str) -> str:
    return f": {why}" if why else ""
