"""The secret kind of keys: where one is looked for, in which order, and which host it may go to.

Order: ``LEADLINE_<SECTION>__API_KEY``, the vendor's own variable, ``api_key_cmd``, the system's keyring (when
the extra is installed), ``keys.toml``. The first and the third belong to the `base_url` beside them, a
vendor's variable to that vendor's host over https, a kept key to the address it was kept for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit

from core.errors import HouseError, SettingsInvalid
from core.redaction import last_four, redact
from core.sanitise import clean_line

VENDORS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "anthropic": ("https://api.anthropic.com", "ANTHROPIC_API_KEY"),
        "openai": ("https://api.openai.com", "OPENAI_API_KEY"),
        "openrouter": ("https://openrouter.ai", "OPENROUTER_API_KEY"),
        "ollama": ("https://ollama.com", "OLLAMA_API_KEY"),
    }
)
"""By the name that ``leadline keys`` takes: the vendor's origin, and its variable."""
COMMAND_S = 30.0
_MOST_KEY = 4096


class ApiKey:
    """A key that shows itself only when it is asked to; everywhere else its last four characters."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The key itself, for the one header it goes into."""
        return self._value

    def __repr__(self) -> str:
        return last_four(self._value)

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApiKey) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")


class Found(NamedTuple):
    """A key, and where it came from, for people."""

    value: ApiKey
    source: str


class Section(NamedTuple):
    """A section of the settings that has a server of its own.

    Attributes:
        name: ``deep`` or ``fast``.
        origin: of the address that it sets; see `origin_of`.
        command: its `api_key_cmd`; empty for none.
    """

    name: str
    origin: str
    command: str = ""

    @property
    def variable(self) -> str:
        """The variable for its key."""
        return f"LEADLINE_{self.name.upper()}__API_KEY"


@dataclass(frozen=True, slots=True)
class Safe:
    """Where keys are kept on this machine.

    Attributes:
        file: ``keys.toml``.
    """

    file: Path
    environ: Mapping[str, str] = field(repr=False)

    def find(self, origin: str, section: Section | None = None) -> Found | None:
        """The key for an address; may run a command and ask the keyring, so call it in a thread.

        Args:
            origin: where the key would go; see `origin_of`.
            section: the section of the settings that asks, if one does.

        Raises:
            HouseError: There is a place for it that cannot be read, or a command that does not give it.
        """
        if found := self.find_variable(origin, section):
            return found
        if section is not None and section.origin == origin and section.command:
            return Found(ApiKey(_run(section)), "api_key_cmd")
        from core.settings import keeping

        return keeping.kept(self.file, origin)

    def find_variable(self, origin: str, section: Section | None = None) -> Found | None:
        """The key for an address, as far as the environment has it; nothing is run, read or asked.

        Raises:
            SettingsInvalid: What a variable holds is no key.
        """
        is_own = section is not None and section.origin == origin
        if section is not None and is_own and (found := self._variable(section.variable)):
            return found
        variable = vendor_variable(origin)
        return self._variable(variable) if variable else None

    def _variable(self, name: str) -> Found | None:
        value = self.environ.get(name, "").strip()
        return Found(ApiKey(checked(value, name)), name) if value else None


def vendor_variable(origin: str) -> str:
    """The variable whose key may go there; empty when there is none. Never over plain http."""
    return next((variable for known, variable in VENDORS.values() if known == origin), "")


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, always in one spelling, as keys are kept by it.

    Raises:
        SettingsInvalid: There is no host in it, or no scheme.
    """
    try:
        parts = urlsplit(url.strip())
        scheme, host, port = parts.scheme.lower(), (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        scheme, host, port = "", "", None
    if scheme not in ("http", "https") or not host or not host.isprintable():
        raise SettingsInvalid(
            f"{redact(clean_line(url)[:100])!r} is no address that a key can be for",
            "Give it as https://host, or one of " + ", ".join(VENDORS) + ".",
        )
    host = f"[{host}]" if ":" in host else host
    return (
        f"{scheme}://{host}"
        if port in (None, {"http": 80, "https": 443}[scheme])
        else f"{scheme}://{host}:{port}"
    )


def checked(key: str, source: str) -> str:
    """A key that a header can carry.

    Raises:
        SettingsInvalid: It holds what no key holds; the message does not show it.
    """
    key = key.strip()
    if key and key.isascii() and key.isprintable() and " " not in key and len(key) <= _MOST_KEY:
        return key
    raise SettingsInvalid(
        f"what {source} gives is no API key: it is empty, or holds spaces or characters that no key has",
        "Copy the key once more; it is one word of letters, digits and signs.",
    )


class CommandFailed(HouseError):
    """`api_key_cmd` gave no key."""

    kind = "no_key"


def _run(section: Section) -> str:
    """The first line that the command prints; it gets no terminal, so that it cannot draw over the screen."""
    import shlex
    import subprocess

    name = f"{section.name}.api_key_cmd"
    try:
        words = shlex.split(section.command)
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_S, check=False
        )
    except (OSError, ValueError, IndexError) as error:
        reason = clean_line(str(getattr(error, "strerror", None) or error))[:100]
        raise CommandFailed(
            f"{name} cannot be run: {reason}", "Try it in a shell; it must print the key."
        ) from None
    except subprocess.TimeoutExpired:
        raise CommandFailed(
            f"{name} has not given a key within {COMMAND_S:g} s",
            "Unlock your password manager first, or set the key another way (leadline keys set).",
        ) from None
    if done.returncode != 0:
        raise CommandFailed(
            f"{name} ended with {done.returncode}: {_last_line(done.stderr)}",
            "Try it in a shell; it must print the key.",
        )
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return checked(lines[0] if lines else "", name)


def _last_line(output: bytes) -> str:
    lines = [line for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    return redact(clean_line(lines[-1])[:200]) if lines else "no word of why"
