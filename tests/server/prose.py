"""Markdown that reads like an answer, as long as it is asked for; the same number gives the same text."""

from itertools import cycle

_BLOCKS = (
    "## What happens\n",
    "Git keeps the **index** and the working tree apart, so `git switch` can refuse when a file would be "
    "lost. Commit or stash first, and the branch changes without touching what you have written.\n",
    "- `git status` shows what is staged and what is not\n"
    "- `git stash push -m wip` puts both away\n"
    "- `git switch main` then has nothing to complain about\n",
    "```python\n"
    "def branches(repo: Path) -> list[str]:\n"
    '    """Name every local branch."""\n'
    '    out = subprocess.run(["git", "branch"], cwd=repo, capture_output=True, text=True)\n'
    "    return [line[2:] for line in out.stdout.splitlines()]\n"
    "```\n",
    "### Why it matters\n",
    "A branch is only a name for a commit. Moving the name is cheap; moving the files is the part that can "
    "go wrong, and *that* is where the checks are made. See the manual for the rare cases.\n",
    "1. Look at the difference\n2. Decide what stays\n3. Switch, and bring the rest back\n",
)


def markdown(words: int) -> str:
    """At least `words` words of prose, lists, headings and Python, in whole blocks."""
    made: list[str] = []
    count = 0
    for block in cycle(_BLOCKS):
        if count >= words:
            break
        made.append(block)
        count += len(block.split())
    return "\n".join(made)
