"""What a setting may be: by its type for all of them, and by a rule for those a type says too little of."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, cast, get_args, get_origin

from core.settings.prices import PRICE_WORDS, amounts_of

THEMES = ("leadline-dark", "leadline-light")

_GO_DURATION = re.compile(r"-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+|-?\d{1,18}", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_ADDRESS = re.compile(
    r"""
    (https?://(?=[^/]))?  ([^/@\s]*@)?  (\[[^\[\]\s]+\] | [^/:@\s\[\]]*)  (:(?P<port>\d{1,5}))?  (/\S*)?
    """,
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
_BARE_IPV6 = re.compile(r"[0-9a-f:.]*:[0-9a-f.]*:[0-9a-f:.]*(%\w+)?", re.IGNORECASE)
_TRUTH = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A type as people set it.

    Attributes:
        words: what is allowed, for errors.
        parse: reads it from a variable, which is always text; text it cannot read stays as it is.
        accepts: whether a value is of this type.
    """

    words: str
    parse: Callable[[str], object]
    accepts: Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """What one setting allows beyond its type.

    Attributes:
        words: what is allowed, for errors.
        holds: whether a value of the right type is allowed.
        adapt: makes the right type of another one that people rightly use.
    """

    words: str
    holds: Callable[[object], bool]
    adapt: Callable[[object], object] = lambda value: value


def is_blank(address: str) -> bool:
    """Whether an address says nothing, as quotes around nothing do."""
    return not address.strip().strip("\"'").strip()


def is_ambiguous(address: str) -> bool:
    """Whether its host cannot be told: an @ behind a slash ends a password, or stands in a path."""
    rest = address.partition("://")[2] or address
    return re.search(r"[/?#].*@", rest, re.DOTALL) is not None


def kind_of(wanted: object) -> Kind:
    """The kind for a field's type."""
    if get_origin(wanted) is Literal:
        choices = get_args(wanted)
        return Kind(one_of(choices), str, lambda value: isinstance(value, str) and value in choices)
    return _KINDS[wanted]


def rule_for(name: str) -> Rule | None:
    """The rule for ``section.key``, where there is one; of a section that takes any key, for all of them."""
    return _RULES.get(name) or _RULES.get(f"{name.partition('.')[0]}.*")


def one_of(choices: tuple[str, ...]) -> str:
    """Name the choices in a row."""
    return f"one of {', '.join(choices)}"


def _whole(text: str) -> object:
    return int(text) if _INTEGER.fullmatch(text.strip()) else text


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _listed(text: str) -> object:
    """A variable has no lists: commas stand between its parts, or it is written as the file would have it."""
    if text.strip().startswith("["):
        import tomllib

        with suppress(ValueError, RecursionError):  # an IPv6 host in brackets is no list
            return tomllib.loads(f"list = {text.strip()}")["list"]
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _is_list(value: object) -> bool:
    return isinstance(value, tuple) and all(_is_text(part) for part in value)


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _is_text(value: object) -> bool:
    # A variable that is not UTF-8 arrives with lone surrogates, which nothing further on could send or store.
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def _is_model(value: object) -> bool:
    text = str(value)
    return bool(text) and text.isprintable() and text == text.strip()


def _is_model_or_none(value: object) -> bool:
    return not value or _is_model(value)


def _is_address(value: object) -> bool:
    """Whether it reads as an address; what it then means is the provider's to say."""
    text = str(value).strip().strip("\"'")
    if not text or _BARE_IPV6.fullmatch(text):
        return True
    match = _ADDRESS.fullmatch(text)
    return (
        match is not None
        and not is_ambiguous(text)
        and text.isprintable()
        and int(match["port"] or 0) <= 65535
    )


def _is_amount(value: object) -> bool:
    return 0 <= cast(float, value) < 1e6


def _are_hosts(value: object) -> bool:
    """Whether each names a host; it may have a scheme and a port, as addresses are copied from elsewhere."""
    return all(not is_blank(host) and _is_address(host) for host in cast(tuple[str, ...], value))


def _is_file_name(value: object) -> bool:
    text = str(value)
    is_name = not any(separator in text for separator in "/\\:") and text not in (".", "..")
    return is_name and text.isprintable() and text == text.strip() and len(text.encode()) <= 255


def _with_seconds_as_text(value: object) -> object:
    return str(value) if type(value) is int else value


# A number is never a truth for a person, whatever Python thinks of bool; nan and inf are no amounts.
_KINDS: dict[object, Kind] = {
    str: Kind("text", str, _is_text),
    int: Kind("a whole number", _whole, lambda value: type(value) is int),
    float: Kind(
        "a number", _number, lambda value: type(value) in (int, float) and abs(cast(float, value)) < 1e18
    ),
    tuple[str, ...]: Kind("a list of texts", _listed, _is_list),
    bool: Kind(
        "true or false", lambda text: _TRUTH.get(text.strip().lower(), text), lambda v: type(v) is bool
    ),
}

_RULES: dict[str, Rule] = {
    "fast.base_url": Rule(
        "empty, or an address such as 127.0.0.1:11434 or http://box.local:11434", _is_address
    ),
    "fast.model": Rule("auto, or a model's name such as qwen3:4b", _is_model),
    "fast.keep_alive": Rule(
        'a duration such as "30m", "1h30m" or "90s", "-1" for ever, "0" not at all',
        lambda value: _GO_DURATION.fullmatch(str(value)) is not None,
        _with_seconds_as_text,
    ),
    "fast.num_ctx": Rule(
        "0 (the model's own), or 512 to 4194304",
        lambda value: value == 0 or 512 <= cast(int, value) <= 4_194_304,
    ),
    "deep.base_url": Rule("empty, or an address such as https://api.deepseek.com", _is_address),
    "deep.model": Rule("empty, or a model's name such as claude-opus-5-5", _is_model_or_none),
    "deep.anthropic_version": Rule(
        "empty, or a date such as 2023-06-01",
        lambda value: re.fullmatch(r"(\d{4}-\d{2}-\d{2})?", str(value), re.ASCII) is not None,
    ),
    "deep.ask_above_usd": Rule("dollars, 0 or more", _is_amount),
    "deep.max_usd_per_run": Rule("dollars, 0 or more", _is_amount),
    "deep.max_usd_per_day": Rule("dollars, 0 or more", _is_amount),
    "deep.max_tokens_per_run": Rule(
        "0 (no bound), or 1000 to 100000000",
        lambda value: value == 0 or 1000 <= cast(int, value) <= 100_000_000,
    ),
    "speculation.chips": Rule("0 to 3", lambda value: 0 <= cast(int, value) <= 3),
    "speculation.own_hosts": Rule(
        'a list of hosts such as ["box.local", "192.168.1.20"]',
        _are_hosts,
        _as_tuple,
    ),
    "cache.max_answers": Rule(
        "1 to 10000000 (`enabled = false` stores none)", lambda value: 1 <= cast(int, value) <= 10_000_000
    ),
    "context.instructions": Rule(
        "empty, or the name of a file at the project's root, such as .leadline.md or AGENTS.md", _is_file_name
    ),
    "metrics.failure_cost_s": Rule("seconds, 0 to 86400", lambda value: 0 <= cast(float, value) <= 86_400),
    "prices.*": Rule(PRICE_WORDS, lambda value: amounts_of(str(value)) is not None),
    "ui.theme": Rule(one_of(THEMES), lambda value: value in THEMES),
}
