"""Keys of the secret kind: their order, the one host each may go to, and that nothing ever shows one."""

import asyncio
import json
import logging
import os
import pickle
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import HouseError, SettingsInvalid
from core.providers.address import parse_address
from core.providers.deep.places import find_place, how_to_set, vendors_at_hand
from core.redaction import last_four, redact
from core.settings import keeping
from core.settings.api_keys import ApiKey, CommandFailed, Safe, Section, origin_of
from core.settings.keeping import KeysUnavailable
from core.settings.model import DeepSettings, FastSettings, Settings

CANARY = "sk-canary-7f3b9d21e0a4c5d6"
ANTHROPIC = "https://api.anthropic.com"
ROUTER = "https://openrouter.ai/api/v1"
BOX = "http://box.lan:8080"


def safe(folder: Path, environ: Mapping[str, str] | None = None) -> Safe:
    """A place for keys in a folder of the test's own."""
    return Safe(folder / "keys.toml", environ or {})


def found(keys: Safe, origin: str, section: Section | None = None) -> tuple[str, str]:
    """The key for an address, and where it is from."""
    key = keys.find(origin, section)
    return (key.value.reveal(), key.source) if key else ("", "")


def test_the_order_is_ours_the_vendors_the_command_and_what_is_kept(tmp_path: Path) -> None:
    """Whoever sets a variable for one run expects it to win over what was kept a year ago."""
    environ = {"LEADLINE_DEEP__API_KEY": "ours", "ANTHROPIC_API_KEY": "vendors"}
    section = Section("deep", ANTHROPIC, "echo commands")
    keeping.keep(tmp_path / "keys.toml", ANTHROPIC, "kept")

    assert found(safe(tmp_path, environ), ANTHROPIC, section) == ("ours", "LEADLINE_DEEP__API_KEY")
    del environ["LEADLINE_DEEP__API_KEY"]
    assert found(safe(tmp_path, environ), ANTHROPIC, section) == ("vendors", "ANTHROPIC_API_KEY")
    environ["ANTHROPIC_API_KEY"] = " "
    assert found(safe(tmp_path, environ), ANTHROPIC, section) == ("commands", "api_key_cmd")
    assert found(safe(tmp_path), ANTHROPIC, Section("deep", ANTHROPIC)) == ("kept", "keys.toml")
    keeping.forget(tmp_path / "keys.toml", ANTHROPIC)
    assert found(safe(tmp_path), ANTHROPIC) == ("", "")


@pytest.mark.parametrize(
    "origin",
    [
        "http://api.anthropic.com",
        "https://api.anthropic.com:8443",
        "https://api.anthropic.com.evil.example",
        "https://evil.example",
        "https://xapi.anthropic.com",
        BOX,
    ],
)
def test_a_key_goes_to_no_other_host(origin: str, tmp_path: Path) -> None:
    """A base_url that somebody changed must not collect keys: the vendor's, ours, or the kept one."""
    environ = {"ANTHROPIC_API_KEY": CANARY, "LEADLINE_DEEP__API_KEY": CANARY}
    keeping.keep(tmp_path / "keys.toml", ANTHROPIC, CANARY)
    beside = Section("deep", ANTHROPIC, f"echo {CANARY}")

    assert found(safe(tmp_path, environ), origin, beside) == ("", "")


def settings(**deep: str) -> Settings:
    """Settings with a deep model."""
    return Settings(deep=replace(DeepSettings(), model="m", **deep))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("chosen", "environ", "key"),
    [
        (settings(provider="anthropic"), {"ANTHROPIC_API_KEY": "a", "OPENAI_API_KEY": "o"}, "a"),
        (settings(provider="anthropic"), {"LEADLINE_DEEP__API_KEY": "d", "ANTHROPIC_API_KEY": "a"}, "d"),
        (settings(provider="anthropic", base_url=BOX), {"ANTHROPIC_API_KEY": "a"}, ""),
        (settings(provider="anthropic", base_url=BOX), {"LEADLINE_DEEP__API_KEY": "d"}, "d"),
        (settings(provider="openai"), {"OPENAI_API_KEY": "o", "LEADLINE_FAST__API_KEY": "f"}, "o"),
        (
            settings(provider="openai", base_url=ROUTER),
            {"OPENROUTER_API_KEY": "r"},
            "r",
        ),
        (settings(provider="openai", base_url=ROUTER), {"OPENAI_API_KEY": "o"}, ""),
        (settings(provider="ollama", base_url="ollama.com"), {"OLLAMA_API_KEY": "c"}, "c"),
        (settings(provider="ollama"), {"LEADLINE_DEEP__API_KEY": "d", "OLLAMA_API_KEY": "c"}, ""),
        (settings(provider="ollama"), {"OLLAMA_HOST": "evil.example", "LEADLINE_DEEP__API_KEY": "d"}, ""),
        (Settings(), {"LEADLINE_DEEP__API_KEY": "d"}, ""),
        (
            Settings(fast=FastSettings(provider="openai", base_url=f"{BOX}/v1")),
            {"LEADLINE_FAST__API_KEY": "f", "LEADLINE_DEEP__API_KEY": "d"},
            "f",
        ),
    ],
)
def test_the_settings_decide_where_a_key_goes(
    chosen: Settings, environ: dict[str, str], key: str, tmp_path: Path
) -> None:
    """The variable of a section belongs to the address that this section sets, and to no other's."""
    place = asyncio.run(find_place(chosen, environ, safe(tmp_path, environ)))
    assert (place.key.value.reveal() if place.key else "") == key


