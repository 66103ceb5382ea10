"""``leadline config``: where the settings are, what they say and who said it, and changing them."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.errors import SettingsInvalid, UsageInvalid
from core.redaction import redact
from core.sanitise import clean_line
from core.settings.config_change import Change, change
from core.settings.config_file import ConfigFile, read_config
from core.settings.load import Loaded, check_name, load, value_of, without_credentials
from core.settings.paths import Paths
from core.settings.toml_text import toml_value
from tui.exits import DONE
from tui.printing import put_json, say

_SECRETS = frozenset({"api_key", "key", "token", "secret", "password"})


def run(arguments: argparse.Namespace, paths: Paths, environ: Mapping[str, str]) -> int:
    """Do what was asked; the exit code.

    Raises:
        HouseError: It cannot be done; nothing has changed then.
    """
    match arguments.command:
        case "path":
            print(paths.config_file)
        case "show":
            _show(paths, environ, is_json=arguments.json)
        case "set":
            return _set(paths, environ, arguments.pairs)
        case "unset":
            return _unset(paths, environ, arguments.names)
        case "edit":
            from tui.config_editing import edit_config

            return edit_config(paths, environ)
    return DONE


def _show(paths: Paths, environ: Mapping[str, str], *, is_json: bool) -> None:
    """Every setting, the defaults among them, each with who set it."""
    loaded = load(paths, environ, {})
    file = read_config(paths.config_file)
    rows = [(name, _plain(name, loaded, environ), _where(name, loaded, file)) for name in loaded.sources]
    if is_json:
        for name, value, source in rows:
            put_json({"setting": name, "value": value, "source": source})
        return
    written = [
        (clean_line(name), clean_line(toml_value(value)), clean_line(who)) for name, value, who in rows
    ]
    width = max(len(name) for name, _, _ in written)
    longest = max(len(value) for _, value, _ in written if len(value) <= 40)
    for name, value, who in written:
        print(f"{name:<{width}} = {value:<{longest}}  {who}")


def _plain(name: str, loaded: Loaded, environ: Mapping[str, str]) -> object:
    """A setting's value as anybody may see it."""
    known = [environ[each].strip() for each in environ if each.upper().endswith("_API_KEY")]
    return _harmless(loaded.value(name), known)


def _harmless(value: object, known: Sequence[str] = ()) -> object:
    """A value without keys, and without the name and password that an address in it may hold."""
    if isinstance(value, tuple):
        return tuple(_harmless(part, known) for part in value)
    if not isinstance(value, str):
        return value
    is_address = "@" in value and ("://" in value or not any(map(str.isspace, value)))
    return redact(without_credentials(value) if is_address else value, known)


def _where(name: str, loaded: Loaded, file: ConfigFile) -> str:
    """Who set it: ``default``, a variable, or the file with its line."""
    source = loaded.sources[name]
    section, _, key = name.partition(".")
    return file.where(section, key) if source == str(file.path) else source


def _set(paths: Paths, environ: Mapping[str, str], pairs: Sequence[str]) -> int:
    """Set all of them or none."""
    if len(pairs) % 2:
        raise UsageInvalid(
            f"there is no value for {clean_line(pairs[-1])[:60]}",
            "Give both, as in: leadline config set deep.effort high",
        )
    given = dict(zip(pairs[::2], pairs[1::2], strict=True))
    changes = [Change(name, _checked(name, text)) for name, text in given.items()]
    _check_keys(paths.config_file, changes)
    change(paths.config_file, changes)
    for each in changes:
        print(f"{clean_line(each.name)} = {clean_line(toml_value(_harmless(each.value)))}")
    _tell_of(paths, environ, changes)
    return DONE


def _unset(paths: Paths, environ: Mapping[str, str], unwanted: Sequence[str]) -> int:
    """Take all of them out of the file; what is not in it is no error, as that is what was wanted."""
    changes = []
    for name in dict.fromkeys(unwanted):
        check_name(name, "config unset")
        changes.append(Change(name, None))
    if not change(paths.config_file, changes):
        say(f"{paths.config_file} does not set that")
    _tell_of(paths, environ, changes)
    return DONE


def _checked(name: str, text: str) -> object:
    """What a setting becomes; a key of the secret kind is told where it belongs."""
    try:
        return value_of(name, text, "config set")
    except SettingsInvalid as error:
        if name.rpartition(".")[2].lower() in _SECRETS:
            raise SettingsInvalid(
                error.message, "Keys of providers are kept apart: leadline keys set anthropic (openai, …)."
            ) from None
        raise


def _check_keys(file: Path, changes: Sequence[Change]) -> None:
    """Refuse keys that the screen would refuse, before they are in the file."""
    wanted = {
        each.name.partition(".")[2]: str(each.value) for each in changes if each.name.startswith("keys.")
    }
    if not wanted:
        return
    from tui.keys import rebound

    table = read_config(file).tables.get("keys", {})
    there = table if isinstance(table, dict) else {}
    rebound({**{name: keys for name, keys in there.items() if isinstance(keys, str)}, **wanted})


def _tell_of(paths: Paths, environ: Mapping[str, str], changes: Sequence[Change]) -> None:
    """Say what goes before the file, and what the settings still lack as a whole."""
    try:
        loaded = load(paths, environ, {})
    except SettingsInvalid as error:
        say(f"the settings are not whole yet: {error.message}\n{error.remedy}")
        return
    for each in changes:
        source = loaded.sources.get(each.name, "default")
        if source not in ("default", str(paths.config_file)):
            say(f"{source} is set, and goes before it")
