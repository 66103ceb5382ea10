"""Markdown for the tests of the transcript: samples worth a look, and random texts."""

from itertools import pairwise

from hypothesis import strategies as st

SAMPLE = """\
# Undoing a commit

The *last* commit is **easy**:
use `git reset`, which
moves the branch.

1. Look first:

   ```bash
   git log -1 --stat
   ```

2. Then go back
   - `--soft` keeps the changes
   - `--hard` drops them
     for ever
3. Check

> Never reset what is pushed.
> Revert it.

| option | changes | index |
|:-------|--------:|:-----:|
| soft | kept | kept |
| mixed | kept | **reset** |
| hard | gone | reset |

```python
def undo(depth: int = 1) -> None:
    # as far as asked
    run(["git", "reset", f"HEAD~{depth}"])
```

- [ ] push
- [x] ~~panic~~

Setext
------

    indented code

    goes on

See [the book](https://git-scm.com/book/en) or <https://example.org/x>.
***
Last `Vec<T>` and <div> line
"""

# Without what names an address or a title, of which only a part is shown.
_PIECES = st.one_of(
    st.sampled_from(
        [
            "\n",
            "\n\n",
            "  \n",
            "    ",
            "\t",
            " ",
            "- ",
            "* ",
            "+ ",
            "1. ",
            "2. ",
            "7) ",
            "> ",
            "# ",
            "### ",
            "```",
            "```py\n",
            "~~~\n",
            "````",
            "---",
            "***",
            "===",
            "| a | b |\n|---|---|\n",
            "|",
            "| c | d | e |\n",
            "**",
            "*",
            "_",
            "~~",
            "`",
            "[x] ",
            "[ ] ",
            "[",
            "]",
            "<b>",
            "<div>",
            "\n</div>\n",
            "<!-- ",
            " -->",
            "<pre>\n",
            "\\",
            "a",
            "word ",
            "日本",
            "é",
        ]
    ),
    st.text("abc *_`#->|~\n", max_size=8),
)
MARKDOWN = st.lists(_PIECES, max_size=40).map("".join)
CUTS = st.lists(st.integers(0, 400), max_size=12)


def cut(text: str, cuts: list[int]) -> list[str]:
    """The text in pieces, as tokens would bring it."""
    borders = [0, *sorted(min(at, len(text)) for at in cuts), len(text)]
    return [text[start:end] for start, end in pairwise(borders)]
