"""Settings: who wins, and what a person is told when one cannot be used."""

import os
import re
import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from core.errors import SettingsInvalid
from core.settings.allowed import kind_of
from core.settings.load import Loaded, load, shown, without_credentials
from core.settings.model import Settings
from core.settings.paths import Paths, find_paths
from core.settings.places import find_places
from core.settings.prices import amounts_of
from core.settings.quick import settings_in_force


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "config.toml", tmp_path / "leadline.db", tmp_path / "logs")


def refusal(
    paths: Paths, environ: dict[str, str] | None = None, flags: dict[str, object] | None = None
) -> tuple[str, str]:
    """The sentence and the remedy of the error that loading must end with."""
    with pytest.raises(SettingsInvalid) as caught:
        load(paths, environ or {}, flags or {})
    assert caught.value.remedy
    return caught.value.message, caught.value.remedy


def from_file(paths: Paths, text: str) -> Loaded:
    paths.config_file.write_text(text, encoding="utf-8")
    return load(paths, {}, {})


def test_without_a_file_everything_is_default(paths: Paths) -> None:
    """The first start asks for nothing."""
    loaded = load(paths, {}, {})

    assert loaded.settings == Settings()
    assert set(loaded.sources.values()) == {"default"}
    assert "fast.model" in loaded.sources


def test_every_setting_of_the_model_can_be_read_and_has_an_allowed_default(paths: Paths) -> None:
    """A section that is added later works by being there; a default that is refused would be a trap."""
    defaults = Settings()

    def in_words(value: object) -> str:
        return ",".join(value) if isinstance(value, tuple) else str(value)

    given = {
        f"LEADLINE_{section.name.upper()}__{key.name.upper()}": in_words(
            getattr(getattr(defaults, section.name), key.name)
        )
        for section in fields(Settings)
        if isinstance(section.type, type) and is_dataclass(section.type)
        for key in fields(section.type)
    }

    assert len(given) >= 7
    assert load(paths, given, {}).settings == defaults


def test_flags_win_over_the_environment_over_the_file_over_defaults(paths: Paths) -> None:
    """And it is remembered who won, so that `config show` can say it."""
    paths.config_file.write_text('[fast]\nmodel = "a"\nsystem = "b"\nnum_ctx = 1024\n')
    environ = {"LEADLINE_FAST__MODEL": "c", "LEADLINE_FAST__SYSTEM": "d"}

    loaded = load(paths, environ, {"fast.model": "e", "fast.num_ctx": None})

    assert (loaded.settings.fast.model, loaded.settings.fast.system) == ("e", "d")
    assert loaded.settings.fast.num_ctx == 1024
    assert loaded.sources["fast.model"] == "--model"
    assert loaded.sources["fast.system"] == "LEADLINE_FAST__SYSTEM"
    assert loaded.sources["fast.num_ctx"] == str(paths.config_file)
    assert loaded.sources["ui.theme"] == "default"


def test_keys_are_any_ids_with_text(paths: Paths) -> None:
    """Which ids there are, the screen knows; here they only need to be text."""
    loaded = from_file(paths, '[keys]\nquit = "ctrl+q"\n"turn.stop" = "escape"\n')

    assert dict(loaded.settings.keys) == {"quit": "ctrl+q", "turn.stop": "escape"}
    assert loaded.sources["keys.quit"] == str(paths.config_file)
    assert "keys.quit cannot be 3" in refusal(paths, flags={"keys.quit": 3})[0]


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("box.lan", ("box.lan",)),
        (" box.lan , 192.168.1.20:11434,", ("box.lan", "192.168.1.20:11434")),
        ('["box.lan", "b"]', ("box.lan", "b")),
        ("[fd00::1]:11434,fd00::2", ("[fd00::1]:11434", "fd00::2")),
        ("http://box.lan:11434", ("http://box.lan:11434",)),
        ("", ()),
        ("[]", ()),
    ],
)
def test_a_list_is_written_with_commas_or_as_in_the_file(
    paths: Paths, text: str, hosts: tuple[str, ...]
) -> None:
    """A variable has no lists, and hosts are copied from wherever they stand."""
    assert load(paths, {"LEADLINE_SPECULATION__OWN_HOSTS": text}, {}).settings.speculation.own_hosts == hosts
    listed = ", ".join(f'"{host}"' for host in hosts)
    assert from_file(paths, f"[speculation]\nown_hosts = [{listed}]").settings.speculation.own_hosts == hosts


