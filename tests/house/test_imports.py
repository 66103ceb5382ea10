"""What is loaded when: imports are the first latency a user feels, and `core` must run without a screen."""

import ast
import json
import os
import pkgutil
import subprocess
import sys
import time
from collections.abc import Sequence
from graphlib import TopologicalSorter
from importlib.util import find_spec
from pathlib import Path

import pytest

import core
from core.store.database import Database
from tests.answers import answered
from tests.bench.deep import loading
from tests.server import Loaded, OllamaServer, Script

ROOT = Path(__file__).parents[2]
SLOW = {"textual", "httpx", "ollama", "numpy", "rich", "sqlite_utils", "asyncio"}
SCREEN = {"textual", "tui", "rich"}
NOT_FOR_AN_ANSWER = {
    *("textual", "ollama", "rich", "click", "pygments", "markdown_it", "rapidfuzz"),
    *("sqlite_utils", "platformdirs", "numpy", "pydantic"),
}
ONLY_WITH_A_SOURCE = ("core.context.sources", "core.context.mentions", "core.context.git")
CORE_MODULES = sorted(module.name for module in pkgutil.walk_packages(core.__path__, "core."))

DEEP = (
    *("core.deep", "core.providers.deep", "core.providers.anthropic"),
    *("core.settings.api_keys", "core.settings.keeping"),
    *("core.engine.deepening", "core.engine.depths", "core.engine.build_deep", "core.engine.packing"),
)
"""What only a deep question needs, and those who keep keys."""
AHEAD = (
    *("core.speculation", "core.store.speculation"),
    *("core.engine.build_speculation", "core.engine.drafting"),
)
"""What is done ahead: nothing for who asks once, and loaded behind the first paint of the screen."""
SHOWN = {"core.speculation", "core.speculation.chip", "core.speculation.level"}
"""The values of it that the screen shows."""
TELL = "import json, sys; print(json.dumps(sorted(sys.modules)))"
ASK = """
import atexit, json, pathlib, sys
told = pathlib.Path(sys.argv.pop(1))
atexit.register(lambda: told.write_text(json.dumps(sorted(sys.modules))))
from tui.__main__ import main
sys.exit(main())
"""


