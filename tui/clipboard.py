"""Copying by every way there is, and what really succeeded.

OSC 52 reaches the clipboard of the terminal in front of the person, also over ssh, but never tells whether it
did; a native tool tells; the tmux buffer is there in any case inside tmux.
"""

import asyncio
import shutil
import sys
from collections.abc import Callable, Mapping

TOOL_S = 2.0


def native_tool(environ: Mapping[str, str]) -> list[str] | None:
    """The clipboard command of this system, where one is installed and can work."""
    if sys.platform == "darwin":
        candidates = [["pbcopy"]]
    elif sys.platform == "win32" or "WSL_DISTRO_NAME" in environ:
        candidates = [["clip.exe"]]
    else:
        candidates = []
        if environ.get("WAYLAND_DISPLAY"):
            candidates.append(["wl-copy"])
        if environ.get("DISPLAY"):
            candidates += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
    return next((command for command in candidates if shutil.which(command[0])), None)


async def copy_text(text: str, send_osc52: Callable[[str], None], environ: Mapping[str, str]) -> str:
    """Copy, and say in a few words what took it."""
    taken = []
    tool = native_tool(environ)
    if tool and await _feed(tool, text):
        taken.append(tool[0])
    if environ.get("TMUX") and shutil.which("tmux") and await _feed(["tmux", "load-buffer", "-"], text):
        taken.append("tmux buffer")
    send_osc52(text)
    if taken:
        return f"copied to {' and '.join(taken)}"
    return "sent to the terminal's clipboard (OSC 52; some terminals ignore it)"


async def _feed(command: list[str], text: str) -> bool:
    """Give the text to a command's stdin; whether it took it."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return False
    try:
        # xclip stays alive as the selection's owner with our pipes closed, so only its exit is waited for.
        await asyncio.wait_for(process.communicate(text.encode("utf-8", "replace")), TOOL_S)
    except TimeoutError:
        process.kill()
        await process.wait()
        return False
    return process.returncode == 0
