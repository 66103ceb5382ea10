"""The bench of the cache's decision: what it stores, what it counts, and the shape in which it tells."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    return path


def _run(*arguments: str) -> dict[str, dict[str, dict[str, object]]]:
    command = [sys.executable, "-m", "tests.bench.semantic", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    told: dict[str, dict[str, dict[str, object]]] = json.loads(done.stdout)
    return told


def test_pairs_are_counted_by_source(tmp_path: Path) -> None:
    """Each pair is a cache of one answer; a reader's judgement corrects its label."""
    hit, trap = "remove a file in linux", "how do I zip a folder"
    noise = ("show the last 10 lines of a log", "show the last ten lines of a log")
    rows: list[dict[str, object]] = [
        {"a": hit, "b": "delete a file in linux", "same": True, "source": "x"},
        {"a": trap, "b": "how do I unzip a folder", "same": False, "source": "x"},
        {"a": noise[0], "b": noise[1], "same": False, "source": "y"},
    ]
    pairs = str(_write(tmp_path / "pairs.jsonl.gz", rows))
    raw = _run(pairs)
    assert raw["sources"]["x"] == {
        "pairs": 2,
        "same": 1,
        "sure": {"hits": 1, "wrong": 0, "recall": 1.0},
        "maybe": {"hits": 0, "wrong": 0, "recall": 0.0},
    }
    assert raw["sources"]["y"]["sure"] == {"hits": 1, "wrong": 1, "recall": 0.0}
    judged = tmp_path / "judged.tsv"
    judged.write_text("\t".join(noise) + "\n")
    other = tmp_path / "other.tsv"
    other.write_text("\t".join((trap, "how do I unzip a folder")) + "\n")
    corrected = _run(pairs, "--adjudicated", str(judged), "--adjudicated", str(other))
    assert corrected["sources"]["x"]["same"] == 2
    assert corrected["sources"]["y"]["sure"] == {"hits": 1, "wrong": 0, "recall": 1.0}
    assert corrected["all"]["sure"] == {"hits": 2, "wrong": 0, "recall": 0.6667}


def test_a_stream_is_asked_once_in_order(tmp_path: Path) -> None:
    """Exact repeats are left out, and what was served is not stored again."""
    asked = [
        ("remove a file in linux", "1"),
        ("remove a file in linux", "1"),
        ("delete a file in linux", "1"),
        ("how do I zip a folder", "2"),
        ("how do I unzip a folder", "3"),
        ("what is the way to zip a folder", "4"),
    ]
    rows: list[dict[str, object]] = [{"q": q, "cls": cls, "source": "s"} for q, cls in asked]
    told = _run("--stream", str(_write(tmp_path / "stream.jsonl.gz", rows)))
    assert told["sources"]["s"]["queries"] == 5
    assert told["sources"]["s"]["same"] == 1
    assert told["sources"]["s"]["sure"] == {"hits": 2, "wrong": 1, "recall": 1.0}


def test_without_a_file_it_measures_the_own_questions() -> None:
    """No trap of ours is served."""
    told = _run()
    assert told["sources"]["negation"]["sure"] == {"hits": 0, "wrong": 0, "recall": 0.0}
    assert told["all"]["sure"]["wrong"] == 0
