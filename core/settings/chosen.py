"""Makes a model the one that answers at once, for good: one way, whoever asks for it."""

from collections.abc import Mapping

from core.settings.config_change import Change, change
from core.settings.load import load, value_of
from core.settings.paths import Paths

NAME = "fast.model"


def choose_for_good(paths: Paths, environ: Mapping[str, str], model: str) -> str:
    """Write the setting; what to tell the person, with whatever goes before it.

    Raises:
        SettingsInvalid: The file cannot be read, changed or written; it is then what it was.
    """
    # A server names its models as it likes; what would not be read again must not be written.
    change(paths.config_file, [Change(NAME, value_of(NAME, model, "tune"))])
    source = load(paths, environ, {}).sources.get(NAME, "")
    told = f"{NAME} = {model} in {paths.config_file}"
    return told if source == str(paths.config_file) else f"{told}; but {source} is set, and goes before it"
