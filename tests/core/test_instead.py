"""What is offered instead of a long wait for a first token."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.engine.instead import deep_if_sooner
from core.settings.model import DeepSettings
from core.store.database import Database
from core.store.deep_ledger import WHOLE_RUN, DeepCallRecord, DeepLedger

HERE = "http://127.0.0.1:11434"
REMOTE = DeepSettings(provider="anthropic", model="claude-x", effort="high")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[DeepLedger]:
    """Nine runs at the remote model, of 10 to 18 s."""
    with closing(Database.open(tmp_path / "leadline.db", lambda: 1000.0)) as database:
        ledger = DeepLedger(database)
        for seconds in range(10, 19):
            call = DeepCallRecord(
                1, "anthropic", "https://h", "claude-x", "high", "deep", WHOLE_RUN, 10, seconds * 1000.0
            )
            ledger.record(call).result()
        yield ledger


@pytest.mark.parametrize(
    ("waited_s", "usual_s", "expected"),
    [
        (10.0, None, None),  # as long again is ten seconds, and half of the runs take fourteen
        (14.1, None, 14.0),
        (10.0, 20.0, None),
        (10.0, 24.1, 14.0),
        (24.0, 24.1, None),  # it is nearly there
        (24.2, 24.1, 14.0),  # what is past its time is of no known length any more
    ],
)
def test_depth_is_offered_only_where_it_is_expected_sooner(
    ledger: DeepLedger, waited_s: float, usual_s: float | None, expected: float | None
) -> None:
    """An offer to wait longer elsewhere, and to pay for it, would be none."""
    assert deep_if_sooner(REMOTE, HERE, ledger, waited_s, usual_s) == expected


def test_depth_without_a_place_of_its_own_or_without_a_past_is_not_offered(ledger: DeepLedger) -> None:
    """The same server has the same queue; what nothing is known of is not promised."""
    here = replace(REMOTE, provider="openai", base_url=f"{HERE}/v1")
    assert deep_if_sooner(here, f"{HERE}/v1", ledger, 600.0, None) is None
    assert deep_if_sooner(here, HERE, ledger, 600.0, None) == 14.0
    for deep in (
        DeepSettings(model="claude-x"),
        replace(REMOTE, provider="ollama"),
        replace(REMOTE, model="y"),
    ):
        assert deep_if_sooner(deep, HERE, ledger, 600.0, None) is None
