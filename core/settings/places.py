"""Where leadline's files belong, as plain strings, for what must not wait for a library."""

import os
import sys
from collections.abc import Mapping
from typing import NamedTuple

from core.errors import SettingsInvalid

_XDG = (("XDG_CONFIG_HOME", ".config"), ("XDG_DATA_HOME", ".local/share"), ("XDG_STATE_HOME", ".local/state"))


class Places(NamedTuple):
    """The places of all files, absolute; none of them need exist."""

    config_file: str
    database: str
    log_dir: str


def find_places(environ: Mapping[str, str], demo: bool) -> Places:
    """Tell where the files belong; the demo has a store of its own, apart from real answers.

    Raises:
        SettingsInvalid: ``LEADLINE_HOME`` begins with a ``~`` that leads nowhere.
    """
    database = "leadline-demo.db" if demo else "leadline.db"
    if home := environ.get("LEADLINE_HOME", "").strip():
        config = data = _folder(home)
        logs = os.path.join(config, "logs")
    else:
        config, data, state = _folders_on_linux(environ) if sys.platform == "linux" else _folders_elsewhere()
        logs = os.path.join(state, "logs")
    return Places(os.path.join(config, "config.toml"), os.path.join(data, database), logs)


def _folder(home: str) -> str:
    """Make the folder absolute; a quoted ``~`` or an env file reaches us as it was written."""
    expanded = os.path.expanduser(home)
    if expanded.startswith("~"):
        raise SettingsInvalid(
            f"LEADLINE_HOME: no home folder is known for {home!r}", "Set LEADLINE_HOME to a full path."
        )
    return os.path.abspath(expanded)


def _folders_on_linux(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Config, data and state as the XDG Base Directory Specification has them; a relative path counts not."""
    return tuple(
        os.path.join(given if os.path.isabs(given) else os.path.expanduser(f"~/{default}"), "leadline")
        for given, default in ((environ.get(name, "").strip(), default) for name, default in _XDG)
    )


def _folders_elsewhere() -> tuple[str, ...]:
    # Here, because most systems need not wait for it: it costs a stored answer a third of its time.
    import platformdirs

    return (
        platformdirs.user_config_dir("leadline", appauthor=False),
        platformdirs.user_data_dir("leadline", appauthor=False),
        platformdirs.user_state_dir("leadline", appauthor=False),
    )
