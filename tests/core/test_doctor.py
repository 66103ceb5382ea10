"""The doctor: real files, a real server on loopback, and never a traceback."""

import asyncio
import base64
import hashlib
import json
import os
import sqlite3
import threading
import time
from dataclasses import replace
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import pytest

from core.deep.price_table import PriceTable
from core.doctor import Finding, Terminal, examine, to_json
from core.doctor.speculation import check_speculation
from core.errors import SettingsInvalid
from core.messages import Route
from core.providers.address import parse_address
from core.providers.base import Provider, ServerState
from core.providers.demo import DemoProvider
from core.providers.ollama.provider import OllamaProvider
from core.settings.load import Loaded, load
from core.settings.paths import Paths
from core.speculation.power import Power
from core.store.conversations import Conversations, NewAnswer
from core.store.database import Database
from tests.core.ollama_door import PATIENT
from tests.server import Loaded as InMemory
from tests.server import Model, OllamaServer, Script

GOOD = Terminal(is_tty=True, columns=120, rows=40, colours=1 << 24, term="xterm-256color")
IN_TMUX = replace(GOOD, in_tmux=True, tmux_version="tmux 3.4")
SUITS = "escape-time 10\nextended-keys on\nfocus-events on\nset-clipboard on\n"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "config.toml", tmp_path / "leadline.db", tmp_path / "logs")


def visit(
    paths: Paths,
    *,
    loaded: Loaded | SettingsInvalid | None = None,
    provider: Provider | None = None,
    environ: dict[str, str] | None = None,
    terminal: Terminal = GOOD,
    distribution: Distribution | None = None,
    patience_s: float = 30.0,
) -> list[Finding]:
    """One visit, with everything well unless the test says otherwise; each finding can be acted on."""

    async def main() -> list[Finding]:
        return await examine(
            paths=paths,
            loaded=loaded or load(paths, {}, {}),
            provider=provider or DemoProvider(),
            environ=environ or {},
            terminal_facts=terminal,
            distribution=distribution,
            patience_s=patience_s,
        )

    findings = asyncio.run(main())
    assert all(finding.remedy for finding in findings if finding.state != "ok")
    assert not any(finding.remedy for finding in findings if finding.state == "ok")
    return findings


def about(findings: list[Finding], check: str) -> list[Finding]:
    return [finding for finding in findings if finding.check == check]


def only(findings: list[Finding], check: str) -> Finding:
    (finding,) = about(findings, check)
    return finding


