"""How amounts are written."""

import pytest

from core.amounts import clock_text, dollars, time_text, tokens_text, usd_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (-1.0, "0.0 s"),
        (4.24, "4.2 s"),
        (9.94, "9.9 s"),
        (9.96, "0:10"),
        (38.0, "0:38"),
        (59.7, "1:00"),
        (65.0, "1:05"),
        (3599.6, "1:00:00"),
        (3723.0, "1:02:03"),
    ],
)
def test_times_are_written_as_clocks_write_them(seconds: float | None, text: str) -> None:
    """Never 0:60, and never a place that nobody can read at a glance."""
    assert time_text(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(-1.0, "0:00"), (31.9, "0:31"), (3599.6, "59:59"), (3849.0, "1:04:09")]
)
def test_a_clock_never_shows_a_second_that_has_not_gone_by(seconds: float, text: str) -> None:
    """It ticks four times a second beside other clocks; a rounded one would be ahead of them."""
    assert clock_text(seconds) == text


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0.0, "$0.00"), (0.0001, "<$0.001"), (0.004, "$0.004"), (0.00996, "$0.01"), (0.31, "$0.31"),
        (4.8, "$4.80"), (1234.5, "$1,234.50"),
    ],
)  # fmt: skip
def test_dollars_have_as_many_places_as_say_something(usd: float, text: str) -> None:
    """A call for a tenth of a cent is not free, and nobody needs it to the millionth."""
    assert dollars(usd) == text


def test_an_amount_that_we_worked_out_says_so() -> None:
    """Only the provider knows for certain what it charges."""
    assert [usd_text(0.11), usd_text(0.11, is_exact=True), usd_text(0.0001)] == ["≈$0.11", "$0.11", "<$0.001"]


def test_few_tokens_are_not_thousands() -> None:
    """120 tokens are not 0.1k of them: the next digit is what matters to a small window."""
    assert [tokens_text(120), tokens_text(999), tokens_text(6_140)] == ["120", "999", "6.1k"]
