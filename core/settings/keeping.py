"""Keys that are kept on this machine: in the system's keyring where it can be used, else in ``keys.toml``.

The file is readable by its owner alone, and one that others can read is refused. keyring is an extra: it
takes half a second to import, and has nothing to offer on a machine without a desktop.
"""

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import HouseError
from core.settings.api_keys import ApiKey, Found, checked

SERVICE = "leadline"
FILE_SOURCE, KEYRING_SOURCE = "keys.toml", "the keyring"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeysUnavailable(HouseError):
    """The kept keys cannot be read or written."""

    kind = "keys"


def kept(file: Path, origin: str) -> Found | None:
    """The key that is kept for an address.

    Raises:
        KeysUnavailable: The file is there, and cannot be used.
    """
    if ring := _keyring():
        # A locked keyring, or one whose service is gone, has no key for us; what it raises is its own.
        with suppress(Exception):
            if value := ring.get_password(SERVICE, origin):
                return Found(ApiKey(checked(value, KEYRING_SOURCE)), KEYRING_SOURCE)
    value = read_file(file).get(origin)
    return Found(ApiKey(checked(value, FILE_SOURCE)), FILE_SOURCE) if value else None


def keep(file: Path, origin: str, key: str) -> str:
    """Keep a key; where it is kept now.

    Raises:
        KeysUnavailable: It cannot be kept.
    """
    if ring := _keyring():
        with suppress(Exception):  # then the file keeps it, and says so
            ring.set_password(SERVICE, origin, key)
            _write_file(file, {**read_file(file), origin: ""})  # the place is listed, its key is not in it
            return KEYRING_SOURCE
    _write_file(file, {**read_file(file), origin: key})
    return str(file)


def forget(file: Path, origin: str) -> bool:
    """Keep it no longer, wherever it is; whether there was one.

    Raises:
        KeysUnavailable: The file cannot be changed.
    """
    was_there = False
    if ring := _keyring():
        with suppress(Exception):
            if ring.get_password(SERVICE, origin):
                ring.delete_password(SERVICE, origin)
                was_there = True
    keys = read_file(file)
    if origin in keys:
        was_there = was_there or bool(keys[origin])
        _write_file(file, {name: key for name, key in keys.items() if name != origin})
    return was_there


def read_file(file: Path) -> dict[str, str]:
    """The keys by origin; an empty one is in the keyring.

    Raises:
        KeysUnavailable: Others may read it, or it is not what it should be.
    """
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            data = opened.read(1 << 20)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _unusable(file, (error.strerror or "the system refused").lower()) from None
    if sys.platform != "win32" and mode & _OTHERS:
        raise KeysUnavailable(
            f"{file} can be read by others than you", f"Make it yours alone: chmod 600 {file}"
        )
    import tomllib

    try:
        table: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise _unusable(file, "it is no TOML") from None  # the reason would show a part of a key
    keys = table.get("keys", {})
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        raise _unusable(file, "it holds something else than keys")
    return dict(keys)


def _write_file(file: Path, keys: dict[str, str]) -> None:
    """Replace the file as a whole: readable by its owner alone from its first byte."""
    from core.settings.replacing import replace_whole
    from core.settings.toml_text import toml_value

    lines = ["# Kept by `leadline keys`: an address and its key; an empty one is in the keyring.", "[keys]"]
    lines += [f"{toml_value(origin)} = {toml_value(key)}" for origin, key in sorted(keys.items())]
    try:
        replace_whole(file, ("\n".join(lines) + "\n").encode())
    except OSError as error:
        raise _unusable(file, (error.strerror or "the system refused").lower()) from None


def _unusable(file: Path, why: str) -> KeysUnavailable:
    return KeysUnavailable(
        f"{file} cannot be used: {why}", "Mend or remove it, then `leadline keys set` again."
    )


def _keyring() -> Any:
    """The keyring, when the extra is installed and this machine has a place for it; else None."""
    try:
        import keyring
        from keyring.backends import fail
    except ImportError:
        return None
    return None if isinstance(keyring.get_keyring(), fail.Keyring) else keyring
