"""The settings alone, for what must not wait: who has set nothing does not pay for the reader."""

import os
from collections.abc import Mapping
from typing import Final

from core.settings.model import Settings
from core.settings.places import Places

_SECRETS: Final = ("LEADLINE_FAST__API_KEY", "LEADLINE_DEEP__API_KEY")


def settings_in_force(places: Places, environ: Mapping[str, str]) -> Settings:
    """The settings as `core.settings.load` reads them, without flags.

    Raises:
        SettingsInvalid: Something that was set cannot be used.
    """
    is_set = any(
        name.startswith("LEADLINE_") and "__" in name and name not in _SECRETS for name in environ
    ) or environ.get("OLLAMA_HOST")
    if not is_set and not os.path.exists(places.config_file):
        return Settings()
    from core.settings.load import load
    from core.settings.paths import paths_of

    return load(paths_of(places), environ, {}).settings
