"""Server-sent events: the framing of three vendors, whole however the bytes are cut."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ProtocolBroken
from core.providers.sse import MAX_EVENT_BYTES, Event, EventReader


def read(*parts: bytes) -> list[Event]:
    """All events of a stream that came in these parts."""
    reader = EventReader()
    return [event for part in parts for event in reader.feed(part)] + reader.finish()


@pytest.mark.parametrize(
    ("sent", "events"),
    [
        (b"data: a\n\n", [Event("", b"a")]),
        (b"data:a\n\n", [Event("", b"a")]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [Event("", b"a"), Event("", b"b")]),
        (b": keep-alive\n\n: again\n\ndata: a\n\n", [Event("", b"a")]),
        (b"event: delta\ndata: a\n\ndata: b\n\n", [Event("delta", b"a"), Event("", b"b")]),
        (b"data: a\ndata: b\n\n", [Event("", b"a\nb")]),
        (b"id: 1\nretry: 10\ndata: a\n\n", [Event("", b"a")]),
        (b"data: a", [Event("", b"a")]),
        (b"data: a\n", [Event("", b"a")]),
        (b'error: {"code":500}\n\n', [Event("error", b'{"code":500}')]),
        (b"\xef\xbb\xbfdata: a\n\n", [Event("", b"a")]),
        (b"event: ping\n\n\n\n", []),
        (b"", []),
    ],
)
def test_every_form_of_framing_is_read(sent: bytes, events: list[Event]) -> None:
    """Vendors differ in spaces, line ends, names and keep-alives; each reads the same."""
    assert read(sent) == events
    assert read(*(sent[at : at + 1] for at in range(len(sent)))) == events


def test_odd_line_separators_inside_a_text_end_no_line() -> None:
    """U+0085 and U+2028 come out of models; a text reader would break the JSON there."""
    text = "a\u0085b\u2028c\u2029d\x0be".encode()
    assert read(b"data: " + text + b"\n\n") == [Event("", text)]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\r\n"), min_size=1)), st.lists(st.integers(1, 400)))
def test_any_cut_gives_the_same_events(texts: list[str], cuts: list[int]) -> None:
    """The network cuts where it likes, inside a character too."""
    texts = [text for text in texts if text[0] < "\ud800" or text[0] > "\udfff"]
    texts = [text.encode("utf-8", "ignore").decode() or "x" for text in texts]
    sent = b"".join(b"data: " + text.encode() + b"\n\n" for text in texts)
    marks = sorted({0, len(sent), *(cut for cut in cuts if cut < len(sent))})
    parts = [sent[begin:end] for begin, end in pairwise(marks)]

    assert [event.data.decode() for event in read(*parts)] == texts


@pytest.mark.parametrize("sent", [b"data: " + b"x" * MAX_EVENT_BYTES, b"data: x\n" * (MAX_EVENT_BYTES // 4)])
def test_an_event_without_an_end_is_not_kept_for_ever(sent: bytes) -> None:
    """What never ends would fill the memory, whether in one line or in many."""
    with pytest.raises(ProtocolBroken):
        read(sent)


def test_keep_alives_for_days_are_no_event_too_long() -> None:
    """A server that thinks long says a comment a second; they must not add up."""
    reader = EventReader()
    for _ in range(40):
        assert list(reader.feed(b": " + b"k" * (MAX_EVENT_BYTES // 20) + b"\n\n")) == []
