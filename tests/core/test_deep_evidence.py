"""What can be said of an answer without a model, and what a hostile one cannot do."""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.deep.draft import differs
from core.deep.evidence import check
from core.deep.evidence_values import Evidence
from core.messages import Attachment

PATIENT_S = 20.0
"""So that a busy machine takes nothing away; the limit has a test of its own."""


def _looked_at(text: str, root: Path, sources: Sequence[Attachment] = ()) -> tuple[Evidence, ...]:
    return asyncio.run(check(text, root, sources, environ=os.environ, limit_s=PATIENT_S))


def _said(text: str, root: Path, sources: Sequence[Attachment] = ()) -> list[tuple[str, bool]]:
    return [(each.what, each.is_ok) for each in _looked_at(text, root, sources)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project: two modules, a folder, a secret beside it."""
    root = tmp_path / "project"
    (root / "core" / "deep").mkdir(parents=True)
    (root / "worker.py").write_text("import os\n\n\ndef work() -> None:\n    os.wait()\n")
    (root / "core" / "deep" / "run.py").write_text("x = 1\n" * 120)
    (tmp_path / "outside.py").write_text("secret = 1\n")
    return root


def _diff(before: str, after: str, path: str = "worker.py", old: str = "") -> str:
    hunk = f"@@ -3,3 +3,3 @@\n \n def work() -> None:\n-{before}\n+{after}\n"
    return f"```diff\n--- {old or f'a/{path}'}\n+++ b/{path}\n{hunk}```\n"


def test_blocks_that_parse_and_those_that_do_not_are_told_with_their_line(project: Path) -> None:
    """Code that cannot even be read is the cheapest thing to find, and the most annoying to paste."""
    text = (
        '```python\nx = 1\n```\n```py\nif x:\n  y(\n```\n1. so:\n   ```json\n   {"a": 1}\n   ```\n'
        '~~~toml title="x"\na = \n~~~\n> ```python\n> def f():\n>     pass\n> ```\n```rust\nfn (\n```\n'
    )

    said = _said(text, project)

    assert [what.partition(" does not parse: ")[0] for what, _ in said] == [
        "block 1 (python) parses",
        "block 2 (python)",
        "block 3 (json) parses",
        "block 4 (toml)",
        "block 5 (python) parses",
    ]
    assert [is_ok for _, is_ok in said] == [True, False, True, False, True]
    assert "line 2: '(' was never closed" in said[1][0]
    assert _looked_at(text, project)[1].detail.startswith("as Python 3.")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Just words, e.g. these; see node.js, example.com:443 and v1.2.3.",
        "```bash\nls (\n```",
        "```\nnot (any language\n```",
        "```python\n>>> f(\n```",
        "```python\n%timeit f(\n```",
        "```python\ncut off (\n",
        "Create `core/deep/new.py` and put it there.",
        "Use core/deep/new.py for it; the rest goes into core/deep/more.py.",
        "A line such as core/deep/other.py:3, e.g. for an example.",
        "Open /etc/passwd:1, ~/.ssh/id.pub:3, ../outside.py:1 and https://x.y/core/none.py:3.",
        "a file of yours, other/place.py",
    ],
)
def test_what_cannot_be_told_for_certain_is_not_told(text: str, project: Path) -> None:
    """A false alarm teaches people to wave the next one through."""
    assert _said(text, project) == []


def test_files_and_lines_that_are_named_are_there_or_not(project: Path) -> None:
    """A line that does not exist is the surest sign that a model has made something up."""
    text = (
        "Move what is in `worker.py:5`, (core/deep/run.py:188), run.py:120-130, ./core/deep/run.py and\n"
        "**core/deep/gone.py**; core/nowhere.py:3. See deep/run.py#L7, worker.py, stdin.py:1 and fork.rs:9:2."
        "\nNow add it to core/made_up.py:3."
    )

    assert _said(text, project) == [
        ("worker.py:5 exists", True),
        ("core/deep/run.py:188: the file has 120 lines", False),
        ("run.py:130: the file has 120 lines", False),
        ("core/deep/gone.py: no such file in the project", False),
        ("core/nowhere.py:3: no such file in the project", False),
        ("deep/run.py:7 exists", True),
        ("stdin.py:1: no such file in the project", False),
        ("fork.rs:9: no such file in the project", False),
        ("core/made_up.py:3: no such file in the project", False),
    ]


def test_a_file_that_was_sent_counts_as_it_was_sent(project: Path) -> None:
    """The answer speaks of the text it was given, wherever that came from."""
    sources = (Attachment("far/away.py", "a\nb\n", "00" * 32),)

    assert _said("far/away.py:2 and far/away.py:3", project, sources) == [
        ("far/away.py:2 exists", True),
        ("far/away.py:3: the file has 2 lines", False),
    ]


def test_nothing_outside_the_project_is_looked_at_through_any_way_in(project: Path) -> None:
    """Whether a file of the person's home is there is nobody's business, least of all an answer's."""
    (project / "link.py").symlink_to(project.parent / "outside.py")
    (project / "folder").symlink_to(project.parent)
    os.mkfifo(project / "pipe.py")
    text = (
        "link.py:1 link.py:9 folder/outside.py:1 folder/none.py:9 core/../../outside.py:1 pipe.py:1\x1b[J\n"
    )
    diffs = "".join(
        _diff("    os.wait()", "    pass", path)
        for path in ("link.py", "folder/outside.py", "folder/none.py", "pipe.py")
    )

    assert _said(text + diffs, project) == []
    outside = _diff("x", "y", "../outside.py") + _diff("x", "y", "/etc/hosts", "/etc/hosts")
    assert [is_ok for _, is_ok in _said(outside, project)] == [False, False]
    assert all("outside the project" in what for what, _ in _said(outside, project))


def test_a_diff_applies_to_a_copy_or_says_why_not_and_changes_nothing(project: Path) -> None:
    """Whoever is about to apply it wants to know now; the files themselves are not touched."""
    before = (project / "worker.py").read_bytes()
    good, bad = _diff("    os.wait()", "    pass"), _diff("    os.fork()", "    pass")

    assert _said(good, project) == [("the diff applies", True)]
    assert _said(good.replace("a/worker", "worker").replace("b/worker", "worker"), project) == [
        ("the diff applies", True)
    ]
    assert _said(good + bad, project) == [
        ("block 1 (diff) applies", True),
        ("block 2 (diff) does not apply: patch failed: worker.py:3", False),
    ]
    assert _said(_diff("x", "y", "none.py"), project) == [
        ("the diff changes none.py, and there is no such file", False)
    ]
    assert _said(good.replace("-3,3 +3,3", "-3,9 +3,9"), project)[0][0].startswith(
        "the diff is not well formed: corrupt patch at line"
    )
    new = "```patch\n--- /dev/null\n+++ b/{}\n@@ -0,0 +1 @@\n+x\n```\n"
    assert _said(new.format("new/file.py"), project) == [("the diff applies", True)]
    assert _said(new.format("worker.py"), project)[0][1] is False
    assert (project / "worker.py").read_bytes() == before
    assert sorted(each.name for each in project.iterdir()) == ["core", "worker.py"]


def test_a_diff_is_tried_in_no_repository_and_with_no_ones_hooks(project: Path) -> None:
    """A strange repository names programs; looking at an answer in it must start none of them."""
    ran = project / "ran"
    (project / ".git" / "hooks").mkdir(parents=True)
    (project / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (project / ".git" / "objects").mkdir()
    (project / ".git" / "refs").mkdir()
    (project / ".git" / "config").write_text(
        f'[core]\n\trepositoryformatversion = 0\n\tfsmonitor = "touch {ran}"\n'
        f'[filter "x"]\n\tclean = touch {ran}\n'
    )
    (project / ".gitattributes").write_text("* filter=x\n")
    environ = os.environ | {"GIT_DIR": str(project / ".git"), "GIT_WORK_TREE": str(project)}

    found = asyncio.run(
        check(_diff("    os.wait()", "    pass"), project, environ=environ, limit_s=PATIENT_S)
    )

    assert [each.what for each in found] == ["the diff applies"]
    assert not ran.exists()


def test_python_of_an_answer_is_parsed_and_never_run(project: Path) -> None:
    """It is a stranger's program."""
    touched = project / "touched"
    text = f"```python\nopen({str(touched)!r}, 'w')\n```\n```python\nimport worker, this_is_nowhere\n```\n"

    assert _said(text, project) == [("block 1 (python) parses", True), ("block 2 (python) parses", True)]
    assert not touched.exists()


HOSTILE = {
    "blocks": "```python\nx=(\n```\n" * 5000,
    "brackets": "```python\n" + "(" * 30_000 + "\n```\n",
    "signs": "```python\n" + "-" * 30_000 + "1\n```\n",
    "sum": "```python\n" + "1+" * 15_000 + "1\n```\n",
    "lambda": "```python\n" + "lambda:" * 4000 + "1\n```\n",
    "json": "```json\n" + "[" * 30_000 + "\n```\n",
    "toml": "```toml\n" + "a." * 4000 + "b=1\n```\n",
    "nul": "```python\nx = '\0'\n```\n",
    "surrogates": '```json\n"\ud800"\n```\n```diff\n--- a/\ud800\n+++ b/\ud800\n```\n',
    "paths": "".join(f"a{number}/b.py:3 " for number in range(100_000)),
    "word": "a" * 2_000_000,
    "dots": "a." * 1_000_000,
    "slashes": "a/" * 1_000_000,
    "ticks": "`" * 1_000_000,
    "fences": "~~~\n" * 300_000,
    "marks": "> - " * 300_000,
    "files": ("```diff\n" + "--- a/x.py\n+++ b/x.py\n" * 3000 + "```\n") * 50,
    "diffs": "```diff\n--- a/worker.py\n+++ b/worker.py\n@@ -1 +1 @@\n-x\n+y\n```\n" * 500,
    "long names": "```diff\n--- a/" + "x" * 500 + "\n+++ b/" + "x" * 500 + "\n```\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_is_bounded_and_harmless(name: str, project: Path) -> None:
    """Nothing it holds can stop the screen, and nothing it says reaches a terminal raw or without end."""

    async def look() -> tuple[tuple[Evidence, ...], float]:
        looking = asyncio.ensure_future(check(HOSTILE[name], project, environ=os.environ, limit_s=PATIENT_S))
        gap, last = 0.0, time.perf_counter()
        while not looking.done():
            await asyncio.sleep(0.001)
            gap, last = max(gap, time.perf_counter() - last), time.perf_counter()
        return await looking, gap

    began = time.perf_counter()
    found, gap = asyncio.run(look())

    assert time.perf_counter() - began < 30  # 0.3 s, on a machine with nothing else to do
    assert gap < 10  # what hangs, hangs for longer; a busy machine alone does not
    assert len(found) <= 90
    assert all(len(each.what) <= 160 and each.what.isprintable() for each in found)


def test_what_takes_too_long_is_not_told(project: Path) -> None:
    """An answer waits for no look at it."""
    began = time.perf_counter()
    found = asyncio.run(
        check("```toml\n" + "a." * 4000 + "b=1\n```\nworker.py:1", project, environ=os.environ, limit_s=0.001)
    )

    assert [each.what for each in found] == ["worker.py:1 exists"]
    assert time.perf_counter() - began < 20


@pytest.mark.parametrize(
    ("draft", "deep", "words"),
    [
        ("Use `git reset --hard`.", "Use `git revert HEAD`.", "the draft's `git reset --hard` is not in it"),
        (
            "`git add .`, `git push`, `rm -r x`",
            "`git push`",
            "the draft's `git add .` and 1 more are not in it",
        ),
        ("```sh\n$ git  push # up\n```", "Do `git push`.", "same commands as the draft"),
        ("Do `git push`.", "Do `git pull` and `git push`.", "the draft's commands, and more"),
        ("Do `git push`.", "Never do it: `git pull`, not\ngit push.", ""),
        ("```python\nx = 1\n```", "So:\n```py\nx  =  1\n```", "same code as the draft"),
        ("```python\nx = 1\n```", "```python\nx = 2\n```", ""),
        ("It is so.", "It is not so.", ""),
        ("Use `git push`.", "Think first.", ""),
        ("", "", ""),
    ],
)
def test_draft_and_answer_are_compared_only_where_it_is_certainly_true(
    draft: str, deep: str, words: str
) -> None:
    """What a person may have typed already matters; guesses about prose do not."""
    assert differs(draft, deep) == words