def install(site: Path, name: str, files: dict[str, str], editable: bool = False) -> PathDistribution:
    """Lay a package out as an installer does: its files, and beside them the record of them."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    record = [f"{info.name}/METADATA,,", f"{info.name}/RECORD,,"]
    for path, text in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text)
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record.append(f"{path},sha256={digest},{len(text)}")
    wanted = ("httpx<0.29,>=0.28", "nobody-has-this>=1", "other; extra == 'x'", "platformdirs<4")
    needs = "".join(f"Requires-Dist: {requirement}\n" for requirement in wanted)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}")
    (info / "RECORD").write_text("\n".join(record) + "\n")
    if editable:
        (info / "direct_url.json").write_text('{"url": "file:///x", "dir_info": {"editable": true}}')
    return PathDistribution(info)


OURS = {"core/__init__.py": "", "core/engine.py": "engine", "tui/__init__.py": "", "tui/app.py": "app"}


def test_an_installation_that_is_whole_is_well(paths: Paths, tmp_path: Path) -> None:
    """Another package beside it, which minds its own business, is no concern."""
    leadline = install(tmp_path / "site", "leadline", OURS)
    install(tmp_path / "site", "other", {"other/core/a.py": "x"})

    assert only(visit(paths, distribution=leadline), "installation") == Finding(
        "installation", "ok", "leadline 1.0, 4 files as installed"
    )


def test_changed_missing_and_overwritten_files_are_named(paths: Paths, tmp_path: Path) -> None:
    """`core` is a plain name: the day another package brings one, this is how it is found."""
    site = tmp_path / "site"
    leadline = install(site, "leadline", OURS)
    (site / "tui/app.py").write_text("patched")
    (site / "core/engine.py").unlink()
    install(site, "rival", {"core/__init__.py": "rival"})

    finding = only(visit(paths, distribution=leadline), "installation")

    assert finding.state == "problem"
    assert finding.message.startswith("3 files are not as installed: ")
    assert "core/__init__.py (overwritten by rival)" in finding.message
    assert "core/engine.py (missing)" in finding.message
    assert "tui/app.py (changed)" in finding.message
    assert "environment of its own" in finding.remedy


def test_a_file_two_packages_share_is_a_warning(paths: Paths, tmp_path: Path) -> None:
    """It works today; removing the other package would take our file along."""
    leadline = install(tmp_path / "site", "leadline", OURS)
    install(tmp_path / "site", "rival", {"core/__init__.py": ""})

    finding = only(visit(paths, distribution=leadline), "installation")

    assert finding.state == "warning"
    assert "core/__init__.py (rival)" in finding.message


def test_at_most_five_files_are_named(paths: Paths, tmp_path: Path) -> None:
    """A hundred lines help nobody."""
    leadline = install(tmp_path / "site", "leadline", {f"core/f{number}.py": "x" for number in range(9)})
    for number in range(9):
        (tmp_path / "site" / f"core/f{number}.py").unlink()

    message = only(visit(paths, distribution=leadline), "installation").message

    assert message.startswith("9 files are")
    assert message.count("(missing)") == 5
    assert message.endswith("and 4 more")


def test_an_editable_install_has_nothing_to_compare(paths: Paths, tmp_path: Path) -> None:
    """Its files change all the time, and that is what it is for."""
    leadline = install(tmp_path / "site", "leadline", {}, editable=True)

    finding = only(visit(paths, distribution=leadline), "installation")

    assert (finding.state, finding.message) == ("ok", "editable install, nothing to compare")


def test_dependencies_that_are_missing_or_out_of_bounds_are_named(paths: Paths, tmp_path: Path) -> None:
    """`pip install something-else` moves them, and the error then shows up far away."""
    findings = visit(paths, distribution=install(tmp_path / "site", "leadline", OURS))

    assert only(findings, "python").message.startswith("Python 3.")
    finding = only(findings, "dependencies")
    assert finding.state == "problem"
    assert "nobody-has-this is missing" in finding.message
    assert "is not <4" in finding.message
    assert "httpx" not in finding.message
    assert "other" not in finding.message


def test_the_leadline_that_runs_these_tests_has_what_it_needs(paths: Paths) -> None:
    """Real metadata, as an installer wrote it."""
    finding = only(visit(paths), "dependencies")

    assert finding.state == "ok"
    assert "textual 8." in finding.message


def test_the_configuration_says_what_differs_and_who_set_it(paths: Paths) -> None:
    """The first thing asked in every issue."""
    paths.config_file.write_text('[fast]\nmodel = "qwen3:4b"\n[keys]\nquit = "ctrl+x"\n')
    environ = {"LEADLINE_FAST__BASE_URL": "http://me:hunter2@box.local"}

    finding = only(visit(paths, loaded=load(paths, environ, {})), "config")

    assert finding.message == (
        f"{paths.config_file}; fast.base_url = 'http://***@box.local' (LEADLINE_FAST__BASE_URL), "
        "fast.model = 'qwen3:4b' (file), keys.quit = 'ctrl+x' (file)"
    )


def test_settings_that_cannot_be_used_are_a_problem_and_the_rest_is_still_looked_at(paths: Paths) -> None:
    """The doctor is called just then."""
    broken = SettingsInvalid("config.toml, line 2: no", "Correct it.")

    findings = visit(paths, loaded=broken)

    assert only(findings, "config") == Finding("config", "problem", broken.message, broken.remedy)
    assert about(findings, "demo")


def test_without_a_provider_the_server_is_not_asked(paths: Paths) -> None:
    """Settings may be too broken to make one."""

    async def main() -> list[Finding]:
        broken = SettingsInvalid("no", "Correct it.")
        return await examine(paths=paths, loaded=broken, provider=None, environ={}, terminal_facts=GOOD)

    assert only(asyncio.run(main()), "server").state == "warning"


def test_a_database_that_is_not_there_is_not_made(paths: Paths) -> None:
    """A look must not leave a file behind."""
    finding = only(visit(paths), "database")

    assert finding.state == "ok"
    assert "not there yet" in finding.message
    assert not paths.database.exists()


def store_turns(path: Path, turns: int) -> Database:
    database = Database.open(path, time.time)
    conversations = Conversations(database)
    for _ in range(turns):
        conversations.ask("why?", (), None, "/", NewAnswer(Route.FAST, "m", "ollama", "local", {})).result()
    return database


def test_a_real_database_is_sound_and_nothing_is_left_beside_it(paths: Paths) -> None:
    """Counted, checked, and the folder as it was."""
    store_turns(paths.database, 3).close()
    before = sorted(path.name for path in paths.database.parent.iterdir())

    finding = only(visit(paths), "database")

    assert finding.state == "ok"
    assert "3 turns, sound" in finding.message
    assert sorted(path.name for path in paths.database.parent.iterdir()) == before


def test_a_database_in_use_is_read_with_what_was_just_written(paths: Paths) -> None:
    """The doctor is often called beside a running leadline, whose last turn is in the -wal file."""
    database = store_turns(paths.database, 1)
    try:
        finding = only(visit(paths), "database")
    finally:
        database.close()

    assert "1 turn, sound" in finding.message


@pytest.mark.skipif(os.name == "nt", reason="mode bits mean nothing there")
def test_a_database_others_can_read_is_a_warning(paths: Paths) -> None:
    """Conversations are private; a copy or a restored backup loses the mode."""
    store_turns(paths.database, 1).close()
    paths.database.chmod(0o644)

    findings = about(visit(paths), "database")

    assert [finding.state for finding in findings] == ["ok", "warning"]
    assert findings[1].remedy == f"chmod 600 {paths.database}"


def test_what_is_no_database_of_ours_is_a_problem_and_left_alone(paths: Paths) -> None:
    """Text, a database of another program, a newer one, a directory."""
    for make, said in (
        (lambda: paths.database.write_text("just some text " * 100), "is not a database"),
        (lambda: _sql(paths.database, "CREATE TABLE theirs (x)"), "another program"),
        (lambda: _newer(paths.database), "newer leadline"),
        (lambda: _damaged(paths.database), "damaged"),
    ):
        make()
        before = paths.database.read_bytes()

        finding = only(visit(paths), "database")

        assert finding.state == "problem"
        assert said in finding.message
        assert paths.database.read_bytes() == before
        paths.database.unlink()
    paths.database.mkdir()
    assert "is a directory" in only(visit(paths), "database").message


def _sql(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def _newer(path: Path) -> None:
    store_turns(path, 0).close()
    _sql(path, "PRAGMA user_version = 999")


def _damaged(path: Path) -> None:
    store_turns(path, 200).close()
    data = bytearray(path.read_bytes())
    data[len(data) // 2 :] = b"\xa5" * (len(data) - len(data) // 2)
    path.write_bytes(data)


def test_a_file_where_the_folder_should_be_is_a_problem(tmp_path: Path) -> None:
    """LEADLINE_HOME may point at a file."""
    (tmp_path / "home").write_text("")
    folder = tmp_path / "home"
    paths = Paths(tmp_path / "config.toml", folder / "leadline.db", folder / "logs")

    assert only(visit(paths), "database").state == "problem"


def test_a_real_server_is_described(paths: Paths) -> None:
    """Address and who set it, place, version, models, what is loaded and where."""
    script = Script(
        version="0.33.0",
        models=(Model("qwen3:4b"), Model("gemma3:1b")),
        loaded=(InMemory("qwen3:4b", 8192),),
    )
    with OllamaServer(script) as server:
        provider = OllamaProvider(parse_address(server.url, "OLLAMA_HOST"), {}, limits=PATIENT)

        findings = about(visit(paths, provider=provider, environ={"OLLAMA_HOST": server.url}), "ollama")

        assert not server.requests("/api/chat")
    assert [finding.state for finding in findings] == ["ok", "ok"]
    assert findings[0].message == f"{server.url} (OLLAMA_HOST), local, version 0.33.0"
    assert findings[1].message.startswith("2 models; qwen3:4b (8,192 tokens, ")
    assert "how many requests wait, Ollama does not tell" in findings[1].message


def test_the_setting_that_names_the_server_is_named(paths: Paths) -> None:
    """A forgotten line in the file is the usual cause of "it does not answer"."""
    with OllamaServer(Script(models=())) as server:
        loaded = load(paths, {"LEADLINE_FAST__BASE_URL": server.url}, {})
        provider = OllamaProvider(parse_address(server.url, "fast.base_url"), {}, limits=PATIENT)

        findings = about(visit(paths, provider=provider, loaded=loaded), "ollama")

    assert "(fast.base_url from LEADLINE_FAST__BASE_URL)" in findings[0].message
    assert findings[1].message == "no model is installed"
    assert "leadline pull" in findings[1].remedy


def test_a_chosen_model_that_is_not_there_is_a_problem(paths: Paths) -> None:
    """Removed with `ollama rm`, or mistyped; with or without the tag that Ollama adds."""
    with OllamaServer(Script(models=(Model("mistral:latest"),))) as server:
        wrong, right = (
            visit(
                paths,
                provider=OllamaProvider(parse_address(server.url, "default"), {}),
                loaded=load(paths, {}, {"fast.model": model}),
            )
            for model in ("mistrall", "mistral")
        )

    assert "fast.model = mistrall (from --model) is not installed" in about(wrong, "ollama")[-1].message
    assert all(finding.state == "ok" for finding in about(right, "ollama"))


def test_nobody_at_the_address_is_a_problem_with_the_way_out(paths: Paths) -> None:
    """The commonest finding of all."""
    with OllamaServer() as server:
        url = server.url
    provider = OllamaProvider(parse_address(url, "OLLAMA_HOST"), {})

    finding = only(visit(paths, provider=provider, environ={"OLLAMA_HOST": url}), "ollama")

    assert finding.state == "problem"
    assert finding.message.count(url) == 1
    assert finding.message.endswith("(OLLAMA_HOST)")


class HangingProvider(DemoProvider):
    """A provider whose server accepts and then says nothing."""

    async def look(self) -> ServerState:
        await asyncio.Event().wait()
        raise AssertionError


class RemoteProvider(DemoProvider):
    """A provider that is far away, as far as anybody can tell."""

    def place(self, remote_host: str = "") -> str:
        return "REMOTE box.example.com"


class BrokenProvider(DemoProvider):
    """A provider with a bug."""

    async def look(self) -> ServerState:
        raise KeyError("models\x1b[31m")


def test_a_check_that_hangs_ends_in_a_problem_and_holds_up_no_other(paths: Paths) -> None:
    """A dead mount or a silent server is what the doctor is there to find."""
    findings = visit(paths, provider=HangingProvider(), patience_s=0.05)

    assert only(findings, "demo").message == "no result within 0.05 s"
    assert only(findings, "config").state == "ok"


@pytest.mark.skipif(os.name == "nt", reason="no pipes in the file system there")
def test_a_blocking_check_that_hangs_is_left_behind(paths: Paths, tmp_path: Path) -> None:
    """A thread cannot be stopped, and the command must end all the same."""
    leadline = install(tmp_path / "site", "leadline", OURS)
    blocked = tmp_path / "site" / "core" / "engine.py"
    blocked.unlink()
    os.mkfifo(blocked)

    finding = only(visit(paths, distribution=leadline, patience_s=0.3), "installation")

    assert finding.message.startswith("no result within")
    with open(blocked, "wb"):  # let the thread go
        pass
    for thread in threading.enumerate():
        if thread.name == "leadline-doctor":
            thread.join(5)


def test_a_check_that_fails_is_a_finding_and_harmless_on_a_terminal(paths: Paths) -> None:
    """A bug in a check must not hide what the others found, nor play with the screen."""
    finding = only(visit(paths, provider=BrokenProvider()), "demo")

    assert finding.state == "problem"
    assert "KeyError" in finding.message
    assert "\x1b" not in finding.message


def test_proxies_are_said_with_whether_they_apply_and_without_passwords(paths: Paths) -> None:
    """A proxy in the environment is the first suspect when a server nearby does not answer."""
    proxy = {"https_proxy": "http://me:hunter2@proxy:3128"}
    assert only(visit(paths), "proxies").message == "none in the environment"

    with OllamaServer() as server:
        near = OllamaProvider(parse_address(server.url, "default"), proxy)
        finding = only(visit(paths, provider=near, environ=proxy), "proxies")
    assert finding.message == "HTTPS_PROXY=http://***@proxy:3128; passed by, the server is near (local)"

    remote = {"OLLAMA_HOST": "https://box.example.com"}
    said = [
        only(visit(paths, provider=RemoteProvider(), environ=remote | more), "proxies").message.partition(
            "; "
        )[2]
        for more in (proxy, proxy | {"NO_PROXY": "a, .example.com"}, {"HTTP_PROXY": "http://proxy:3128"})
    ]
    assert said == [
        "requests to box.example.com go through it",
        "passed by, NO_PROXY names box.example.com",
        "passed by, none is for https",
    ]


@pytest.mark.parametrize(
    "proxy",
    [
        "http://me:p://hunter2@proxy:1",
        "http://me:x/hunter2@proxy:1",
        "hunter2@proxy:1",
        "http://hunter2@proxy",
    ],
)
def test_no_part_of_a_proxys_password_is_said(paths: Paths, proxy: str) -> None:
    """The doctor's words are what people paste into issues."""
    finding = only(visit(paths, environ={"https_proxy": proxy}), "proxies")

    assert "hunter2" not in finding.message
    assert "@proxy" in finding.message


