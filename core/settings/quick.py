"""The settings alone, for what must not wait: who has set nothing does not pay for the reader."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from core.settings.places import Places

if TYPE_CHECKING:
    from core.settings.model import Settings

_SECRETS: Final = ("LEADLINE_FAST__API_KEY", "LEADLINE_DEEP__API_KEY")


def is_all_default(places: Places, environ: Mapping[str, str]) -> bool:
    """Whether neither the file nor the environment can say anything."""
    is_set = any(
        name.startswith("LEADLINE_") and "__" in name and name not in _SECRETS for name in environ
    ) or bool(environ.get("OLLAMA_HOST"))
    return not is_set and not os.path.exists(places.config_file)


def settings_in_force(places: Places, environ: Mapping[str, str]) -> "Settings":
    """The settings as `core.settings.load` reads them, without flags.

    Raises:
        SettingsInvalid: Something that was set cannot be used.
    """
    if is_all_default(places, environ):
        from core.settings.model import Settings

        return Settings()
    from core.settings.load import load
    from core.settings.paths import paths_of

    return load(paths_of(places), environ, {}).settings
