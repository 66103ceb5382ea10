"""Where leadline's files belong; nothing is created here."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import SettingsInvalid


@dataclass(frozen=True, slots=True)
class Paths:
    """The places of all files, absolute; none of them need exist.

    Attributes:
        log_dir: the folder of the logs.
    """

    config_file: Path
    database: Path
    log_dir: Path

    @property
    def keys_file(self) -> Path:
        """Keys of the secret kind, beside the settings."""
        return self.config_file.with_name("keys.toml")


def find_paths(environ: Mapping[str, str], demo: bool) -> Paths:
    """Tell where the files belong; the demo has a store of its own, apart from real answers.

    Raises:
        SettingsInvalid: ``LEADLINE_HOME`` begins with a ``~`` that leads nowhere.
    """
    database = "leadline-demo.db" if demo else "leadline.db"
    if home := environ.get("LEADLINE_HOME", "").strip():
        folder = _folder(home)
        return Paths(folder / "config.toml", folder / database, folder / "logs")
    # Here, because those who set LEADLINE_HOME need not pay for it.
    import platformdirs

    config = platformdirs.user_config_path("leadline", appauthor=False)
    data = platformdirs.user_data_path("leadline", appauthor=False)
    state = platformdirs.user_state_path("leadline", appauthor=False)
    return Paths(config / "config.toml", data / database, state / "logs")


def _folder(home: str) -> Path:
    """Make the folder absolute; a quoted ``~`` or an env file reaches us as it was written."""
    try:
        return Path(home).expanduser().absolute()
    except RuntimeError:
        raise SettingsInvalid(
            f"LEADLINE_HOME: no home folder is known for {home!r}",
            "Set LEADLINE_HOME to a full path.",
        ) from None
