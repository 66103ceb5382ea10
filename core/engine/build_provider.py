"""Settings to the provider of the fast path; without the engine, for whoever only looks."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.providers.base import Provider
from core.settings.model import Settings

if TYPE_CHECKING:
    from core.providers.address import Address


def build_provider(settings: Settings, environ: Mapping[str, str], is_demo: bool) -> Provider:
    """The provider of the fast path; only the one that is asked for is imported."""
    if is_demo:
        from core.providers.demo import DemoProvider

        return DemoProvider()
    if settings.fast.provider == "openai":
        from core.providers.address import parse_address
        from core.providers.openai.provider import OpenAIProvider

        served = parse_address(settings.fast.base_url, "fast.base_url")
        return OpenAIProvider(served, environ, _key_for(served, environ))
    from core.providers.address import find_address
    from core.providers.ollama.provider import OllamaProvider

    address = find_address(settings.fast.base_url, environ)
    # A key belongs to the address beside it; where that says nothing, another one was taken.
    bearer = environ.get("LEADLINE_FAST__API_KEY", "") if address.source == "fast.base_url" else ""
    if not bearer and address.host.lower() == "ollama.com" and address.scheme == "https":
        bearer = environ.get("OLLAMA_API_KEY", "")  # a vendor's key goes to that vendor alone, over https
    return OllamaProvider(address, environ, bearer)


def _key_for(address: "Address", environ: Mapping[str, str]) -> str:
    """The key that may go there, wherever it is; empty when there is none."""
    from core.settings.api_keys import Safe, Section, origin_of
    from core.settings.paths import find_paths

    origin = origin_of(f"{address.scheme}://{address.netloc}")
    safe = Safe(find_paths(environ, demo=False).keys_file, environ)
    found = safe.find(origin, Section("fast", origin))
    return found.value.reveal() if found else ""
