"""``leadline keys``: which keys of the secret kind there are, giving one, and taking one away."""

import os
import sys

from core.errors import HouseError, UsageInvalid
from core.settings import keeping
from core.settings.api_keys import VENDORS, ApiKey, Safe, Section, checked, origin_of, vendor_variable
from core.settings.load import Loaded
from core.settings.paths import Paths
from tui.exits import DONE, FAILED
from tui.printing import say


def run(paths: Paths, loaded: Loaded, action: str, name: str) -> int:
    """Do what was asked; the exit code.

    Raises:
        HouseError: It cannot be done; no message shows a key.
    """
    match action:
        case "set":
            return _set(paths, _origin(name, loaded))
        case "remove":
            return _remove(paths, _origin(name, loaded))
    return _list(paths, loaded)


def _set(paths: Paths, origin: str) -> int:
    key = checked(_read_key(origin), "what was typed" if sys.stdin.isatty() else "stdin")
    where = keeping.keep(paths.keys_file, origin, key)
    print(f"{ApiKey(key)} is kept for {origin} in {where}")
    if (variable := vendor_variable(origin)) and os.environ.get(variable, "").strip():
        say(f"{variable} is set, and goes before it")
    return DONE


def _read_key(origin: str) -> str:
    """From the terminal without showing it, else the first line of stdin; never from the command line."""
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    import getpass

    try:
        return getpass.getpass(f"Key for {origin} (is not shown): ")
    except EOFError:
        return ""


def _remove(paths: Paths, origin: str) -> int:
    if keeping.forget(paths.keys_file, origin):
        print(f"no key is kept for {origin} any more")
        return DONE
    say(f"no key was kept for {origin}")
    return FAILED


def _list(paths: Paths, loaded: Loaded) -> int:
    """Every place that has a key, by its last four characters, and where it is from; no command is run."""
    rows = _rows(paths, loaded)
    if not rows:
        say("no keys; `leadline keys set anthropic` (or openai, openrouter, ollama, an address) keeps one")
        return DONE
    width = max(len(origin) for origin, _, _ in rows)
    for origin, secret, source in rows:
        print(f"{origin:<{width}}  {secret:<5}  {source}")
    return DONE


def _rows(paths: Paths, loaded: Loaded) -> list[tuple[str, str, str]]:
    safe = Safe(paths.keys_file, os.environ)
    sections = _sections(loaded)
    origins = [origin for origin, _ in VENDORS.values()]
    origins += [section.origin for section in sections] + sorted(keeping.read_file(paths.keys_file))
    rows: list[tuple[str, str, str]] = []
    for origin in dict.fromkeys(origins):
        asking: tuple[Section | None, ...] = tuple(s for s in sections if s.origin == origin) or (None,)
        for section in asking:
            if section is not None and section.command and not _is_set_before(safe, section):
                rows.append((origin, "", f"api_key_cmd of [{section.name}], run when it is needed"))
            elif found := safe.find(origin, section):
                rows.append((origin, str(found.value), found.source))
    return list(dict.fromkeys(rows))


def _is_set_before(safe: Safe, section: Section) -> bool:
    names = filter(None, (section.variable, vendor_variable(section.origin)))
    return any(safe.environ.get(name, "").strip() for name in names)


def _sections(loaded: Loaded) -> list[Section]:
    """The sections whose server takes a key."""
    from core.providers.address import parse_address
    from core.providers.deep.places import deep_address
    from core.settings.allowed import is_blank

    settings = loaded.settings
    sections = []
    if settings.deep.provider:
        address = deep_address(settings, os.environ)
        if address.source == "deep.base_url":
            origin = origin_of(f"{address.scheme}://{address.netloc}")
            sections.append(Section("deep", origin, settings.deep.api_key_cmd.strip()))
    if not is_blank(settings.fast.base_url):
        address = parse_address(settings.fast.base_url, "fast.base_url")
        sections.append(Section("fast", origin_of(f"{address.scheme}://{address.netloc}")))
    return sections


def _origin(name: str, loaded: Loaded) -> str:
    """Whose key is meant: a vendor, an address, or without a name the deep model's server.

    Raises:
        UsageInvalid: It cannot be told.
    """
    if name in VENDORS:
        return VENDORS[name][0]
    if name:
        try:
            return origin_of(name)
        except HouseError as error:
            raise UsageInvalid(error.message, error.remedy) from None
    for section in _sections(loaded):
        if section.name == "deep":
            return section.origin
    raise UsageInvalid(
        "for whom is the key?",
        "Name a vendor or an address: leadline keys set anthropic (openai, https://…).",
    )