def _environ(**more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    return kept | more


def _run(arguments: Sequence[str], environ: dict[str, str], directory: Path = ROOT) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd=directory,
        env=environ,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _loaded_by(statement: str) -> set[str]:
    """The top-level names in `sys.modules` of a fresh interpreter after a statement."""
    return _roots(_run(["-c", f"{statement}\n{TELL}"], _environ()))


def _imports_of(module: str) -> set[str]:
    """What of core a module imports as soon as it is imported itself; not what its functions import."""
    found = find_spec(module)
    assert found is not None
    assert found.origin is not None
    imported: set[str] = set()
    waiting = list(ast.parse(Path(found.origin).read_text("utf-8")).body)
    while waiting:
        match waiting.pop():
            case ast.Import(names=names):
                imported |= {each.name for each in names}
            case ast.ImportFrom(module=str(origin), level=0, names=names):
                named = {f"{origin}.{each.name}" for each in names}
                imported |= named if named <= set(CORE_MODULES) else named | {origin}
            case ast.If(test=ast.Name("TYPE_CHECKING"), orelse=body):
                waiting += body
            case ast.If(body=body, orelse=orelse):
                waiting += [*body, *orelse]
            case ast.Try(body=body, handlers=handlers):
                waiting += body + [line for handler in handlers for line in handler.body]
            case ast.ClassDef(body=body) | ast.With(body=body):
                waiting += body
    # Whoever imports a module imports the packages around it first, unless they stand in one already.
    around = {
        ".".join(name.split(".")[:depth]) for name in imported for depth in range(2, name.count(".") + 1)
    }
    own = {module, *(module[:at] for at, letter in enumerate(module) if letter == ".")}
    return ((imported & set(CORE_MODULES)) - {module}) | ((around & set(CORE_MODULES)) - own)


def _roots(modules: str) -> set[str]:
    return {name.partition(".")[0] for name in json.loads(modules)}


def test_reading_the_arguments_loads_nothing_slow() -> None:
    """`leadline --help` and every mistake on the command line answer as fast as Python starts."""
    assert not _loaded_by("import tui.cli") & SLOW


def test_the_list_of_core_modules_is_not_empty() -> None:
    """Were the walk to find nothing, the test below would pass without looking."""
    assert {"core.errors", "core.engine.engine", "core.store.database"} <= set(CORE_MODULES)


def test_every_core_module_is_imported_without_the_screen() -> None:
    """Core runs in a script, a test, a server."""
    assert not _loaded_by("import " + ", ".join(CORE_MODULES)) & SCREEN


def test_no_core_module_needs_another_to_be_imported_before_it() -> None:
    """An import that only works in some order is a trap; it takes a circle, so there must be none."""
    graph = {module: _imports_of(module) for module in CORE_MODULES}
    assert sum(map(len, graph.values())) > len(CORE_MODULES)
    tuple(TopologicalSorter(graph).static_order())


def test_a_warm_answer_loads_only_what_it_needs(tmp_path: Path) -> None:
    """The second `leadline ask` in a home pays for no screen, no migration and no second HTTP client."""
    script = Script(loaded=(Loaded("qwen3.5:4b", 8192),), reply="Use `git reset`.")
    told = tmp_path / "modules.json"
    with OllamaServer(script) as server:
        environ = _environ(LEADLINE_HOME=str(tmp_path / "home"), OLLAMA_HOST=server.url)
        for _ in range(2):
            arguments = ["-c", ASK, str(told), "ask", "--no-cache", "how do I undo a commit?"]
            assert "git reset" in _run(arguments, environ, tmp_path)

    assert "core.providers.openai" not in json.loads(told.read_text()), "a provider that nobody asked for"
    assert not {name for name in json.loads(told.read_text()) if name.startswith((*DEEP, *AHEAD))}
    loaded = _roots(told.read_text())
    assert "httpx" in loaded, "the run that was looked at did not ask at all"
    assert not loaded & NOT_FOR_AN_ANSWER
    assert not [name for name in json.loads(told.read_text()) if name.startswith(ONLY_WITH_A_SOURCE)]


def test_the_screen_loads_nothing_deep_before_it_is_asked_for_and_nothing_ahead_before_it_is_up() -> None:
    """Whoever never asks deep never pays for it, and the first frame waits for nothing that is done ahead."""
    screen = "import tui.app, core.engine.build, core.settings.load, core.providers.ollama.provider"
    loaded = json.loads(_run(["-c", f"{screen}\n{TELL}"], _environ()))
    assert not {name for name in loaded if name.startswith((*DEEP, *AHEAD))} - SHOWN


def test_the_first_deep_call_adds_little() -> None:
    """The door, the transport and a protocol, beside a screen that is up, load in less time than httpx does.

    At rest it is 35 to 45 ms of CPU, and httpx twice as much; a busy machine is slower at both.
    """
    for protocol in loading.PROTOCOLS:
        pairs = ((loading.loaded_ms(protocol), loading.floor_ms()) for _ in range(5))
        assert any(ours <= 0.75 * floor for ours, floor in pairs), protocol


def test_the_first_frame_is_painted_before_anything_that_takes_time() -> None:
    """It is there as fast as Python starts only while what leads to it imports next to nothing."""
    slow = {"dataclasses", "typing", "pathlib", "re", "argparse", "core"}
    loaded = _run(["-c", "import sys, tui.__main__; print(*sys.modules)"], _environ())

    assert not slow & set(loaded.split())


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_stored_answer_loads_no_event_loop_and_no_client(tmp_path: Path, more: tuple[str, ...]) -> None:
    """What is on the disk already is on the screen as soon as Python and SQLite are."""
    script = Script(loaded=(Loaded("qwen3.5:4b", 8192),), reply="Use `git reset`.")
    told = tmp_path / "modules.json"
    with OllamaServer(script) as server:
        environ = _environ(LEADLINE_HOME=str(tmp_path / "home"), OLLAMA_HOST=server.url)
        for _ in range(2):
            arguments = ["-c", ASK, str(told), "ask", *more, "how do I undo a commit?"]
            assert "reset" in _run(arguments, environ, tmp_path)
        assert len(server.requests("/api/chat")) == 1

    loaded = _roots(told.read_text())
    assert "sqlite3" in loaded
    assert not loaded & {"asyncio", "httpx", "sqlite_utils", "platformdirs", "rapidfuzz", "textual"}


@pytest.mark.parametrize(("more", "has_chart"), [(("--json",), False), ((), False), ((), True)])
def test_figures_load_no_engine_and_a_chart_only_where_one_is_drawn(
    tmp_path: Path, more: tuple[str, ...], has_chart: bool
) -> None:
    """Looking at figures is done within a glance: what draws takes as long to load as all the rest."""
    database = Database.open(tmp_path / "leadline.db", time.time)
    for hour in range(6 if has_chart or more else 1):
        answered(database, at=time.time() - hour * 3600 - 9, ttft_ms=100.0, total_ms=200.0)
    database.close()
    told = tmp_path / "modules.json"
    _run(["-c", ASK, str(told), "stats", *more], _environ(LEADLINE_HOME=str(tmp_path)), tmp_path)

    loaded = set(json.loads(told.read_text()))
    assert "core.metrics.summary" in loaded
    assert ("plotext" in loaded) is has_chart
    assert not loaded & {
        "core.engine.engine",
        "core.engine.build",
        "core.cache.entries",
        "textual",
        "rich",
        "httpx",
    }
