"""``leadline config`` as a person uses it: what is in force, changing it, and never losing a file."""

import os
import stat
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from core.settings.model import Settings
from tests.bench.terminal import Terminal
from tests.shell.running import COMMAND, Shell
from tui.cli import HELP_SETTINGS

CANARY = "sk-canary-7f3b9d21e0a4c5d6"
MINE = '# mine\n[fast]\nmodel = "a"  # the quick one\n\n[deep]\neffort = "high"\n'


def config_of(shell: Shell) -> Path:
    """The file."""
    return shell.home / "config.toml"


def editor(shell: Shell, *lines: str) -> dict[str, str]:
    """An editor that does what these lines of Python say to `file`, and counts how often it was started."""
    script = shell.home / "editor.py"
    head = "import pathlib, sys\nfile = pathlib.Path(sys.argv[1])\n"
    count = "with open(__file__ + '.count', 'a') as told: told.write('x')\n"
    times = "times = len(pathlib.Path(__file__ + '.count').read_text())\n"
    script.write_text(head + count + times + "\n".join(lines) + "\n")
    return {"EDITOR": f"{sys.executable} {script}"}


def test_path_says_where_the_file_would_be(shell: Shell) -> None:
    """For scripts: one line, and nothing is made."""
    done = shell.run("config", "path")

    assert (done.code, done.out, done.err) == (0, f"{config_of(shell)}\n", "")
    assert not config_of(shell).exists()


def test_show_has_every_setting_and_who_set_it(shell: Shell) -> None:
    """A setting that nobody can find does not exist; and the file is named with its line."""
    config_of(shell).write_text(MINE)
    env = {"LEADLINE_DEEP__EFFORT": "low", "LEADLINE_DEEP__API_KEY": CANARY}
    done = shell.run("config", "show", env=env)
    rows = {line.partition(" ")[0]: line.split() for line in done.out.splitlines()}
    every = {
        f"{section.name}.{key.name}"
        for section in fields(Settings)
        if isinstance(section.type, type) and is_dataclass(section.type)
        for key in fields(section.type)
    }

    assert done.code == 0
    assert set(rows) == every
    assert rows["fast.model"][2:] == ['"a"', f"{config_of(shell)},", "line", "3"]
    assert rows["deep.effort"][2:] == ['"low"', "LEADLINE_DEEP__EFFORT"]
    assert rows["ui.notify"][2:] == ["true", "default"]
    assert CANARY not in done.out + done.err
    told = shell.run("config", "show", "--json").events()
    assert {"setting": "ui.notify", "value": True, "source": "default"} in told
    assert {each["setting"] for each in told} == every


def test_the_help_names_every_setting() -> None:
    """What is not written down there is found by nobody."""
    for section in fields(Settings):
        assert f"\n[{section.name}]" in HELP_SETTINGS
        if isinstance(section.type, type) and is_dataclass(section.type):
            text = HELP_SETTINGS.partition(f"\n[{section.name}]")[2].partition("\n[")[0]
            assert all(f"\n{key.name} = " in text for key in fields(section.type)), section.name


def test_no_secret_is_shown(shell: Shell) -> None:
    """What is on a screen is in a screenshot."""
    config_of(shell).write_text(
        f'[fast]\nbase_url = "http://me:hunter2@box.lan:1"\n[deep]\napi_key_cmd = "echo {CANARY}"\n'
    )
    for arguments in (("show",), ("show", "--json"), ("set", "deep.base_url", "https://me:hunter3@box.lan")):
        done = shell.run("config", *arguments)
        assert done.code == 0
        assert "box.lan" in done.out
        for secret in (CANARY, "hunter2", "hunter3"):
            assert secret not in done.out + done.err
    refused = shell.run("config", "set", "deep.api_key", CANARY)
    assert "leadline keys set" in refused.err
    assert CANARY not in refused.err


def test_set_changes_one_setting_and_leaves_the_rest_of_the_file(shell: Shell) -> None:
    """Comments are worth more than a setting; a whole place is set in one command."""
    config_of(shell).write_text(MINE)
    config_of(shell).chmod(0o640)
    done = shell.run("config", "set", "fast.model", "qwen3:4b")
    assert (done.code, done.out, done.err) == (0, 'fast.model = "qwen3:4b"\n', "")
    expected = MINE.replace('"a"  #', '"qwen3:4b"  #')
    assert config_of(shell).read_text() == expected
    assert stat.S_IMODE(config_of(shell).stat().st_mode) == 0o640

    pairs = ("deep.provider", "anthropic", "deep.model", "m", "keys.new", "ctrl+y", "prices.my-1.5", "1 4")
    assert shell.run("config", "set", *pairs).err == ""
    expected += (
        'provider = "anthropic"\nmodel = "m"\n\n[keys]\nnew = "ctrl+y"\n\n[prices]\n"my-1.5" = "1 4"\n'
    )
    assert config_of(shell).read_text() == expected
    assert shell.run("config", "unset", "prices.my-1.5", "deep.provider", "deep.model").code == 0
    assert 'provider = "anthropic"' not in config_of(shell).read_text()
    assert [path.name for path in shell.home.iterdir() if path.name.startswith(".")] == []


