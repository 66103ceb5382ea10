"""What models cost: the table that is shipped, found by whatever name a router gives a model."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from core.settings.prices import amounts_of

_MILLION = 1_000_000
_VERSION = r"[-@](\d{8}|\d{4}-\d{2}-\d{2}|latest)$"
_ROUTERS = ("openrouter/",)
_FREE = ":free"

# What stands before a model's name at routers and in other programs, by the table's section. The same open
# model costs something else elsewhere, so a name with another vendor before it is not known.
_NAMES = {
    "google": ("google", "gemini", "models"),
    "mistral": ("mistral", "mistralai"),
    "x-ai": ("x-ai", "xai"),
    "moonshotai": ("moonshotai", "moonshot"),
    "zai": ("zai", "z-ai"),
    "groq": ("groq", "openai", "qwen"),
    "qwen": ("qwen", "dashscope", "alibaba"),
}


class Price(NamedTuple):
    """US dollars for a million tokens."""

    read: float
    cached: float
    cache_write: float
    written: float

    def of(self, read: int, written: int, cached: int = 0, cache_write: int = 0) -> float:
        """What these tokens cost; `cached` and `cache_write` are parts of `read`."""
        plain = max(0, read - cached - cache_write)
        dollars = plain * self.read + cached * self.cached + cache_write * self.cache_write
        return (dollars + written * self.written) / _MILLION


NOTHING = Price(0.0, 0.0, 0.0, 0.0)


class PriceTable:
    """The table that is shipped, and what the person says of it.

    Args:
        overrides: by model, as in the settings' [prices]; they go first.

    Attributes:
        shipped: by plain name, without vendor and date: the section of the file, and the price.
        date: the day that file is of.
    """

    def __init__(self, overrides: Mapping[str, str]) -> None:
        self._own: dict[str, Price] = {}
        for model, text in overrides.items():
            if (amounts := amounts_of(text)) is not None:
                read, cached, written = amounts
                self._own[_plain(model)] = Price(read, cached, read, written)
        self.shipped, self.date = _shipped()

    def find(self, model: str) -> Price | None:
        """A model's price by its name; None when it is not known."""
        if (own := self._own_price(model)) is not None:
            return own
        vendor, short, undated = _taken_apart(model)
        if short.endswith(_FREE):
            return NOTHING
        known = self.shipped.get(short) or self.shipped.get(undated)
        if known is None:
            return None
        section, price = known
        if vendor and vendor.rpartition("/")[2] not in _NAMES.get(section, (section,)):
            return None
        return price

    def is_own(self, model: str) -> bool:
        """Whether the person says its price, and not the table."""
        return self._own_price(model) is not None

    def _own_price(self, model: str) -> Price | None:
        vendor, short, undated = _taken_apart(model)
        names = (_plain(model), f"{vendor}/{undated}", short, undated)
        return next((self._own[each] for each in names if each in self._own), None)


def _taken_apart(model: str) -> tuple[str, str, str]:
    """What stands before a name, the name, and the name without its date."""
    vendor, _, short = _plain(model).rpartition("/")
    return vendor, short, _undated(short)


def _plain(model: str) -> str:
    """A name as names are compared: routers write a dot where vendors write a dash."""
    name = model.strip().lower()
    for router in _ROUTERS:
        name = name.removeprefix(router)
    return name.replace(".", "-")


def _undated(name: str) -> str:
    return re.sub(_VERSION, "", name)


def _shipped() -> tuple[dict[str, tuple[str, Price]], str]:
    import tomllib

    with (Path(__file__).parent / "prices.toml").open("rb") as file:
        table = tomllib.load(file)
    found = {
        _undated(_plain(model).rpartition("/")[2]): (section, Price(*map(float, amounts)))
        for section, models in table.items()
        if isinstance(models, dict)
        for model, amounts in models.items()
    }
    return found, str(table["date"])
