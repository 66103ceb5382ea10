"""What is used when a vendor's key is found in the environment and the settings name no provider."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Literal, NamedTuple

from core.providers.deep.places import vendors_at_hand
from core.settings.model import DeepSettings

AS_OF = "November 2026"
"""When the models below were looked up; a vendor's list moves on."""


class Vendor(NamedTuple):
    """A vendor as it is used without any setting of the person's.

    Attributes:
        name: as it is offered.
        provider: the protocol.
        base_url: empty is the protocol's usual address.
        model: a strong one that this vendor's own key can use.
    """

    name: str
    provider: Literal["openai", "anthropic", "ollama"]
    model: str
    base_url: str = ""

    def settings(self, deep: DeepSettings) -> DeepSettings:
        """The person's settings with this vendor's place; what belongs to another address is left out."""
        return replace(
            deep,
            provider=self.provider,
            base_url=self.base_url,
            model=self.model,
            api_key_cmd="",
            dialect="",
        )


VENDORS_AS_THEY_COME: Mapping[str, Vendor] = MappingProxyType(
    {
        "anthropic": Vendor("claude", "anthropic", "claude-opus-5-5"),
        "openai": Vendor("openai", "openai", "gpt-6.1-sol"),
        "openrouter": Vendor("openrouter", "openai", "openai/gpt-6.1-sol", "https://openrouter.ai/api/v1"),
        "ollama": Vendor("ollama cloud", "ollama", "gpt-oss:120b", "https://ollama.com"),
    }
)
"""By the name of `core.settings.api_keys.VENDORS`."""


def vendor_at_hand(environ: Mapping[str, str]) -> Vendor | None:
    """The first vendor whose own variable holds a key; nothing is sent for it."""
    return next((VENDORS_AS_THEY_COME[name] for name in vendors_at_hand(environ)), None)