@pytest.mark.parametrize(
    "value", ['"box"', "[1]", '[""]', '["a b"]', '[["a"]]', '["me@x/b@y"]', '["a\\u0007"]']
)
def test_what_is_no_list_of_hosts_is_refused(paths: Paths, value: str) -> None:
    """Hosts are trusted with what nobody has sent yet: nothing is guessed from half a name."""
    paths.config_file.write_text(f"[speculation]\nown_hosts = {value}\n", encoding="utf-8")

    sentence, remedy = refusal(paths)

    assert sentence.startswith(f"{paths.config_file}, line 2: speculation.own_hosts cannot be ")
    assert "a list of hosts" in remedy


@pytest.mark.parametrize("value", ["0", "60", "7.5", "86400"])
def test_what_a_failure_costs_is_a_number_of_seconds(paths: Paths, value: str) -> None:
    """Nothing at all is a cost too: then only speed counts."""
    environ = {"LEADLINE_METRICS__FAILURE_COST_S": value}

    assert load(paths, environ, {}).settings.metrics.failure_cost_s == float(value)


@pytest.mark.parametrize("value", ["-1", "86401", '"a minute"', "true", "nan"])
def test_a_cost_that_is_none_is_refused(paths: Paths, value: str) -> None:
    """A negative cost would praise wrong answers."""
    paths.config_file.write_text(f"[metrics]\nfailure_cost_s = {value}\n", encoding="utf-8")

    sentence, remedy = refusal(paths)

    assert "metrics.failure_cost_s cannot be" in sentence
    assert "seconds, 0 to 86400" in remedy


@pytest.mark.parametrize(("value", "is_allowed"), [("0", True), ("3", True), ("4", False), ("-1", False)])
def test_at_most_three_chips_are_offered(paths: Paths, value: str, is_allowed: bool) -> None:
    """One row has room for so many."""
    environ = {"LEADLINE_SPECULATION__CHIPS": value}
    if is_allowed:
        assert load(paths, environ, {}).settings.speculation.chips == int(value)
    else:
        assert "0 to 3" in refusal(paths, environ)[1]


@pytest.mark.parametrize(
    ("text", "amounts"),
    [("1.25 10", (1.25, 1.25, 10)), ("1.25 0.125 10", (1.25, 0.125, 10)), (" 0  0 ", (0, 0, 0))],
)
def test_a_price_is_two_figures_or_three(
    paths: Paths, text: str, amounts: tuple[float, float, float]
) -> None:
    """What a model costs that no table knows, in the words of every price list."""
    loaded = from_file(paths, f'[prices]\n"gpt-5.6" = "{text}"\n')

    assert amounts_of(loaded.settings.prices["gpt-5.6"]) == amounts
    assert loaded.sources["prices.gpt-5.6"] == str(paths.config_file)


@pytest.mark.parametrize(
    "value",
    [
        *('""', '"1"', '"1 2 3 4"', '"a b"', '"-1 2"', '"1e9 2"', '"nan 1"', '"inf 1"', '"1,25 10"'),
        *('"$1 $2"', '"٣ ٤"', "1.25", "[1, 2]"),
    ],
)
def test_a_price_that_says_nothing_is_refused_when_it_is_read(paths: Paths, value: str) -> None:
    """Found out at the first deep question it would be too late: a cap would be checked by nothing."""
    paths.config_file.write_text(f"[prices]\nm = {value}\n", encoding="utf-8")

    sentence, remedy = refusal(paths)

    assert f"{paths.config_file}, line 2: prices.m cannot be" in sentence
    assert "dollars for a million tokens" in remedy


def test_a_models_name_with_a_dot_wants_quotes(paths: Paths) -> None:
    """Without them TOML reads a table, and the remedy says what to do."""
    paths.config_file.write_text('[prices]\ngpt-5.6 = "1 2"\n', encoding="utf-8")

    sentence, remedy = refusal(paths)

    assert "prices.gpt-5 cannot be a table" in sentence
    assert "stands in quotes" in remedy


