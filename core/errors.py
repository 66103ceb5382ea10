"""What can go wrong in a way a person can mend: one sentence, one remedy, one stable kind."""


class HouseError(Exception):
    """Something a person can act on; anything else that is raised is a bug.

    Attributes:
        kind: a stable word for machines (``failed.kind`` in ``ask --json``).
        remedy: what to do about it, one sentence; never empty.
    """

    kind = "error"

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    @property
    def told(self) -> str:
        """Sentence and remedy, as one line for people."""
        return f"{self.message}. {self.remedy}"


class SettingsInvalid(HouseError):
    """A setting cannot be used; the message names file or variable, key, and what is allowed."""

    kind = "settings"


class UsageInvalid(HouseError):
    """The command line cannot be understood, or names what is not built."""

    kind = "usage"


class AttachmentRefused(HouseError):
    """A file or stdin cannot be sent along (missing, unreadable, binary, too large)."""

    kind = "attachment"


class StoreUnavailable(HouseError):
    """The database cannot be opened, read or written."""

    kind = "store"


class ContextFull(HouseError):
    """The question with its history does not fit the model's window.

    Attributes:
        needed: estimated tokens of everything that would be sent, room for the answer included.
        window: tokens of the window in use.
        largest: tokens of the largest window this model can have.
        droppable: how many of the oldest turns must go so that the rest fits; 0 when dropping cannot help.
    """

    kind = "context_full"

    def __init__(self, needed: int, window: int, largest: int, droppable: int) -> None:
        self.needed = needed
        self.window = window
        self.largest = largest
        self.droppable = droppable
        super().__init__(
            f"this needs about {needed:,} tokens and the window holds {window:,}",
            _context_remedy(needed, window, largest, droppable),
        )


def _context_remedy(needed: int, window: int, largest: int, droppable: int) -> str:
    ways = []
    if droppable:
        turns = "the oldest turn" if droppable == 1 else f"the oldest {droppable} turns"
        ways.append(f"drop {turns} (/fit, or ask --fit)")
    if largest > window:
        enough = min(largest, 1 << (needed - 1).bit_length())
        ways.append(
            f"take a larger window (/window {enough}, or LEADLINE_FAST__NUM_CTX={enough} before the command; "
            f"this model can have {largest:,}, and reloads)"
        )
    if needed > largest or not ways:
        ways.append("send less")
    return "You can " + ", or ".join(ways) + "."


class ProviderError(HouseError):
    """A provider could not answer, or could not finish.

    Attributes:
        is_retryable: asking again as it stands may work.
    """

    kind = "provider"
    is_retryable = False


class ProviderUnreachable(ProviderError):
    """Nobody answers at the provider's address."""

    kind = "unreachable"
    is_retryable = True


class NameNotFound(ProviderUnreachable):
    """The host's name leads to no address."""

    kind = "name_not_found"


class ProxyInTheWay(ProviderUnreachable):
    """A proxy answered instead of the provider."""

    kind = "proxy"


class AccessRefused(ProviderError):
    """The server is there and refuses us (foreign Host header, sign-in, cloud switched off)."""

    kind = "refused"


class ModelMissing(ProviderError):
    """The model is not installed at this provider, or none is."""

    kind = "model_missing"


class ModelLoadFailed(ProviderError):
    """The model could not be loaded, nearly always for want of memory."""

    kind = "load_failed"


class RequestRejected(ProviderError):
    """The provider understood the request and will not serve it."""

    kind = "rejected"


class PromptTooLong(ProviderError):
    """The server counted more tokens than the window holds; our estimate was too low."""

    kind = "context_full"


class ProviderBusy(ProviderError):
    """The server's queue is full."""

    kind = "busy"
    is_retryable = True


class ServerFailed(ProviderError):
    """The server reported a failure of its own, before or in the middle of the stream."""

    kind = "server_error"
    is_retryable = True


class NothingHeard(ProviderError):
    """A phase of the request took longer than it may (connect, first byte, between pieces)."""

    kind = "timeout"
    is_retryable = True


class StreamCut(ProviderError):
    """The stream ended without saying that it was finished; the text so far is kept."""

    kind = "cut"
    is_retryable = True


class ProtocolBroken(ProviderError):
    """What arrived is not the provider's protocol (not JSON, a line beyond 8 MiB)."""

    kind = "protocol"
