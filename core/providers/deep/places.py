"""Where deep calls go, from the settings: the protocol, the address and the key that may go there."""

import asyncio
from collections.abc import Mapping

from core.providers.address import Address, find_address, parse_address
from core.providers.deep.calls import Wire
from core.providers.deep.connection import Place
from core.settings.allowed import is_blank
from core.settings.api_keys import VENDORS, Safe, Section, origin_of
from core.settings.model import Settings

_USUAL = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}
_SETTING = "deep.base_url"


async def find_place(settings: Settings, environ: Mapping[str, str], safe: Safe) -> Place:
    """The place that the settings name; without a `deep.provider`, where the fast model is.

    Raises:
        HouseError: The key is somewhere that cannot be read, or `api_key_cmd` does not give it.
    """
    address = deep_address(settings, environ)
    origin = origin_of(f"{address.scheme}://{address.netloc}")
    section = _section(settings, address, origin)
    if not settings.deep.provider and settings.fast.provider == "ollama":
        # The fast path's own server is sent what the fast path sends it; a keyring would take its time.
        key = safe.find_variable(origin, section)
    else:
        key = await asyncio.to_thread(safe.find, origin, section)
    return Place(
        _wire(settings, address),
        address,
        key,
        needs_key=_vendor(origin) != "",
        set_key=how_to_set(origin),
    )


def deep_address(settings: Settings, environ: Mapping[str, str]) -> Address:
    """Where deep calls go."""
    deep, fast = settings.deep, settings.fast
    if not deep.provider:
        if fast.provider == "openai":
            return parse_address(fast.base_url, "fast.base_url")
        return find_address(fast.base_url, environ)
    if not is_blank(deep.base_url):
        return parse_address(deep.base_url, _SETTING)
    if usual := _USUAL.get(deep.provider):
        return parse_address(usual, _SETTING)
    return find_address(fast.base_url if fast.provider == "ollama" else "", environ)


def vendors_at_hand(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The vendors whose own variable holds a key, which may be offered; nothing is sent for it."""
    return tuple(name for name, (_, variable) in VENDORS.items() if environ.get(variable, "").strip())


def how_to_set(origin: str) -> str:
    """How a person gives a key for an address: the vendor's variable, or the command."""
    vendor = _vendor(origin)
    if not vendor:
        return f"leadline keys set {origin}"
    return f"set {VENDORS[vendor][1]}, or run leadline keys set {vendor}"


def _section(settings: Settings, address: Address, origin: str) -> Section | None:
    """The section that set the address; its own key and command go there, and nowhere else."""
    match address.source:
        case "deep.base_url":
            return Section("deep", origin, settings.deep.api_key_cmd.strip())
        case "fast.base_url":
            return Section("fast", origin)
    return None


def _vendor(origin: str) -> str:
    return next((name for name, (known, _) in VENDORS.items() if known == origin), "")


def _wire(settings: Settings, address: Address) -> Wire:
    """The protocol; only the one that is spoken is imported."""
    deep = settings.deep
    host = address.netloc
    match deep.provider or settings.fast.provider:
        case "anthropic":
            from core.providers.anthropic.messages import AnthropicWire

            return AnthropicWire(host, deep.anthropic_version, address.path.endswith("/v1"))
        case "openai":
            from core.providers.openai.deep import OpenAIWire
            from core.providers.openai.dialects import depth_for

            return OpenAIWire(host, depth_for(address.host, deep.dialect))
        case _:
            from core.providers.ollama.deep import OllamaWire

            return OllamaWire(host)
