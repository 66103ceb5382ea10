"""A train, a plane: the provider is out of reach, and the model on this machine thinks instead."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shell.without_network import may_unshare


@pytest.mark.skipif(not may_unshare(), reason="needs a network namespace (unshare -rn)")
def test_without_a_network_a_remote_question_fails_soon_and_is_answered_here(tmp_path: Path) -> None:
    """Nothing waits for a name, for a packet or for a proxy; the note says why it is another model."""
    done = subprocess.run(
        ["unshare", "-rn", sys.executable, "-m", "tests.core.deep_without_network", str(tmp_path / "home")],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    print({name: (round(each["failed_s"], 2), round(each["here_s"], 2)) for name, each in results.items()})

    assert {each["kind"] for each in results.values()} == {"offline"}
    assert {each["text"] for each in results.values()} == {"Use `git switch`."}
    assert results["name"]["note"] == "no way to api.anthropic.com: qwen3.5:4b thinks here"
    assert max(each["failed_s"] for each in results.values()) < 4.5
    assert max(each["here_s"] for each in results.values()) < 20
