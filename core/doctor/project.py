"""Which project the person stands in, and what of it goes along with every question."""

import os

from core.context.instructions import read_instructions
from core.context.project import find_project
from core.doctor.finding import Finding
from core.errors import AttachmentRefused, SettingsInvalid
from core.settings.load import Loaded
from core.settings.model import ContextSettings

COMMON = "AGENTS.md"
"""What other tools read; it is often long, so it is sent only on request."""


def check_project(loaded: Loaded | SettingsInvalid, directory: str | None = None) -> list[Finding]:
    """Name the project, and the file that every question of it carries.

    Args:
        directory: None is where the person stands.
    """
    try:
        project = find_project(os.getcwd() if directory is None else directory)
    except OSError:
        return [Finding("project", "warning", "this directory was deleted", "Go to one that is there.")]
    name = (loaded.settings.context if isinstance(loaded, Loaded) else ContextSettings()).instructions
    kind = "git root" if project.is_git else "no git repository, so this directory"
    where = f"{project.root} ({kind})"
    try:
        found = read_instructions(project.root, name)
    except AttachmentRefused as error:
        return [Finding("project", "warning", f"{where}; {error.message}", error.remedy)]
    if found is not None:
        return [Finding("project", "ok", f"{where}; every question carries {found.summary}")]
    if name != COMMON and os.path.isfile(os.path.join(project.root, COMMON)):
        offer = f'{COMMON} is there and not sent; [context] instructions = "{COMMON}" sends it'
        return [Finding("project", "ok", f"{where}; {offer}")]
    return [Finding("project", "ok", where)]