def test_the_first_setting_makes_a_file_for_its_owner_alone(shell: Shell) -> None:
    """It may hold an address with a password."""
    home = shell.home / "new" / "home"
    done = shell.run("config", "set", "deep.effort", "max", env={"LEADLINE_HOME": str(home)})

    assert done.code == 0
    assert (home / "config.toml").read_text() == '[deep]\neffort = "max"\n'
    assert stat.S_IMODE((home / "config.toml").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_link_stays_a_link(shell: Shell) -> None:
    """People keep their settings in a repository of their own."""
    dotfiles = shell.home / "dotfiles"
    dotfiles.mkdir()
    (dotfiles / "leadline.toml").write_text(MINE)
    config_of(shell).symlink_to(Path("dotfiles", "leadline.toml"))

    assert shell.run("config", "set", "deep.effort", "low").code == 0
    assert config_of(shell).is_symlink()
    assert (dotfiles / "leadline.toml").read_text() == MINE.replace("high", "low")


def test_what_is_not_whole_yet_or_goes_before_the_file_is_said(shell: Shell) -> None:
    """It was done, and yet something else will happen than one would think."""
    done = shell.run("config", "set", "deep.provider", "anthropic")
    assert done.code == 0
    assert "not whole yet" in done.err
    assert "Set deep.model" in done.err
    assert shell.run("config", "set", "deep.model", "m").err == ""
    hidden = shell.run("config", "set", "deep.effort", "low", env={"LEADLINE_DEEP__EFFORT": "max"})
    assert "LEADLINE_DEEP__EFFORT is set, and goes before it" in hidden.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("set", "deep.modle", "x"), 1, "no setting deep.modle; did you mean model?"),
        (("set", "dep.model", "x"), 1, "no section [dep]; did you mean deep?"),
        (("set", "model", "x"), 1, "did you mean fast.model?"),
        (("set", "fast.num_ctx", "lots"), 1, "fast.num_ctx cannot be 'lots'"),
        (("set", "deep.effort", "hihg"), 1, "one of none, minimal, low"),
        (("set", "deep.effort", "low", "fast.num_ctx", "-1"), 1, "fast.num_ctx cannot be '-1'"),
        (("set", "fast.base_url", "https://me:a/hunter2@x"), 1, "fast.base_url cannot be"),
        (("set", "keys.nwe", "ctrl+y"), 1, "Did you mean `newline`?"),
        (("set", "keys.new", "ctrl+i"), 1, "arrives as"),
        (("set", "keys.new", "ctrl+q"), 1, "ctrl+q"),
        (("set", "prices.\x1b[31m", "1 2"), 1, "is no setting"),
        (("set", "prices.mine", "cheap"), 1, "dollars for a million tokens"),
        (("set", "deep.effort"), 2, "there is no value for deep.effort"),
        (("set",), 2, "required"),
        (("unset", "deep.modle"), 1, "did you mean model?"),
        ((), 2, "required"),
        (("list",), 2, "invalid choice"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_changed(
    shell: Shell, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """The same sentences as at the start; not even the right half of it is written."""
    config_of(shell).write_text(MINE)
    done = shell.run("config", *arguments)

    assert done.code == code
    assert words in done.err
    assert "Traceback" not in done.err
    assert "\x1b" not in done.err
    assert "hunter2" not in done.err
    assert config_of(shell).read_text() == MINE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"[fast]\nmodel = \n", "line 2"),
        (b"[fast]\nmodel = '\xff'\n", "line 2: this is not UTF-8"),
        (b'fast = {model = "a"}\n', "leadline config edit"),
    ],
)
def test_a_file_that_cannot_be_followed_is_left_alone(shell: Shell, text: bytes, words: str) -> None:
    """A guess in somebody's file is worse than a refusal with a line."""
    config_of(shell).write_bytes(text)
    done = shell.run("config", "set", "fast.system", "s")

    assert done.code == 1
    assert words in done.err
    assert config_of(shell).read_bytes() == text


def test_a_folder_that_takes_nothing_is_said(shell: Shell) -> None:
    """The disk is full, or somebody else's."""
    (shell.home / "file").write_text("")
    done = shell.run("config", "set", "deep.effort", "low", env={"LEADLINE_HOME": str(shell.home / "file")})

    assert done.code == 1
    assert "cannot be" in done.err
    assert "Traceback" not in done.err