def test_a_mark_in_front_and_windows_lines_are_fine(paths: Paths) -> None:
    """Notepad writes both."""
    paths.config_file.write_bytes(b'\xef\xbb\xbf[fast]\r\nmodel = "a"\r\n')

    assert load(paths, {}, {}).settings.fast.model == "a"


@pytest.mark.parametrize(
    "value", ['"30m"', '"1h30m"', '"90s"', '"1.5h"', '"-1"', '"0"', "-1", "300", '"-1s"']
)
def test_keep_alive_takes_what_ollama_takes(paths: Paths, value: str) -> None:
    """Go's durations, and the bare numbers people know from its own documentation."""
    assert from_file(paths, f"[fast]\nkeep_alive = {value}\n").settings.fast.keep_alive == value.strip('"')


@pytest.mark.parametrize(
    "address",
    [
        "",
        "localhost",
        ":8080",
        "127.0.0.1:11434",
        "[::1]:11434",
        "::1",
        "http://u:p@box.local:80/ollama",
        "'a:1'",
    ],
)
def test_every_form_of_an_address_is_let_through(paths: Paths, address: str) -> None:
    """What it means is the provider's to say; a form Ollama takes must not be refused here."""
    assert load(paths, {"LEADLINE_FAST__BASE_URL": address}, {}).settings.fast.base_url == address


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("LEADLINE_FAST__NUM_CTX", "511", "512 to 4194304"),
        ("LEADLINE_FAST__NUM_CTX", "-1", "512 to 4194304"),
        ("LEADLINE_FAST__NUM_CTX", "4194305", "512 to 4194304"),
        ("LEADLINE_FAST__NUM_CTX", "8k", "512 to 4194304"),
        ("LEADLINE_FAST__NUM_CTX", "", "512 to 4194304"),
        ("LEADLINE_FAST__NUM_CTX", "9" * 5000, "512 to 4194304"),
        ("LEADLINE_FAST__MODEL", "", "a model's name"),
        ("LEADLINE_FAST__MODEL", "a\nb", "a model's name"),
        ("LEADLINE_FAST__KEEP_ALIVE", "half an hour", "1h30m"),
        ("LEADLINE_FAST__BASE_URL", "ftp://box", "http://"),
        ("LEADLINE_FAST__BASE_URL", "http://", "http://"),
        ("LEADLINE_FAST__BASE_URL", "box:99999", "http://"),
        ("LEADLINE_FAST__BASE_URL", "two words", "http://"),
        ("LEADLINE_FAST__SYSTEM", "not utf-8 \udcff", "text"),
        ("LEADLINE_CACHE__MAX_ANSWERS", "0", "enabled = false"),
        ("LEADLINE_CACHE__MAX_ANSWERS", "many", "1 to 10000000"),
        ("LEADLINE_CACHE__ENABLED", "perhaps", "true or false"),
        ("LEADLINE_UI__ON_EXIT", "everything", "one of last, all, nothing"),
        ("LEADLINE_UI__THEME", "solarized", "one of leadline-dark, leadline-light"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_with_what_is(
    paths: Paths, variable: str, value: str, allowed: str
) -> None:
    """The variable, the key and what would do instead: nobody should have to look it up."""
    message, remedy = refusal(paths, {variable: value})

    assert message.startswith(f"{variable}: ")
    assert variable.removeprefix("LEADLINE_").lower().replace("__", ".") in message
    assert allowed in remedy
    assert len(message) < 200
    message.encode()


def test_the_cache_is_set_like_all_else(paths: Paths) -> None:
    """Who wants only the same question answered, or nothing stored, says so in one line."""
    paths.config_file.write_text("[cache]\nsemantic = false\nmax_answers = 500\n")
    cache = load(paths, {"LEADLINE_CACHE__ASK": "off"}, {}).settings.cache

    assert (cache.enabled, cache.semantic, cache.ask, cache.max_answers) == (True, False, False, 500)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("num_ctx = true", "fast.num_ctx cannot be true"),
        ('num_ctx = "8192"', "fast.num_ctx cannot be '8192'"),
        ("num_ctx = 8192.0", "fast.num_ctx cannot be 8192.0"),
        ("model = 3", "fast.model cannot be 3"),
        ("model = ['a']", "fast.model cannot be a list"),
        ("model = {a = 1}", "fast.model cannot be a table"),
        ("keep_alive = false", "fast.keep_alive cannot be false"),
        ("system = 2024-01-01", "fast.system cannot be a date or time"),
    ],
)
def test_a_wrong_type_in_the_file_is_refused_with_its_line(paths: Paths, line: str, shown: str) -> None:
    """A truth is no number, and a number in quotes is text: the file has types, so they are meant."""
    paths.config_file.write_text(f"# mine\n[ui]\n\n[fast]\n{line}\n")

    assert refusal(paths)[0] == f"{paths.config_file}, line 5: {shown}"