def test_a_database_with_a_trigger_is_a_problem(paths: Paths) -> None:
    """Leadline will not open it, and the doctor is who is asked why."""
    Database.open(paths.database, time.time).close()
    with sqlite3.connect(paths.database) as stranger:
        stranger.execute("CREATE TRIGGER spy AFTER INSERT ON turn BEGIN DELETE FROM turn; END")
    stranger.close()

    finding = only(visit(paths), "database")

    assert finding.state == "problem"
    assert "trigger that leadline did not make (spy)" in finding.message


@pytest.mark.skipif(os.name != "posix", reason="rights are a POSIX matter")
def test_a_folder_that_others_may_write_in_is_warned_of(paths: Paths) -> None:
    """Whoever may write there can put another file in the place of ours."""
    Database.open(paths.database, time.time).close()
    folder = paths.database.parent
    folder.chmod(0o777)
    found = visit(paths)
    folder.chmod(0o700)

    for check in ("config", "database"):
        (warning,) = [finding for finding in about(found, check) if finding.state == "warning"]
        assert warning.message == f"others on this machine may write in {folder}"
        assert warning.remedy == f"chmod go-w {folder}"
    assert all(finding.state == "ok" for finding in about(visit(paths), "database"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give away")
def test_a_folder_of_someone_else_is_warned_of(paths: Paths) -> None:
    """Its owner can open it to anyone, at any moment."""
    Database.open(paths.database, time.time).close()
    folder = paths.database.parent
    os.chown(folder, 12345, -1)
    found = visit(paths)
    os.chown(folder, 0, -1)

    said = [
        finding.message for finding in found if finding.state == "warning" and "belongs" in finding.message
    ]
    assert said == [f"{folder} belongs to another user of this machine"] * 2


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_a_database_that_is_a_link_is_warned_of(paths: Paths, tmp_path: Path) -> None:
    """It may be meant so; but who can change the link decides where conversations go."""
    there = tmp_path / "elsewhere.db"
    Database.open(there, time.time).close()
    paths.database.symlink_to(there)

    (warning,) = [finding for finding in about(visit(paths), "database") if finding.state == "warning"]

    assert warning.message == f"{paths.database} is a link to {there}"


def test_a_good_terminal_is_well(paths: Paths) -> None:
    """In one line."""
    assert only(visit(paths), "terminal").message == "xterm-256color, 120x40, 16 million colours"


@pytest.mark.parametrize(
    ("terminal", "environ", "state", "said"),
    [
        (replace(GOOD, columns=79), {}, "warning", "79x40 is small"),
        (replace(GOOD, rows=23), {}, "warning", "120x23 is small"),
        (replace(GOOD, colours=8), {}, "warning", "8 colours"),
        (replace(GOOD, colours=8), {"COLORTERM": "truecolor"}, "ok", "16 million colours"),
        (replace(GOOD, colours=8), {"NO_COLOR": "1"}, "ok", "no colours, as NO_COLOR asks"),
        (replace(GOOD, encoding="ANSI_X3.4-1968"), {}, "warning", "the encoding is ANSI_X3.4-1968"),
        (replace(GOOD, encoding="UTF-8"), {}, "ok", "120x40"),
        (replace(GOOD, is_tty=False, columns=0), {}, "ok", "no terminal"),
    ],
)
def test_a_terminal_is_told_what_it_lacks(
    paths: Paths, terminal: Terminal, environ: dict[str, str], state: str, said: str
) -> None:
    """Each with what it costs, so that a person can decide to live with it."""
    finding = only(visit(paths, terminal=terminal, environ=environ), "terminal")

    assert (finding.state, said in finding.message) == (state, True)


@pytest.mark.skipif(os.name == "nt", reason="consoles there have no TERM")
def test_a_dumb_terminal_is_a_problem(paths: Paths) -> None:
    """The screen cannot be drawn; the one-shot command works."""
    finding = only(visit(paths, terminal=replace(GOOD, term="dumb")), "terminal")

    assert finding.state == "problem"
    assert "leadline ask" in finding.remedy


@pytest.mark.skipif(os.name == "nt", reason="programs are marked otherwise there")
def test_the_clipboard_is_looked_for_where_it_can_work(paths: Paths, tmp_path: Path) -> None:
    """A tool without its display is there and fails; over SSH it would fill the wrong clipboard."""
    for tool in ("wl-copy", "xclip"):
        (tmp_path / tool).write_text("#!/bin/sh\n")
        (tmp_path / tool).chmod(0o755)
    here = {"PATH": str(tmp_path)}

    def look(environ: dict[str, str]) -> Finding:
        return only(visit(paths, environ=environ), "clipboard")

    assert look(here | {"WAYLAND_DISPLAY": "w"}).message.startswith("wl-copy, and OSC 52")
    assert look(here | {"DISPLAY": ":0"}).message.startswith("xclip, and OSC 52")
    assert look(here).state == "warning"
    assert look({"PATH": str(tmp_path / "none"), "WAYLAND_DISPLAY": "w"}).remedy == "Install wl-clipboard."
    assert "over SSH" in look(here | {"DISPLAY": ":0", "SSH_CONNECTION": "a"}).message


def test_tmux_is_silent_where_it_is_not_used(paths: Paths) -> None:
    """No line about what is not there."""
    assert about(visit(paths), "tmux") == []


def test_each_option_of_tmux_that_hurts_comes_with_its_line(paths: Paths) -> None:
    """These are tmux's own defaults, so nearly everyone in tmux has them."""
    options = SUITS.replace("on", "off").replace("set-clipboard off", "set-clipboard external")
    options = options.replace("escape-time 10", "escape-time 500")

    findings = about(visit(paths, terminal=replace(IN_TMUX, tmux_options=options)), "tmux")

    assert {finding.remedy for finding in findings} == {
        "Put into ~/.tmux.conf: set -s escape-time 10",
        "Put into ~/.tmux.conf: set -s extended-keys on",
        "Put into ~/.tmux.conf: set -s focus-events on",
        "Put into ~/.tmux.conf: set -s set-clipboard on",
    }
    assert any("works ahead all the same" in finding.message for finding in findings)


@pytest.mark.parametrize(
    ("version", "options", "state", "said"),
    [
        ("tmux 3.4", SUITS, "ok", "tmux 3.4, its options suit"),
        ("tmux next-3.6", SUITS, "ok", "its options suit"),
        ("tmux 2.9a", SUITS, "warning", "tmux 2.9a is old"),
        ("", "", "warning", "could not be read"),
    ],
)
def test_tmux_is_judged_by_version_and_options(
    paths: Paths, version: str, options: str, state: str, said: str
) -> None:
    """Before 3.2 the options that would help do not exist."""
    terminal = replace(IN_TMUX, tmux_version=version, tmux_options=options)

    finding = only(visit(paths, terminal=terminal), "tmux")

    assert (finding.state, said in finding.message) == (state, True)


def test_findings_are_json_for_scripts(paths: Paths) -> None:
    """Field for field, in the order they are shown."""
    findings = visit(paths)

    listed = json.loads(to_json(findings))

    assert [Finding(**item) for item in listed] == findings
    assert set(listed[0]) == {"check", "state", "message", "remedy"}


DEEP = '[deep]\nprovider = "anthropic"\nmodel = "claude-opus-5-5"\n'
KEY = "sk-canary-7f3b9d21e0a4c5d6"


def test_the_deep_place_is_named_with_its_key_and_price(paths: Paths) -> None:
    """What is missing is found before a question waits for it; nothing is sent, no name is looked up."""
    here = only(visit(paths), "deep")
    assert here.message == "on this machine, with thinking: deep.provider names nobody"
    offered = only(visit(paths, environ={"ANTHROPIC_API_KEY": KEY}), "deep")
    assert "ANTHROPIC_API_KEY is set" in offered.message

    paths.config_file.write_text(DEEP + '[prices]\n"claude-opus-5-5" = "5 25"\n')
    keyless = only(visit(paths), "deep")
    assert (keyless.state, "leadline keys set anthropic" in keyless.remedy) == ("warning", True)
    keyed = only(visit(paths, environ={"ANTHROPIC_API_KEY": KEY}), "deep")
    assert keyed.state == "ok"
    assert keyed.message == (
        "claude-opus-5-5 (anthropic, REMOTE api.anthropic.com), key …c5d6 from ANTHROPIC_API_KEY, "
        "$5 read and $25 written for a million tokens (as [prices] says)"
    )
    paths.config_file.write_text(DEEP)
    shipped = only(visit(paths, environ={"ANTHROPIC_API_KEY": KEY}), "deep").message
    assert shipped.endswith(f"for a million tokens (prices of {PriceTable({}).date})")


def test_a_deep_place_of_one_s_own_needs_no_key_and_costs_nothing(paths: Paths) -> None:
    """A command that gives a key is named, and not run for a look."""
    own = '[deep]\nprovider = "openai"\nmodel = "mine"\nbase_url = "http://192.168.0.9:8080/v1"\n'
    paths.config_file.write_text(own)
    assert only(visit(paths), "deep").message == "mine (openai, lan 192.168.0.9), no key"
    ran = paths.config_file.with_name("ran")
    paths.config_file.write_text(f'{own}api_key_cmd = "touch {ran}"\n')
    assert "api_key_cmd, run when it is needed" in only(visit(paths), "deep").message
    assert not ran.exists()


def test_a_price_that_is_not_known_is_said(paths: Paths) -> None:
    """Without one no cap in dollars holds."""
    far = '[deep]\nprovider = "openai"\nmodel = "nobody-knows"\nbase_url = "https://far.example/v1"\n'
    paths.config_file.write_text(far)
    place, price = about(visit(paths), "deep")
    assert (place.state, price.state) == ("ok", "warning")
    assert "prices.nobody-knows" in price.remedy


def test_what_is_made_ahead_is_said_with_the_reason_when_it_is_less(paths: Paths) -> None:
    """Whoever misses it, or fears it, looks here; nothing is sent for it."""
    assert only(visit(paths), "speculation").message.startswith("on: ")
    assert (
        "not among speculation.own_hosts"
        in only(visit(paths, provider=RemoteProvider()), "speculation").message
    )

    paths.config_file.write_text('[speculation]\nown_hosts = ["box.example.com"]\n')
    assert only(visit(paths, provider=RemoteProvider()), "speculation").message.startswith("on: ")
    paths.config_file.write_text("[speculation]\nenabled = false\n")
    off = only(visit(paths), "speculation")
    assert (off.state, off.message) == ("ok", "off: speculation.enabled is false")


def test_what_is_made_ahead_says_when_it_is_on_battery(paths: Paths) -> None:
    """The one reason that comes and goes by a plug."""
    loaded = load(paths, {}, {})
    (finding,) = check_speculation(DemoProvider(), loaded, paths.database, lambda: Power.BATTERY)

    assert finding.message == "the model is kept warm, and no more: on battery"


def test_the_memory_that_read_prompts_take_is_told_where_ollama_takes_it(paths: Paths) -> None:
    """Its own bound is 8 GiB, and its memory growing is what people report without knowing why."""
    with OllamaServer() as server:
        near = OllamaProvider(parse_address(server.url, "default"), {})
        told = about(visit(paths, provider=near), "speculation")
        paths.config_file.write_text("[speculation]\nenabled = false\n")
        silent = about(visit(paths, provider=near), "speculation")

    assert ["LLAMA_ARG_CACHE_RAM" in finding.message for finding in told] == [False, True]
    assert [finding.message for finding in silent] == ["off: speculation.enabled is false"]


def test_settings_that_cannot_be_used_say_nothing_of_what_is_made_ahead(paths: Paths) -> None:
    """That they cannot be used is said once."""
    error = SettingsInvalid("broken", "Mend it.")

    assert about(visit(paths, loaded=error), "speculation") == []
    assert not paths.database.exists()
