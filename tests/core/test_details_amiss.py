"""The details of an answer whose row a stranger edited."""

import pytest

from core.engine.details import details_of
from core.store.conversations import Conversations
from core.store.database import Database
from tests.answers import answered
from tui.detail_words import details_text


@pytest.mark.parametrize("odd", [-1000.0, 1e308, 9e999, "soon", b"\x00"])
def test_times_that_nobody_can_have_taken_are_not_told(odd: object) -> None:
    """A number of three hundred digits is no time, and one below nothing neither."""
    database = Database.open(None, lambda: 1000.0)
    answered(database, ttft_ms=odd, total_ms=odd, paint_ms=odd, decode_ms=odd, output_tokens=odd)
    details = details_of(Conversations(database), database, 1)
    database.close()
    assert details is not None
    assert max(map(len, details_text(details).splitlines())) <= 80
    assert "-1" not in details_text(details)