@pytest.mark.parametrize(
    "secret", ["http://me:hunter2@box:99999", "me:hunter2@box:99999", "'http://a:hunter2/@box:99999"]
)
def test_a_password_in_an_address_is_not_repeated(paths: Paths, secret: str) -> None:
    """Errors end up in issues."""
    message, remedy = refusal(paths, {"LEADLINE_FAST__BASE_URL": secret})

    assert "hunter2" not in message + remedy
    assert "box:99999" in message


@pytest.mark.parametrize(
    "value",
    [
        "http://me:hunter2@box",
        "http://me:hun/ter2@box",
        "http://me:hunter2/x@box",
        "me:hun ter2@box",
        "sk-hunter2@127.0.0.1:9",
        "hunter2@127.0.0.1:9",
        "http://hunter2@127.0.0.1:9/v1",
        "http://me:x@hunter2@box",
        "me:http://hunter2@box",
        "http://me:hunter2\n@box",
        " 'http://me:hunter2@box'",
    ],
)
def test_no_part_of_a_password_is_shown(value: str) -> None:
    """Too much is hidden rather than a half of it told; a token alone is a password too."""
    told = shown(value) + without_credentials(value)

    assert not {"hunter2", "hun", "ter2"} & set(re.split(r"\W+", told))
    assert "***@" in told


@pytest.mark.parametrize(
    "host", ["http://me:hun/ter2@box", "me:1/ter2@box:99", "box/p@th", "http://box?a=b@c"]
)
def test_an_address_whose_host_cannot_be_told_is_refused(paths: Paths, host: str) -> None:
    """Whichever way it is read, it may send a half of a password, or every question, to a stranger."""
    for name in ("OLLAMA_HOST", "LEADLINE_FAST__BASE_URL"):
        message, remedy = refusal(paths, {name: host})
        assert message.startswith(f"{name}: ")
        assert remedy
        assert "hun/" not in message

    fine = {"OLLAMA_HOST": host, "LEADLINE_FAST__BASE_URL": "http://me:secret@box:1/v1"}
    assert load(paths, fine, {}).settings.fast.base_url.endswith("box:1/v1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[fast]\nmodell = "a"\n', "line 2: there is no setting fast.modell; did you mean model?"),
        ("[fats]\nmodel = 'a'\n", "line 1: there is no section [fats]; did you mean fast?"),
        ("[fats]\n", "line 1: there is no section [fats]; did you mean fast?"),
        ("\nmodel = 'a'\n", "line 2: model stands outside its section"),
        ("fast = 3\n", "line 1: fast is a section, not a value"),
        ("fast.modell = 'a'\n", "line 1: there is no setting fast.modell; did you mean model?"),
        ("fast = {modell = 'a'}\n", "line 1: there is no setting fast.modell; did you mean model?"),
        ("[ 'fast' ]\n'modell' = 'a'\n", "line 2: there is no setting fast.modell; did you mean model?"),
        ("[fast]\nzzzzqqqq = 1\n", "line 2: there is no setting fast.zzzzqqqq"),
        ("[[fast]]\nmodel = 'a'\n", "fast is a section, not a value"),
        (
            '[fast]\nsystem = """\n[ui]\nthema = 1\n"""\n[ui]\nthema = 1\n',
            "line 7: there is no setting ui.thema; did you mean theme?",
        ),
    ],
)
def test_an_unknown_name_in_the_file_names_its_line_and_the_nearest(
    paths: Paths, text: str, expected: str
) -> None:
    """A mistyped setting that is silently ignored costs an evening."""
    paths.config_file.write_text(text)

    message, remedy = refusal(paths)

    assert message.startswith(str(paths.config_file))
    assert message.endswith(expected)
    assert "fast" in remedy or "[ui] takes theme" in remedy


