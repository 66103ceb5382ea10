r"""Bytes to lines: the one place where a token with an odd character could break the answer."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ProtocolBroken
from core.providers.ollama.ndjson import MAX_LINE_BYTES, LineReader

JSON_LINES = '{"a":"é"}\n\n{"b":"\u0085\u2028\u2029x"}\r\n  \n{"c":{"d":[1,2]}}\n'.encode()
OBJECTS = [{"a": "é"}, {"b": "\u0085\u2028\u2029x"}, {"c": {"d": [1, 2]}}]


@given(st.sets(st.integers(min_value=0, max_value=len(JSON_LINES))))
def test_lines_are_the_same_however_the_bytes_arrive(cuts: set[int]) -> None:
    r"""The network cuts anywhere, also inside a character; a line ends at \n and nowhere else."""
    reader = LineReader()
    marks = [0, *sorted(cuts), len(JSON_LINES)]

    found = [value for begin, end in pairwise(marks) for value in reader.feed(JSON_LINES[begin:end])]

    assert found == OBJECTS
    assert list(reader.finish()) == []


def test_a_last_line_without_its_newline_counts_if_it_is_whole() -> None:
    """Some proxies drop the last newline; half a line is no line."""
    whole, half = LineReader(), LineReader()
    assert list(whole.feed(b'{"a":1}')) == []
    assert list(half.feed(b'{"a":1')) == []

    assert list(whole.finish()) == [{"a": 1}]
    assert list(half.finish()) == []


@pytest.mark.parametrize(
    "line",
    [
        b"<html>",
        b"[1]",
        b"1",
        b"null",
        b'"x"',
        b'{"a":}',
        b"\xff\xfe",
        b'{"a":"\xc3"}',
        b"[" * 100_000,
        b'{"a":1}{',
    ],
)
def test_what_is_no_object_is_named(line: bytes) -> None:
    """A captive portal, a proxy, another server: the person needs the reason, not a traceback."""
    with pytest.raises(ProtocolBroken):
        list(LineReader().feed(line + b"\n"))


def test_good_lines_before_a_bad_one_in_the_same_bytes_are_given() -> None:
    """They are text the person has paid for with their wait."""
    lines = LineReader().feed(b'{"a":1}\n{"b":2}\nno\n')

    assert next(lines) == {"a": 1}
    assert next(lines) == {"b": 2}
    with pytest.raises(ProtocolBroken):
        next(lines)


@pytest.mark.parametrize("step", [2**16, 2**20, 10 * 2**20])
def test_an_endless_line_ends_at_its_bound(step: int) -> None:
    """A server gone mad must not fill the memory."""
    reader = LineReader()
    for _ in range(MAX_LINE_BYTES // step):
        list(reader.feed(b"x" * step))

    with pytest.raises(ProtocolBroken, match="8 MiB"):
        list(reader.feed(b"x" * step))


def test_a_line_too_long_is_refused_also_when_it_comes_whole() -> None:
    """The bound is on the line, not on how it arrives."""
    line = b'{"a":"' + b"x" * MAX_LINE_BYTES + b'"}\n'

    with pytest.raises(ProtocolBroken, match="8 MiB"):
        list(LineReader().feed(line))
