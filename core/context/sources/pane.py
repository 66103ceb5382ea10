"""What another pane of the terminal shows: its last command and the output."""

from collections.abc import Mapping

from core.context.sources.gathered import Gathered
from core.errors import AttachmentRefused


async def take_pane(target: str, environ: Mapping[str, str]) -> Gathered:
    """The last command of a tmux pane, with its output.

    Raises:
        AttachmentRefused: There is no tmux, or no such pane.
    """
    raise AttachmentRefused(
        f"the pane {target} cannot be read yet".strip(), "Pipe it: cmd 2>&1 | leadline ask"
    )