def test_a_place_knows_its_protocol_and_how_a_key_is_given(tmp_path: Path) -> None:
    """The remedy for a missing key names the variable, or the very command."""
    place = asyncio.run(find_place(settings(provider="anthropic"), {}, safe(tmp_path)))
    assert place.needs_key
    assert (place.address.url, place.wire.spoken_to) == (ANTHROPIC, "api.anthropic.com")
    assert place.set_key == "set ANTHROPIC_API_KEY, or run leadline keys set anthropic"
    near = asyncio.run(find_place(settings(provider="openai", base_url=f"{BOX}/v1"), {}, safe(tmp_path)))
    assert not near.needs_key
    assert near.set_key == f"leadline keys set {BOX}" == how_to_set(BOX)
    local = asyncio.run(find_place(Settings(), {}, safe(tmp_path)))
    assert local.address == parse_address("", "default")
    assert vendors_at_hand({"ANTHROPIC_API_KEY": "x", "OPENAI_API_KEY": " "}) == ("anthropic",)


def test_thinking_here_asks_no_keyring_and_reads_no_file(tmp_path: Path) -> None:
    """Ollama on this machine has no key, and a broken file of keys is no reason not to think here."""
    (tmp_path / "keys.toml").write_text("not toml")
    (tmp_path / "keys.toml").chmod(0o600)
    here = Settings(fast=FastSettings(base_url="http://127.0.0.1:11434"))
    assert asyncio.run(find_place(here, {}, safe(tmp_path))).key is None
    with_key = {"LEADLINE_FAST__API_KEY": CANARY}
    place = asyncio.run(find_place(here, with_key, safe(tmp_path, with_key)))
    assert place.key is not None
    assert place.key.source == "LEADLINE_FAST__API_KEY"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("false", "ended with 1"),
        ("/no/such/program", "cannot be run"),
        ("'unbalanced", "cannot be run"),
        ("true", "no API key"),
        ("printf 'two words'", "no API key"),
        (f"sh -c 'echo Authorization: Bearer {CANARY} >&2; exit 3'", "ended with 3"),
    ],
)
def test_a_command_that_gives_no_key_is_told_in_words(command: str, words: str, tmp_path: Path) -> None:
    """A locked password manager is an everyday thing; what it printed may hold the key."""
    with pytest.raises(HouseError, match=words) as caught:
        safe(tmp_path).find(BOX, Section("deep", BOX, command))
    assert isinstance(caught.value, CommandFailed | SettingsInvalid)
    assert CANARY not in f"{caught.value!r}"
    assert caught.value.remedy


def test_a_command_is_no_shell(tmp_path: Path) -> None:
    """A setting that runs a program runs that program, not whatever stands behind a semicolon."""
    ran = tmp_path / "ran"
    assert found(safe(tmp_path), BOX, Section("deep", BOX, f"echo key;touch${{IFS}}{ran}"))[0].startswith(
        "key;"
    )
    assert not ran.exists()


def test_the_file_is_its_owners_alone_and_one_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """A key that the whole machine can read is no secret; from its first byte on it is not."""
    file = tmp_path / "deep" / "down" / "keys.toml"
    old = os.umask(0)
    try:
        keeping.keep(file, BOX, CANARY)
    finally:
        os.umask(old)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) & 0o077 == 0
    assert [path.name for path in file.parent.iterdir()] == ["keys.toml"]
    file.chmod(0o640)
    with pytest.raises(KeysUnavailable, match="can be read by others") as caught:
        keeping.kept(file, BOX)
    assert "chmod 600" in caught.value.remedy


BROKEN = (f"keys = '{CANARY}'", f"[keys]\nx = '{CANARY}", f"[keys]\n'{BOX}' = 3", "\xff")


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_shows_nothing_of_what_is_in_it(text: str, tmp_path: Path) -> None:
    """A parser's message quotes the line, and the line is the key."""
    file = tmp_path / "keys.toml"
    file.write_bytes(text.encode("latin-1"))
    file.chmod(0o600)
    with pytest.raises(KeysUnavailable) as caught:
        keeping.kept(file, BOX)
    assert CANARY not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_keys_of_several_places_live_beside_each_other(tmp_path: Path) -> None:
    """Setting one must not lose another; odd characters come back as they were."""
    file = tmp_path / "keys.toml"
    keeping.keep(file, BOX, 'a"b\\c')
    keeping.keep(file, ANTHROPIC, "k")
    keeping.keep(file, ANTHROPIC, "k2")
    assert keeping.read_file(file) == {BOX: 'a"b\\c', ANTHROPIC: "k2"}
    assert keeping.forget(file, ANTHROPIC)
    assert not keeping.forget(file, ANTHROPIC)
    assert keeping.read_file(file) == {BOX: 'a"b\\c'}