@pytest.mark.parametrize("name", ["LEADLINE_FAST__MODLE", "LEADLINE_FSAT__MODEL", "LEADLINE_DEPE__API_KEY"])
def test_an_unknown_variable_is_an_error_too(paths: Paths, name: str) -> None:
    """It is as easily mistyped as a line in the file."""
    message, _ = refusal(paths, {name: "secret-value"})

    assert message.startswith(f"{name}: there is no")
    assert "secret-value" not in message


DEEP = '[deep]\nprovider = "anthropic"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DEEP, "deep.model does not say which model"),
        (f'{DEEP}model = "m"\nbase_url = "box:8080"', "does not begin with http"),
        (f'{DEEP}model = "m"\nbase_url = "https://me:a/secret@x"', "deep.base_url cannot be"),
        (f'{DEEP}model = "m"\neffort = "hihg"', "deep.effort cannot be 'hihg'"),
        (f'{DEEP}model = "m"\nanthropic_version = "latest"', "deep.anthropic_version cannot be"),
        (f'{DEEP}model = "m"\ndialect = "grok"', "deep.dialect cannot be"),
        (f'{DEEP}model = "m"\napi_key = "sk-0123456789abcdef"', "there is no setting deep.api_key"),
    ],
)
def test_a_deep_model_that_cannot_be_meant_is_refused(paths: Paths, text: str, said: str) -> None:
    """A model far away costs money: it is never guessed; and no message repeats a secret."""
    paths.config_file.write_text(text)
    message, remedy = refusal(paths)
    assert said in message
    assert "secret" not in message + remedy
    assert "sk-0123" not in message + remedy


def test_a_deep_model_is_set_like_a_fast_one(paths: Paths) -> None:
    """By the file or by variables; its key is no setting."""
    environ = {
        "LEADLINE_DEEP__PROVIDER": "ollama",
        "LEADLINE_DEEP__MODEL": "m",
        "LEADLINE_DEEP__API_KEY": "k",
    }
    deep = load(paths, environ, {}).settings.deep
    assert (deep.provider, deep.model, deep.effort, deep.base_url) == ("ollama", "m", "high", "")
    paths.config_file.write_text(f'{DEEP}model = "m"\nbase_url = "https://box.example"\neffort = "max"')
    assert load(paths, {}, {}).settings.deep.effort == "max"


def test_secrets_and_the_home_are_not_settings(paths: Paths) -> None:
    """They are read elsewhere, and must not be refused, shown or kept here."""
    environ = {
        "LEADLINE_HOME": "/x",
        "LEADLINE_FAST__API_KEY": "k",
        "LEADLINE_DEEP__API_KEY": "k",
        "LEADLINE_TRACE": "1",
        "OTHER__THING": "1",
    }

    assert load(paths, environ, {}).settings == Settings()


@pytest.mark.parametrize("text", ["[fast\n", "[fast]\nmodel = \n", "[fast]\nmodel = 'a'\nmodel = 'b'\n"])
def test_a_broken_file_says_where(paths: Paths, text: str) -> None:
    """Line and column, as TOML's own reader knows them."""
    paths.config_file.write_text(text)

    message, _ = refusal(paths)

    assert str(paths.config_file) in message
    assert "(at line " in message
    assert ", column " in message


def test_a_file_nested_without_end_is_a_sentence(paths: Paths) -> None:
    """Not a traceback of a thousand lines."""
    paths.config_file.write_text("a = " + "[" * 5000 + "\n")

    assert "nested too deeply" in refusal(paths)[0]


