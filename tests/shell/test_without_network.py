"""Loopback is enough: no network, no name service, a proxy in the environment that nobody can reach."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shell.without_network import may_unshare

LONGEST_S = 4.0
"""A wait for a name or for the proxy would take five seconds and more, beside what a busy machine takes."""


@pytest.mark.skipif(not may_unshare(), reason="needs a network namespace (unshare -rn)")
def test_everything_works_with_loopback_alone(tmp_path: Path) -> None:
    """A train, a plane, a locked-down office: the local model is there, and nothing waits for what is not."""
    done = subprocess.run(
        ["unshare", "-rn", sys.executable, "-m", "tests.shell.without_network", str(tmp_path / "home")],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    print({name: round(result["seconds"], 2) for name, result in results.items()})

    assert "Certainly" in results["ask"]["out"]
    assert "qwen3:4b" in results["models"]["out"]
    assert "qwen3:4b" in results["doctor"]["out"]
    assert "git reset" in results["demo"]["out"]
    assert "leads to no address" in results["named"]["err"]
    assert "Certainly" in results["deep"]["out"]
    assert "no remote model is set" in results["deep"]["err"]
    assert "Certainly" in results["deep-away"]["out"]
    assert "no way to" in results["deep-away"]["err"]
    assert "claude-opus-5-5 (anthropic, REMOTE api.anthropic.com)" in results["deep-doctor"]["out"]
    assert {name: result["code"] for name, result in results.items()} == {
        "help": 0,
        "ask": 0,
        "models": 0,
        "doctor": 0,
        "demo": 0,
        "named": 1,
        "deep": 0,
        "deep-away": 0,
        "deep-doctor": 0,
        "screen": 0,
    }
    busy_s = 10 * max(0.0, results["help"]["seconds"] - 0.2)
    # The demo's words come at the pace of a small model, whatever network there is.
    assert max(result["seconds"] for name, result in results.items() if name != "demo") < LONGEST_S + busy_s
