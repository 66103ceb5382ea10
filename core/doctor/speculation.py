"""What is made ahead here, and why not more; nothing is sent for it."""

from collections.abc import Callable
from pathlib import Path

from core.doctor.finding import Finding
from core.errors import SettingsInvalid
from core.providers.base import Provider
from core.settings.load import Loaded
from core.speculation.level import Level
from core.speculation.power import Power, read_power
from core.speculation.standing import standing

_CHECK = "speculation"
_WORDS = {
    Level.OFF: "off",
    Level.WARM: "the model is kept warm, and no more",
    Level.TYPING: "the model is kept warm, and what is typed is read",
    Level.ALL: "on: the model is kept warm, what is typed is read, follow-ups are answered before you ask",
}


def check_speculation(
    provider: Provider | None,
    loaded: Loaded | SettingsInvalid,
    database: Path,
    power: Callable[[], Power] = read_power,
) -> list[Finding]:
    """How much is done before enter, and what it may cost the server's memory."""
    if provider is None or isinstance(loaded, SettingsInvalid):
        return []  # said by who looks at the settings
    judgement = standing(loaded.settings, provider, database, power)
    words = _WORDS[judgement.level]
    findings = [Finding(_CHECK, "ok", f"{words}: {judgement.reason}" if judgement.reason else words)]
    if provider.name == "ollama" and judgement.level is not Level.OFF:
        # The server's own environment cannot be seen from here, so nobody is warned of what may be mended.
        memory = "Ollama keeps prompts that it has read in up to 8 GiB of memory for each model"
        bound = "LLAMA_ARG_CACHE_RAM (MiB) in the server's environment sets another bound"
        findings.append(Finding(_CHECK, "ok", f"{memory}; {bound}"))
    return findings