@pytest.mark.parametrize("data", ["# gr\xfc\xdfe\n".encode("latin-1"), "[fast]\n".encode("utf-16")])
def test_a_file_in_another_encoding_says_so(paths: Paths, data: bytes) -> None:
    """PowerShell's `>` writes UTF-16, old editors Latin-1."""
    paths.config_file.write_bytes(data)

    message, remedy = refusal(paths)

    assert f"{paths.config_file}, line 1: this is not UTF-8" in message
    assert "UTF-8" in remedy


def test_a_folder_in_its_place_says_so(paths: Paths) -> None:
    """The file is there and cannot be read: going on with defaults would hide it."""
    paths.config_file.mkdir()

    assert str(paths.config_file) in refusal(paths)[0]


def test_a_home_that_is_a_file_says_so(tmp_path: Path) -> None:
    """LEADLINE_HOME pointing at a file is a mistake, not an empty folder."""
    (tmp_path / "home").write_text("")
    paths = Paths(tmp_path / "home" / "config.toml", tmp_path / "db", tmp_path / "logs")

    assert "not a directory" in refusal(paths)[0]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_says_so(paths: Paths) -> None:
    """Someone used sudo once; the person must learn which file to take back."""
    paths.config_file.write_text("")
    paths.config_file.chmod(0)

    assert "permission denied" in refusal(paths)[0]


def test_a_flag_that_is_not_allowed_is_named(paths: Paths) -> None:
    """`-m ""` is a mistake on the command line, and the sentence says which word of it."""
    assert refusal(paths, flags={"fast.model": ""})[0].startswith("--model: fast.model cannot be ''")
    assert refusal(paths, flags={"fast.num_ctx": "x"})[0].startswith("--num-ctx: ")


@pytest.mark.parametrize(
    ("wanted", "text", "value"),
    [(bool, "off", False), (bool, "True", True), (float, "0.10", 0.1), (int, " 12 ", 12), (str, "1", "1")],
)
def test_variables_are_read_by_the_type_of_their_setting(wanted: type, text: str, value: object) -> None:
    """Variables are always text, and later sections have truths and amounts."""
    kind = kind_of(wanted)

    assert kind.parse(text) == value
    assert kind.accepts(kind.parse(text))


@pytest.mark.parametrize(
    ("wanted", "value"),
    [
        (bool, "maybe"),
        (bool, 1),
        (int, True),
        (int, "١٢"),
        (float, "nan"),
        (float, "inf"),
        (float, True),
        (str, 1),
    ],
)
def test_what_is_not_of_the_type_is_not_taken_for_it(wanted: type, value: object) -> None:
    """Python would take several of these; a person who wrote them made a mistake."""
    kind = kind_of(wanted)

    assert not kind.accepts(kind.parse(value) if isinstance(value, str) and wanted is not str else value)


def test_nothing_slow_is_imported_when_there_is_no_file_and_no_mistake(tmp_path: Path) -> None:
    """Settings are read before the first paint; their parser and the word matcher wait until needed."""
    program = (
        "import sys; from core.settings.paths import find_paths; from core.settings.load import load\n"
        f"load(find_paths({{'LEADLINE_HOME': {str(tmp_path)!r}}}, False), {{}}, {{}})\n"
        "print({'tomllib', 'rapidfuzz', 'platformdirs', 'asyncio'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("environ", "text"),
    [
        ({}, None),
        ({"LEADLINE_FAST__API_KEY": "k"}, None),
        ({"LEADLINE_FAST__MODEL": "m"}, None),
        ({"OLLAMA_HOST": "10.0.0.1"}, None),
        ({}, '[fast]\nmodel = "m"\n'),
    ],
)
def test_the_quick_way_reads_the_same_settings(
    tmp_path: Path, environ: dict[str, str], text: str | None
) -> None:
    """A shortcut that saw other settings would answer from another model's store."""
    environ = environ | {"LEADLINE_HOME": str(tmp_path)}
    if text is not None:
        (tmp_path / "config.toml").write_text(text)

    quick = settings_in_force(find_places(environ, demo=False), environ)

    assert quick == load(find_paths(environ, demo=False), environ, {}).settings
