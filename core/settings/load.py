"""Reads the settings: defaults < file < environment < flags, and remembers which one won.

All of it follows from the dataclasses in `core.settings.model`: a section is a field of `Settings`, a key
is a field of its section, and the type says how a value is read. What a type cannot say stands in
`core.settings.allowed`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any

from core.errors import SettingsInvalid
from core.settings.allowed import is_ambiguous, is_blank, kind_of, rule_for
from core.settings.config_file import read_config
from core.settings.model import DeepSettings, Settings
from core.settings.paths import Paths

_PREFIX = "LEADLINE_"
_SECRETS = frozenset({"LEADLINE_FAST__API_KEY", "LEADLINE_DEEP__API_KEY"})
# To the last @ there is: what stands before it may be a password with a slash, a space or an @ in it.
_CREDENTIALS = re.compile(r"^([\s\"']*(?:[a-z][a-z0-9+.-]*://)?).*@", re.IGNORECASE | re.DOTALL)
_LONGEST_SHOWN = 60
_NEAR_ENOUGH = 60.0

_Shape = Mapping[str, Mapping[str, object] | None]
"""Every section with its keys and their types; None where any key with text may stand."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force.

    Attributes:
        sources: for each ``section.key``, who set it: ``default``, the file's path, a variable or a flag.
    """

    settings: Settings
    sources: Mapping[str, str]

    def value(self, name: str) -> object:
        """The value of one ``section.key`` that stands in `sources`."""
        section, _, key = name.partition(".")
        group = getattr(self.settings, section)
        return group[key] if isinstance(group, Mapping) else getattr(group, key)


@dataclass(frozen=True, slots=True)
class _Given:
    """One value that someone set.

    Attributes:
        source: who set it, as it is remembered.
        where: the same as an error names it: the file with its line.
        is_text: it had no way to be anything but text, and is read by the setting's type.
    """

    section: str
    key: str
    value: object
    source: str
    where: str
    is_text: bool = False


def load(paths: Paths, environ: Mapping[str, str], flags: Mapping[str, object]) -> Loaded:
    """Read the settings; `flags` maps ``section.key`` to a value, and None means that the flag was not given.

    In errors and sources the flag that sets ``fast.num_ctx`` is called ``--num-ctx``.

    Raises:
        SettingsInvalid: Something that was set cannot be used; nothing is guessed in its place.
    """
    shape = _shape()
    values: dict[str, dict[str, object]] = {section: {} for section in shape}
    sources = {f"{section}.{key}": "default" for section, keys in shape.items() for key in keys or ()}
    for layer in (_from_file(paths, shape), _from_environment(environ), _from_flags(flags)):
        for given in layer:
            value = _checked(given, shape)  # also refuses a section that is not there
            values[given.section][given.key] = value
            sources[f"{given.section}.{given.key}"] = given.source
    settings = _settings(values, shape)
    if settings.fast.provider == "openai":
        _check_base_url(settings.fast.base_url, sources)
    elif is_blank(settings.fast.base_url):
        _check_host(environ.get("OLLAMA_HOST", ""))
    _check_deep(settings.deep, sources)
    return Loaded(settings, MappingProxyType(sources))


def names() -> tuple[str, ...]:
    """Every ``section.key`` that has a default; sections of any keys are not among them."""
    return tuple(f"{section}.{key}" for section, keys in _shape().items() for key in keys or ())


def check_name(name: str, where: str) -> None:
    """Refuse what is no setting; of a section that takes any keys, every key is one.

    Args:
        name: ``section.key``.
        where: who names it, for errors.

    Raises:
        SettingsInvalid: There is no such setting; the same sentence as of `load`.
    """
    shape = _shape()
    section, _, key = name.partition(".")
    if key.isprintable() and key:
        _check_known(_Given(section, key, "", where, where), shape)
        return
    known = _did_you_mean(section, names()) if section not in shape else ""
    raise SettingsInvalid(
        f"{where}: {shown(name)} is no setting{known}", "Name it with its section, as in deep.model."
    )


def value_of(name: str, text: str, where: str) -> object:
    """What a setting becomes when a text is given for it, as a variable's would be read.

    Raises:
        SettingsInvalid: There is no such setting, or it cannot be that; the same sentence as of `load`.
    """
    check_name(name, where)
    section, _, key = name.partition(".")
    return _checked(_Given(section, key, text, where, where, is_text=True), _shape())


def without_credentials(text: str) -> str:
    """A text that may be an address, with ``***`` before its host; rather too much of it than too little."""
    return _CREDENTIALS.sub(r"\1***@", text)


def shown(value: object) -> str:
    """A value as its file would have it, short, on one line and without credentials."""
    if isinstance(value, str):
        harmless = without_credentials(value)
        text = repr(harmless[:_LONGEST_SHOWN])
        return f"{text[:-1]}…{text[-1]}" if len(harmless) > _LONGEST_SHOWN else text
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)[:_LONGEST_SHOWN]
    if isinstance(value, tuple):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    return "a date or time"


def _shape() -> _Shape:
    return {
        section.name: {key.name: key.type for key in fields(section.type)}
        if isinstance(section.type, type) and is_dataclass(section.type)
        else None
        for section in fields(Settings)
    }


def _settings(values: Mapping[str, dict[str, object]], shape: _Shape) -> Settings:
    """Put checked values over the defaults."""
    defaults = Settings()
    sections: dict[str, Any] = {}
    for section, keys in shape.items():
        given = values[section]
        sections[section] = (
            MappingProxyType(given) if keys is None else replace(getattr(defaults, section), **given)
        )
    return replace(defaults, **sections)


def _from_file(paths: Paths, shape: _Shape) -> Iterator[_Given]:
    """What the file sets."""
    file = read_config(paths.config_file)
    for section, table in file.tables.items():
        if not isinstance(table, dict):
            raise _misplaced(section, file.where("", section), shape)
        if section not in shape:
            raise _unknown_section(section, file.where(section, ""), shape)
        for key, value in table.items():
            yield _Given(section, key, value, str(paths.config_file), file.where(section, key))


def _from_environment(environ: Mapping[str, str]) -> Iterator[_Given]:
    """What variables of the form LEADLINE_<SECTION>__<KEY> set; secrets are read elsewhere."""
    for name in sorted(environ):
        if name.startswith(_PREFIX) and "__" in name and name not in _SECRETS:
            section, _, key = name.removeprefix(_PREFIX).lower().partition("__")
            yield _Given(section, key, environ[name], name, name, is_text=True)


def _from_flags(flags: Mapping[str, object]) -> Iterator[_Given]:
    """What the command line sets."""
    for name, value in flags.items():
        if value is not None:
            section, _, key = name.partition(".")
            flag = f"--{key.replace('_', '-')}"
            yield _Given(section, key, value, flag, flag, is_text=isinstance(value, str))


def _check_known(given: _Given, shape: _Shape) -> None:
    """Refuse what has no place in the settings."""
    if given.section not in shape:
        raise _unknown_section(given.section, given.where, shape)
    keys = shape[given.section]
    if keys is not None and given.key not in keys:
        raise _unknown_key(given, keys)


def _checked(given: _Given, shape: _Shape) -> object:
    """The value as its setting takes it."""
    _check_known(given, shape)
    keys = shape[given.section]
    name = f"{given.section}.{given.key}"
    kind = kind_of(str if keys is None else keys[given.key])
    rule = rule_for(name)
    value = kind.parse(str(given.value)) if given.is_text else given.value
    if rule is not None:
        value = rule.adapt(value)
    if kind.accepts(value) and (rule is None or rule.holds(value)):
        return value
    raise SettingsInvalid(
        f"{given.where}: {name} cannot be {shown(given.value)}",
        f"Allowed is {rule.words if rule else kind.words}.",
    )


def _check_host(host: str) -> None:
    """Refuse the one form of Ollama's own variable that could send a part of a password to a stranger."""
    if is_ambiguous(host):
        raise SettingsInvalid(
            f"OLLAMA_HOST: it is not clear which host is meant by {shown(host)}",
            "Write a slash in a password as %2F, and an @ in a path as %40.",
        )


