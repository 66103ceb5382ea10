"""The splitter: cuts only where later text cannot change what came before."""

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from tests.screen.markdown_texts import CUTS, MARKDOWN, SAMPLE, cut
from tui.transcript.block import Block
from tui.transcript.blocks import Splitter


def split(text: str) -> list[Block]:
    splitter = Splitter()
    return [*splitter.append(text), *splitter.finish()]


def sources(text: str) -> list[str]:
    return [block.source for block in split(text)]


@given(MARKDOWN, CUTS)
def test_the_sources_are_the_text_however_it_arrives(text: str, cuts: list[int]) -> None:
    """A character that falls between two blocks would be missing from the answer."""
    splitter = Splitter()
    blocks = []
    for piece in cut(text, cuts):
        blocks += splitter.append(piece)
        assert (
            "".join(block.source for block in blocks) + splitter.tail.source
            == text[: _length(blocks, splitter)]
        )
    blocks += splitter.finish()

    assert "".join(block.source for block in blocks) == text
    assert blocks == split(text)


def _length(blocks: list[Block], splitter: Splitter) -> int:
    return sum(len(block.source) for block in blocks) + len(splitter.tail.source)


@given(MARKDOWN.map(lambda text: text.replace("|", "")))
def test_the_blocks_mean_what_the_whole_text_means(text: str) -> None:
    """CommonMark reads the text whole; a reader of the blocks must come to the same.

    Without tables: Markdown-it takes a rule below a list item with a bar for one, which nobody means.
    """
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("reference")

    def meaning(source: str) -> list[tuple[str, str]]:
        return [(token.type, token.content) for token in parser.parse(source) if "_list_" not in token.type]

    assert [token for source in sources(text) for token in meaning(source)] == meaning(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\n\ntwo\n", ["one\n\n", "two\n"]),
        ("# t\ntext\nmore\n\n", ["# t\n", "text\nmore\n\n"]),
        ("```py\na\n\nb\n```\nend", ["```py\na\n\nb\n```\n", "end"]),
        ("````\n```\n````\nx", ["````\n```\n````\n", "x"]),
        ("```\nnever closed\n\n# no\n", ["```\nnever closed\n\n# no\n"]),
        ("text\n```\na\n```\n", ["text\n", "```\na\n```\n"]),
        ("- a\n\n  b\n- c\n\nd", ["- a\n\n  b\n", "- c\n\n", "d"]),
        ("1. a\n   ```\n   x\n\n   y\n   ```\n2. b", ["1. a\n   ```\n   x\n\n   y\n   ```\n", "2. b"]),
        ("- a\nlazy\n- b", ["- a\nlazy\n", "- b"]),
        ("- a\nlazy\n---\n7. b", ["- a\nlazy\n", "---\n", "7. b"]),
        ("-\n a\n---\nb\n\nc", ["-\n a\n---\n", "b\n\n", "c"]),
        ("    code\n\n    code\n\ntext", ["    code\n\n    code\n\n", "text"]),
        ("Title\n-----\ntext", ["Title\n-----\n", "text"]),
        ("text\n***\nmore", ["text\n", "***\n", "more"]),
        ("In\n1986. A year\n\nnext", ["In\n1986. A year\n\n", "next"]),
        ("| a |\n|---|\n| b |\n\nx", ["| a |\n|---|\n| b |\n\n", "x"]),
        ("steps:\n- a\n- b", ["steps:\n", "- a\n", "- b"]),
    ],
)  # fmt: skip
def test_a_cut_is_made_only_where_commonmark_is_certain(text: str, expected: list[str]) -> None:
    """A block cut too early is laid out wrong, and nothing later puts it right."""
    assert sources(text) == expected


def test_items_of_a_list_keep_counting_across_blocks() -> None:
    """Models write `1.` before each item, and people read 1, 2, 3."""
    assert [block.ordinal for block in split("1. a\n1. b\n1. c\n- d\n")] == [None, 2, 3, None]
    assert [block.ordinal for block in split("1. a\n2) b\n")] == [None, None]


def test_a_gap_is_where_the_source_has_one_and_above_headings() -> None:
    """Tight lists stay tight, and a heading always stands free."""
    assert [block.has_gap for block in split("a\n- b\n- c\n\n- d\n# e\n")] == [
        False,
        False,
        False,
        True,
        True,
    ]


def test_an_open_fence_says_where_its_content_begins() -> None:
    """So that each line of growing code is laid out once only."""
    splitter = Splitter()
    splitter.append("text\n\n```python\nprint()\n")

    tail = splitter.tail
    assert tail.body is not None
    assert tail.source[tail.body[0] : tail.body[1]] == "print()\n"


def test_a_long_answer_is_cut_into_small_blocks() -> None:
    """Blocks bound the work; an answer that stays one block would be laid out whole each time."""
    assert max(len(source) for source in sources(SAMPLE * 50)) < 300
