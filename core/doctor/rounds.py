"""Goes round all the checks at once; whatever one of them runs into, it ends in a finding and in time."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from core.doctor import installation, places, server, terminal
from core.doctor.depth import check_depth
from core.doctor.finding import Finding
from core.doctor.project import check_project
from core.doctor.speculation import check_speculation
from core.errors import HouseError, SettingsInvalid
from core.providers.base import Provider
from core.sanitise import clean_line
from core.settings.load import Loaded
from core.settings.paths import Paths

if TYPE_CHECKING:
    from importlib.metadata import Distribution

PATIENCE_S = 3.0
_LATE = "Its disk or network may hang; try again, and say so in an issue if it stays."
_BUG = "This is a bug of leadline; please tell us with this line."


async def examine(
    *,
    paths: Paths,
    loaded: Loaded | SettingsInvalid,
    provider: Provider | None,
    environ: Mapping[str, str],
    terminal_facts: terminal.Terminal,
    distribution: "Distribution | None" = None,
    clock: Callable[[], float] = time.monotonic,
    patience_s: float = PATIENCE_S,
) -> list[Finding]:
    """Look at everything; ends within `patience_s` and a little, raises nothing, changes nothing.

    Args:
        paths: where the files belong.
        loaded: the settings, or the error that reading them ended with.
        provider: who is asked on the fast path; None when the settings do not allow to make one.
        environ: the environment.
        terminal_facts: what the caller knows of the terminal.
        distribution: the installed leadline; None looks it up.
        clock: monotonic seconds.
        patience_s: how long one check may take; all run at the same time.
    """

    def files() -> list[Finding]:
        return installation.check_files(distribution or installation.installed())

    def dependencies() -> list[Finding]:
        return installation.check_dependencies(distribution or installation.installed())

    def database() -> list[Finding]:
        # A little less than the whole, so that a large file ends in a sentence and not in impatience.
        return places.check_database(paths.database, clock, clock() + 0.8 * patience_s)

    work: dict[str, Awaitable[list[Finding]]] = {
        "installation": _in_thread(files),
        "python": _in_thread(dependencies),
        "config": _in_thread(lambda: places.check_config(paths, loaded)),
        "database": _in_thread(database),
        "project": _in_thread(lambda: check_project(loaded)),
        provider.name if provider else "server": server.check_server(provider, loaded, environ),
        "deep": _in_thread(lambda: check_depth(paths, loaded, environ)),
        "terminal": _in_thread(lambda: terminal.check_terminal(terminal_facts, environ)),
        "clipboard": _in_thread(lambda: terminal.check_clipboard(terminal_facts, environ)),
        "tmux": _in_thread(lambda: terminal.check_tmux(terminal_facts)),
    }
    found = await asyncio.gather(*(_contained(check, waited, patience_s) for check, waited in work.items()))
    # Only now: where a named host is, and so whether a proxy is asked, and whether anything is made ahead for
    # it, is known when somebody has looked.
    proxies = _in_thread(lambda: server.check_proxies(provider, loaded, environ))
    found.append(await _contained("proxies", proxies, patience_s))
    ahead = _in_thread(lambda: check_speculation(provider, loaded, paths.database))
    found.append(await _contained("speculation", ahead, patience_s))
    # Names, versions and models come from outside, and go to a terminal.
    return [
        replace(finding, message=clean_line(finding.message), remedy=clean_line(finding.remedy))
        for findings in found
        for finding in findings
    ]


async def _contained(check: str, work: Awaitable[list[Finding]], patience_s: float) -> list[Finding]:
    try:
        async with asyncio.timeout(patience_s):
            return await work
    except TimeoutError:
        return [Finding(check, "problem", f"no result within {patience_s:g} s", _LATE)]
    except HouseError as error:
        return [Finding(check, "problem", error.message, error.remedy)]
    except Exception as error:  # noqa: BLE001  (the doctor must not fall ill with the patient)
        return [Finding(check, "problem", f"the check failed: {type(error).__name__}: {error}", _BUG)]


def _in_thread(look: Callable[[], list[Finding]]) -> Awaitable[list[Finding]]:
    """Run a blocking look in a thread that nobody waits for at exit, as a pool's are waited for."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[Finding]] = loop.create_future()

    def settle(result: list[Finding] | None, error: Exception | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result or [])

    def run() -> None:
        result, failure = None, None
        try:
            result = look()
        except Exception as error:  # noqa: BLE001  (handed over to the one who waits)
            failure = error
        with suppress(RuntimeError):  # the loop is closed: too late, and the command is over
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, daemon=True, name="leadline-doctor").start()
    return future
