"""``leadline doctor``: what core's doctor found, printed; the terminal is asked here."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

from core.doctor import Finding, Terminal, examine, to_json
from core.engine.build_provider import build_provider
from core.errors import SettingsInvalid
from core.settings.load import Loaded, load
from core.settings.model import Settings
from core.settings.paths import Paths
from tui.exits import DONE, FAILED
from tui.keys import rebound

ASK_TMUX_S = 1.0
MARKS = {"ok": "ok  ", "warning": "warn", "problem": "BAD "}


def examine_and_print(paths: Paths, is_demo: bool, is_json: bool) -> int:
    """Print every finding, each that is not well with its remedy; 1 when something is broken."""
    findings = asyncio.run(_examine(paths, is_demo))
    if is_json:
        print(to_json(findings))
    else:
        _print(findings)
    return FAILED if any(finding.state == "problem" for finding in findings) else DONE


async def _examine(paths: Paths, is_demo: bool) -> list[Finding]:
    loaded: Loaded | SettingsInvalid
    try:
        loaded = load(paths, os.environ, {})
    except SettingsInvalid as error:
        loaded = error
    settings = loaded.settings if isinstance(loaded, Loaded) else Settings()
    provider = build_provider(settings, os.environ, is_demo)
    try:
        findings = await examine(
            paths=paths,
            loaded=loaded,
            provider=provider,
            environ=os.environ,
            terminal_facts=ask_terminal(os.environ),
        )
    finally:
        await provider.aclose()
    return [*findings, *_check_keys(settings.keys)]


def _check_keys(keys: Mapping[str, str]) -> list[Finding]:
    """The person's own keys: core knows of no keys, so this check is done here."""
    if not keys:
        return []
    try:
        rebound(keys)
    except SettingsInvalid as error:
        return [Finding("keys", "problem", error.message, error.remedy)]
    return [Finding("keys", "ok", f"{len(keys)} of your own")]


def _print(findings: Sequence[Finding]) -> None:
    width = max(len(finding.check) for finding in findings)
    for finding in findings:
        print(f"{MARKS[finding.state]} {finding.check:<{width}}  {finding.message}")
        if finding.remedy and finding.state != "ok":
            print(f"     {'':<{width}}  → {finding.remedy}")


def ask_terminal(environ: Mapping[str, str]) -> Terminal:
    """Size, colours and tmux's own options, without touching the screen."""
    size = shutil.get_terminal_size()
    in_tmux = bool(environ.get("TMUX"))
    return Terminal(
        is_tty=sys.stdout.isatty(),
        columns=size.columns,
        rows=size.lines,
        colours=_colours(environ),
        term=environ.get("TERM", ""),
        encoding=sys.stdout.encoding or "",
        in_tmux=in_tmux,
        tmux_version=_tmux("-V") if in_tmux else "",
        tmux_options=_tmux("show-options", "-s") if in_tmux else "",
    )


def _colours(environ: Mapping[str, str]) -> int:
    """How many colours, as far as the environment tells; 0 when it does not."""
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return 1 << 24
    term = environ.get("TERM", "")
    if "256color" in term:
        return 256
    return 2 if term in ("dumb", "vt100", "vt220") else 0


def _tmux(*arguments: str) -> str:
    try:
        done = subprocess.run(["tmux", *arguments], capture_output=True, text=True, timeout=ASK_TMUX_S)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
