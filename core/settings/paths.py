"""Where leadline's files belong; nothing is created here."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.settings.places import Places, find_places


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
    return paths_of(find_places(environ, demo))


def paths_of(places: Places) -> Paths:
    """The same places as paths."""
    return Paths(*map(Path, places))
