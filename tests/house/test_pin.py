"""Only our own code runs as `core`, wherever leadline is started; and the wheel holds what it must."""

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = Path(sys.executable).parent / ("leadline.exe" if os.name == "nt" else "leadline")
HOSTILE = "import pathlib, os\npathlib.Path(os.environ['HOSTILE_RAN']).write_text(__name__)\n"

COMMANDS = [
    pytest.param((sys.executable, "-m", "tui"), id="python -m tui"),
    pytest.param(
        (str(SCRIPT),),
        id="leadline",
        marks=pytest.mark.skipif(not SCRIPT.exists(), reason="no console script beside this Python"),
    ),
]


def _as_package(project: Path) -> None:
    (project / "core").mkdir()
    for name in ("__init__", "errors", "events", "messages"):
        (project / "core" / f"{name}.py").write_text(HOSTILE)


def _as_module(project: Path) -> None:
    (project / "core.py").write_text(HOSTILE)


@pytest.mark.parametrize("make", [_as_package, _as_module], ids=["core/", "core.py"])
@pytest.mark.parametrize("arguments", [("--version",), ("models", "--demo")], ids=" ".join)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_core_of_the_project_one_stands_in_never_runs(
    command: tuple[str, ...], arguments: tuple[str, ...], make: Callable[[Path], None], tmp_path: Path
) -> None:
    """Many projects have a `core`; asking about one must neither break nor run its code."""
    project = tmp_path / "project"
    project.mkdir()
    make(project)
    ran = tmp_path / "ran"
    environ = {
        **{name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ},
        "HOME": str(tmp_path),
        "LEADLINE_HOME": str(tmp_path / "home"),
        "PYTHONPATH": os.pathsep.join((str(project), ".")),
        "HOSTILE_RAN": str(ran),
    }

    done = subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd=project,
        env=environ,
        timeout=100,
        check=False,
    )

    assert not ran.exists(), f"ran as {ran.read_text()}"
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def _build_wheel(folder: Path) -> Path:
    """Build the wheel with what is here; skips where nothing is."""
    if uv := shutil.which("uv"):
        command = [uv, "build", "--wheel", "--out-dir", str(folder), str(ROOT)]
    elif importlib.util.find_spec("hatchling") is not None:
        build = f"from hatchling.build import build_wheel; build_wheel({str(folder)!r})"
        command = [sys.executable, "-c", build]
    else:
        pytest.skip("neither uv nor hatchling is installed here, so no wheel can be built")
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_the_wheel_holds_core_and_tui_only_with_all_their_data(tmp_path: Path) -> None:
    """Tests in a wheel land in everybody's site-packages; a forgotten data file breaks only the installed."""
    with zipfile.ZipFile(_build_wheel(tmp_path)) as wheel:
        names = set(wheel.namelist())

    tops = {name.partition("/")[0] for name in names}
    assert {"core", "tui"} < tops
    (metadata,) = tops - {"core", "tui"}
    assert metadata.startswith("leadline-")
    assert metadata.endswith(".dist-info")
    assert f"{metadata}/entry_points.txt" in names
    files = [file for top in ("core", "tui") for file in (ROOT / top).rglob("*") if file.is_file()]
    needed = {
        file.relative_to(ROOT).as_posix()
        for file in files
        if file.suffix in {".py", ".tcss", ".toml"} or file.name == "py.typed"
    }
    assert {"core/py.typed", "tui/py.typed"} <= needed
    assert needed <= names, f"not in the wheel: {sorted(needed - names)}"
