"""What the person copied: by the system's own paste tool, else from tmux."""

import shutil
import sys
from collections.abc import Mapping

from core.context.attachments import read_output
from core.context.bounds import LARGEST_BYTES
from core.context.processes import run
from core.errors import AttachmentRefused
from core.messages import Attachment

TIMEOUT_S = 2.0


def paste_tools(environ: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """The commands that print the clipboard here, best first; only those that are installed."""
    tools: list[tuple[str, ...]] = []
    if sys.platform == "darwin":
        tools.append(("pbpaste",))
    if sys.platform == "win32" or "WSL_DISTRO_NAME" in environ:
        tools.append(("powershell.exe", "-NoProfile", "-Command", "Get-Clipboard -Raw"))
    if environ.get("WAYLAND_DISPLAY"):
        tools.append(("wl-paste", "--no-newline", "--type", "text"))
    if environ.get("DISPLAY"):
        tools += [("xclip", "-selection", "clipboard", "-o"), ("xsel", "--clipboard", "--output")]
    if environ.get("TMUX"):
        tools.append(("tmux", "save-buffer", "-"))
    return tuple(tool for tool in tools if shutil.which(tool[0], path=environ.get("PATH")))


async def take_clip(environ: Mapping[str, str]) -> Attachment:
    """The clipboard's text, or tmux's newest buffer where no tool gives one.

    Raises:
        AttachmentRefused: There is no way to it, nothing in it, or no text.
    """
    tools = paste_tools(environ)
    if not tools:
        raise AttachmentRefused(
            "the clipboard cannot be read here",
            "Install wl-clipboard, xclip or xsel, or paste the text itself.",
        )
    for tool in tools:
        try:
            pasted = await run(tool, environ, LARGEST_BYTES, TIMEOUT_S)
        except OSError:
            continue
        if pasted.is_cut:
            raise AttachmentRefused(
                "the clipboard is over 2 MiB, and at most that can be sent along", "Copy less of it."
            )
        if pasted.status == 0 and pasted.out.strip():
            return read_output("clip", pasted.out)
    raise AttachmentRefused(
        f"the clipboard holds no text, says {tools[0][0]}", "Copy the text once more, or paste it."
    )