def _check_base_url(base_url: str, sources: Mapping[str, str]) -> None:
    """An OpenAI-compatible server has no usual place, and without its scheme a key could go in the open."""
    way = "Set it with its scheme and version path, as in http://127.0.0.1:8080/v1 (LEADLINE_FAST__BASE_URL)."
    if is_blank(base_url):
        source = sources["fast.provider"]
        raise SettingsInvalid(f"{source}: fast.provider is openai, and fast.base_url does not say where", way)
    if "://" not in base_url:
        source = sources["fast.base_url"]
        raise SettingsInvalid(
            f"{source}: fast.base_url {shown(base_url)} does not begin with http:// or https://", way
        )


def _check_deep(deep: DeepSettings, sources: Mapping[str, str]) -> None:
    """A model far away is never guessed, and without its scheme a key could go in the open."""
    if deep.provider and not deep.model:
        source = sources["deep.provider"]
        raise SettingsInvalid(
            f"{source}: deep.provider is {deep.provider}, and deep.model does not say which model",
            "Set deep.model to a model that it has (LEADLINE_DEEP__MODEL).",
        )
    if (
        not is_blank(deep.base_url)
        and deep.provider in ("openai", "anthropic")
        and "://" not in deep.base_url
    ):
        raise SettingsInvalid(
            f"{sources['deep.base_url']}: deep.base_url {shown(deep.base_url)} "
            "does not begin with http:// or https://",
            "Set it with its scheme, as in https://api.deepseek.com (LEADLINE_DEEP__BASE_URL).",
        )


def _misplaced(name: str, where: str, shape: _Shape) -> SettingsInvalid:
    """A value that stands where sections do."""
    if name in shape:
        return SettingsInvalid(
            f"{where}: {name} is a section, not a value", f"Begin it with a line [{name}]."
        )
    home = next((section for section, keys in shape.items() if keys and name in keys), None)
    if home is None:
        return _unknown_section(name, where, shape)
    return SettingsInvalid(f"{where}: {name} stands outside its section", f"Put it below a line [{home}].")


def _unknown_section(section: str, where: str, shape: _Shape) -> SettingsInvalid:
    return SettingsInvalid(
        f"{where}: there is no section [{section}]{_did_you_mean(section, shape)}",
        f"The sections are {', '.join(shape)}; correct the name, or remove it.",
    )


def _unknown_key(given: _Given, keys: Iterable[str]) -> SettingsInvalid:
    return SettingsInvalid(
        f"{given.where}: there is no setting {given.section}.{given.key}{_did_you_mean(given.key, keys)}",
        f"[{given.section}] takes {', '.join(keys)}; correct the name, or remove it.",
    )


def _did_you_mean(word: str, names: Iterable[str]) -> str:
    """The nearest name there is, as the end of a sentence."""
    # Only here: whoever made no mistake does not pay for it.
    from rapidfuzz import fuzz, process

    nearest = process.extractOne(word, list(names), scorer=fuzz.ratio, score_cutoff=_NEAR_ENOUGH)
    return f"; did you mean {nearest[0]}?" if nearest else ""
