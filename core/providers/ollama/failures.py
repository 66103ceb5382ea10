"""What an exception of the HTTP client means, when it was Ollama that we spoke to."""

from typing import TYPE_CHECKING

from core.errors import ProviderError
from core.providers import failures

if TYPE_CHECKING:
    from core.providers.link import Link

OLLAMA = failures.Spoken(
    "Ollama",
    "Start it with `ollama serve` (get it from ollama.com/download)",
    "OLLAMA_HOST, or fast.base_url in the settings",
)


def explain(error: Exception, link: "Link") -> ProviderError:
    """The error behind an exception of httpx, or behind one of ours.

    Raises:
        Exception: what is neither; it is a bug, and may be seen.
    """
    return failures.explain(error, link, OLLAMA)


def not_ollama(link: "Link") -> ProviderError:
    """What came back with a good status is not Ollama's."""
    return failures.stranger(link, OLLAMA)
