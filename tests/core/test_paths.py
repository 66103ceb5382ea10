"""Where files belong: found from the environment, created by nobody here."""

import os
import sys
from pathlib import Path

import platformdirs
import pytest

from core.errors import SettingsInvalid
from core.settings.paths import find_paths


def test_leadline_home_puts_everything_under_one_folder(tmp_path: Path) -> None:
    """One folder can be carried away, or thrown away after a trial."""
    paths = find_paths({"LEADLINE_HOME": str(tmp_path / "all")}, demo=False)

    assert paths.config_file == tmp_path / "all" / "config.toml"
    assert paths.database == tmp_path / "all" / "leadline.db"
    assert paths.log_dir == tmp_path / "all" / "logs"


def test_nothing_is_created(tmp_path: Path) -> None:
    """Asking where a file belongs must work on a read-only disk."""
    find_paths({"LEADLINE_HOME": str(tmp_path / "all")}, demo=True)

    assert list(tmp_path.iterdir()) == []


def test_the_demo_has_a_store_of_its_own(tmp_path: Path) -> None:
    """Made-up answers must never be found among real ones."""
    environ = {"LEADLINE_HOME": str(tmp_path)}

    demo, real = find_paths(environ, demo=True), find_paths(environ, demo=False)

    assert demo.database == tmp_path / "leadline-demo.db"
    assert demo.config_file == real.config_file


def test_a_relative_home_is_taken_from_where_the_person_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later change of directory must not move the store."""
    monkeypatch.chdir(tmp_path)

    assert find_paths({"LEADLINE_HOME": "here"}, demo=False).database == tmp_path / "here" / "leadline.db"


def test_a_tilde_means_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quoted, or from an env file, no shell has expanded it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))

    assert find_paths({"LEADLINE_HOME": "~/lead"}, demo=False).database == tmp_path / "lead" / "leadline.db"


def test_a_tilde_of_nobody_is_refused_in_a_sentence() -> None:
    """Otherwise a folder named "~nobody…" appears somewhere."""
    with pytest.raises(SettingsInvalid, match="LEADLINE_HOME") as caught:
        find_paths({"LEADLINE_HOME": "~no-such-person-here/lead"}, demo=False)

    assert caught.value.remedy


@pytest.mark.parametrize("home", ["", "  "])
def test_an_empty_home_is_no_home(home: str) -> None:
    """`LEADLINE_HOME= leadline` means the usual places, as for every variable of this sort."""
    assert find_paths({"LEADLINE_HOME": home}, demo=False) == find_paths({}, demo=False)


def test_without_a_home_the_system_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Config, data and state have their own folders, named after leadline and no author."""
    for name in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))

    paths = find_paths({}, demo=False)

    assert paths.config_file.name == "config.toml"
    assert paths.config_file.parent.name == paths.database.parent.name == "leadline"
    assert paths.log_dir.name == "logs"
    assert all(path.is_absolute() for path in (paths.config_file, paths.database, paths.log_dir))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs itself is asked")
@pytest.mark.parametrize("given", [None, "", "  ", "relative/here", "/absolute/there"])
def test_on_linux_the_places_are_those_that_platformdirs_names(
    given: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stored answer does not wait for the library, and must find the same file all the same."""
    monkeypatch.setenv("HOME", "/home/someone")
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        if given is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, given)

    paths = find_paths(dict(os.environ), demo=False)

    assert paths.config_file.parent == platformdirs.user_config_path("leadline", appauthor=False)
    assert paths.database.parent == platformdirs.user_data_path("leadline", appauthor=False)
    assert paths.log_dir.parent == platformdirs.user_state_path("leadline", appauthor=False)