def test_edit_takes_what_is_right(shell: Shell) -> None:
    """The file itself is changed only once it can be read."""
    config_of(shell).write_text(MINE)
    done = shell.run("config", "edit", env=editor(shell, "file.write_text(file.read_text() + '# more\\n')"))

    assert (done.code, done.out, done.err) == (0, f"{config_of(shell)} is changed\n", "")
    assert config_of(shell).read_text() == MINE + "# more\n"
    same = shell.run("config", "edit", env=editor(shell, "pass"))
    assert (same.code, same.err) == (0, "leadline: nothing was changed\n")
    nobody = shell.run("config", "edit")
    assert nobody.code == 1
    assert "no editor is named" in nobody.err


def test_edit_begins_with_a_word_where_there_is_no_file(shell: Shell) -> None:
    """An empty window tells a newcomer nothing; what was not written makes no file."""
    look = ("assert 'leadline help settings' in file.read_text()", "assert file.name == 'config.toml'")
    done = shell.run("config", "edit", env=editor(shell, *look))

    assert (done.code, done.err) == (0, "leadline: nothing was changed\n")
    assert not config_of(shell).exists()


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("file.write_text('[deep]\\neffort = \"hihg\"\\n')", "line 2: deep.effort cannot be 'hihg'"),
        ("file.write_text('[keys]\\nnew = \"ctrl+q\"\\n')", "ctrl+q"),
        ("file.write_text('[fast\\n')", "not valid TOML"),
        ("file.write_text('[fast]\\n'); sys.exit(3)", "ended with 3"),
    ],
)
def test_what_is_wrong_is_kept_beside_the_file_in_force(shell: Shell, act: str, words: str) -> None:
    """Neither the settings nor an hour of work on them is lost; without a terminal nobody is asked."""
    config_of(shell).write_text(MINE)
    done = shell.run("config", "edit", env=editor(shell, act))

    assert done.code == 1
    assert words in done.err
    assert config_of(shell).read_text() == MINE
    aside = config_of(shell).with_name("config.toml.edited")
    assert str(aside) in done.err
    assert aside.read_text().startswith("[")
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="there is no pty elsewhere")
def test_what_is_wrong_can_be_edited_again(shell: Shell) -> None:
    """The second time the person's own text is there, not the file as it was."""
    config_of(shell).write_text(MINE)
    mend = (
        "if times == 2: file.write_text(file.read_text().replace('hihg', 'low'))",
        "else: file.write_text(file.read_text().replace('high', 'hihg'))",
    )
    with Terminal(
        [*COMMAND, "config", "edit"], shell.environ | editor(shell, *mend), columns=80, rows=24
    ) as terminal:
        terminal.wait_until(lambda lines: any("Edit it again?" in line for line in lines))
        terminal.press("enter")
        assert terminal.wait_for_exit() == 0
    assert config_of(shell).read_text() == MINE.replace("high", "low")


def test_a_file_that_somebody_else_changed_meanwhile_is_not_overwritten(shell: Shell) -> None:
    """Two terminals, one file."""
    config_of(shell).write_text(MINE)
    act = f"pathlib.Path({str(config_of(shell))!r}).write_text('# theirs'); file.write_text('# mine')"
    done = shell.run("config", "edit", env=editor(shell, act))

    assert done.code == 1
    assert "changed meanwhile" in done.err
    assert config_of(shell).read_text() == "# theirs"
    assert config_of(shell).with_name("config.toml.edited").read_text() == "# mine"


def test_a_list_is_set_shown_and_taken_back(shell: Shell) -> None:
    """The hosts that count as one's own are the one setting that is a list."""
    config_of(shell).write_text('[speculation]\nown_hosts = [\n  "old.lan",  # gone\n]\nchips = 2\n')
    done = shell.run("config", "set", "speculation.own_hosts", "box.lan,me:hunter2@192.168.1.20:11434")

    assert (done.code, done.err) == (0, "")
    assert done.out == 'speculation.own_hosts = ["box.lan", "***@192.168.1.20:11434"]\n'
    written = config_of(shell).read_text()
    assert written == ('[speculation]\nown_hosts = ["box.lan", "me:hunter2@192.168.1.20:11434"]\nchips = 2\n')
    shown = shell.run("config", "show")
    assert 'speculation.own_hosts   = ["box.lan", "***@192.168.1.20:11434"]' in shown.out
    told = shell.run("config", "show", "--json")
    assert ["box.lan", "***@192.168.1.20:11434"] in [each["value"] for each in told.events()]
    assert "hunter2" not in shown.out + told.out + shell.run("doctor").out

    assert shell.run("config", "set", "speculation.own_hosts", "").out == "speculation.own_hosts = []\n"
    refused = shell.run("config", "set", "speculation.own_hosts", "a b")
    assert (refused.code, "a list of hosts" in refused.err) == (1, True)
    assert shell.run("config", "unset", "speculation.own_hosts").code == 0
    assert config_of(shell).read_text() == "[speculation]\nchips = 2\n"
