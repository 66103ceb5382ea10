"""How long each phase of a deep call may take; one frozen value, so that a test can have shorter ones."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeepLimits:
    """Seconds, by phase.

    Attributes:
        connect_s: until somebody takes the connection.
        headers_s: until the answer begins; nearby it may have to load a model first, see `load_s`.
        load_s: the same for this machine and its own network.
        first_content_s: from the headers to the first content, unless the wire knows better.
        thinking_s: between two pieces of thinking.
        writing_s: between two pieces of text.
        warn_s: silence that is told, again each time it has doubled.
        counts_s: behind the answer's end, for the counts and the stream's own end.
        whole_s: the whole call, pauses and new tries included.
        refusal_s: for the body of a refusal.
        prefill_per_s: prompt tokens a second that the slowest machine we care for reads.
        retries: how often a call is made again by itself.
    """

    connect_s: float = 2.0
    headers_s: float = 60.0
    load_s: float = 180.0
    first_content_s: float = 300.0
    thinking_s: float = 90.0
    writing_s: float = 45.0
    warn_s: float = 20.0
    counts_s: float = 2.0
    whole_s: float = 1800.0
    refusal_s: float = 3.0
    prefill_per_s: float = 25.0
    retries: int = 2