KEYRING = """
class Keyring: pass
class _Fake:
    kept = {}
_fake = _Fake()
def get_keyring(): return BACKEND
def get_password(service, name):
    import json, pathlib
    file = pathlib.Path(__file__).with_name("kept.json")
    return json.loads(file.read_text()).get(name) if file.exists() else None
def set_password(service, name, key):
    import json, pathlib
    pathlib.Path(__file__).with_name("kept.json").write_text(json.dumps({name: key}))
def delete_password(service, name):
    set_password(service, "", "")
from keyring.backends import fail
BACKEND = %s
"""
TRY = """
import sys, pathlib
from core.settings import keeping
file = pathlib.Path(sys.argv[1])
print(keeping.keep(file, "https://a.example", "the-key"))
print(keeping.kept(file, "https://a.example").source)
print("the-key" in file.read_text())
print(keeping.forget(file, "https://a.example"), keeping.kept(file, "https://a.example"))
"""


@pytest.mark.parametrize(("backend", "is_usable"), [("object()", True), ("fail.Keyring()", False)])
def test_a_keyring_keeps_the_key_where_there_is_one(backend: str, is_usable: bool, tmp_path: Path) -> None:
    """With the extra and a desktop the file holds no key; without a desktop the file serves."""
    package = tmp_path / "keyring"
    (package / "backends").mkdir(parents=True)
    (package / "__init__.py").write_text(KEYRING % backend)
    (package / "backends" / "__init__.py").write_text("")
    (package / "backends" / "fail.py").write_text("class Keyring: pass\n")
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", TRY, str(tmp_path / "keys.toml")],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": f"{tmp_path}{os.pathsep}{root}", "PATH": os.environ["PATH"]},
        timeout=100,
        check=False,
    )
    file = str(tmp_path / "keys.toml")
    wanted = ["the keyring", "the keyring", "False"] if is_usable else [file, "keys.toml", "True"]
    assert done.stdout.splitlines() == [*wanted, "True None"], done.stderr


def test_a_secret_shows_itself_to_nobody() -> None:
    """Whatever prints, logs, formats, pickles or dumps it gets four characters at most."""
    secret = ApiKey(CANARY)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret:>40}",
        repr([secret]),
    ]
    record = logging.LogRecord("x", 20, "x", 1, "key %s", (secret,), None)
    assert CANARY not in " ".join([*shown, record.getMessage()])
    assert str(secret) == "…c5d6" == last_four(CANARY)
    assert str(ApiKey("short")) == "…"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)
    assert secret == ApiKey(CANARY) != ApiKey("other")


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer {}",
        '{{"authorization": "Bearer {}"}}',
        "authorization=Basic {}",
        "bearer {}",
        "x-api-key: {}",
        "'x-api-key': '{}'",
        "https://ollama.com/connect?name=h&key={}",
        "?api_key={}&x=1",
        "Incorrect API key provided: {}.",
        "the key {} is wrong",
    ],
)
@pytest.mark.parametrize("key", [CANARY, "hunter2-but-longer"])
def test_keys_are_taken_out_of_any_text(text: str, key: str) -> None:
    """What looks like a key goes, known or not; a known one goes wherever it stands."""
    line = text.format(key)
    assert key not in redact(line, (key,))
    if key == CANARY or "key=" in text or "earer" in text or "x-api-key" in text:
        assert key not in redact(line)
    assert redact(redact(line)) == redact(line)


def test_ordinary_words_stay() -> None:
    """A redaction that eats the message helps nobody."""
    for line in (
        "the model sk-learn is not found",
        "use api_key_cmd",
        "the key: value",
        "x" * 80,
        "sketch-book",
    ):
        assert redact(line) == line


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("HTTPS://API.Anthropic.com/v1/", ANTHROPIC),
        ("https://api.anthropic.com:443", ANTHROPIC),
        ("http://box.lan:8080/v1", BOX),
        ("http://[::1]:11434", "http://[::1]:11434"),
        ("https://user:pw@api.anthropic.com", ANTHROPIC),
        ("https://api.anthropic.com@evil.example", "https://evil.example"),
    ],
)
def test_an_address_has_one_spelling(text: str, origin: str) -> None:
    """A key that is kept for one spelling must be found by another, and by no other host's."""
    assert origin_of(text) == origin


@pytest.mark.parametrize("text", ["", "box", "ftp://x", "https://", "https://x:99999", "http://[", CANARY])
def test_what_is_no_address_is_refused_without_showing_a_key(text: str) -> None:
    """Someone will paste the key where the address belongs."""
    with pytest.raises(SettingsInvalid) as caught:
        origin_of(text)
    assert CANARY not in f"{caught.value!r}"


def test_echo_is_there() -> None:
    """The tests above run real programs."""
    assert all(shutil.which(name) for name in ("echo", "false", "true", "printf", "sh"))
