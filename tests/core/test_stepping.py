"""When a model keeps people waiting, and which one would not."""

from pathlib import Path

import pytest

from core.engine.measurements import Measurements
from core.engine.models import Models
from core.engine.ready import Ready
from core.engine.stepping import Smaller, Stepping, smaller_than
from core.messages import AnswerState, Route
from core.providers.base import ModelInfo, Profile
from core.providers.choice import MeasuredHere
from core.settings.model import FastSettings
from core.store.conversations import Conversations, Ending, NewAnswer
from core.store.database import Database
from core.store.facts import Choice, Facts, ModelFact
from core.store.measured import MeasuredStore
from core.store.tuned import TunedStore
from tests.scripted import ScriptedProvider


def model(name: str, weights: float) -> ModelInfo:
    return ModelInfo(name, digest=name, parameters=weights * 1e9, capabilities=frozenset({"completion"}))


BIG, MIDDLE, SMALL = model("big:8b", 8), model("middle:4b", 4), model("small:1b", 1)
ALL = (BIG, MIDDLE, SMALL, ModelInfo("far:cloud", parameters=1e9))


def found(ttft_s: float, worth: float) -> MeasuredHere:
    return MeasuredHere(ttft_s, ttft_s <= 1.0, worth, "")


@pytest.mark.parametrize(
    ("in_use", "measured", "expected"),
    [
        ("big:8b", {}, Smaller("middle:4b")),
        ("middle:4b", {}, Smaller("small:1b")),
        ("small:1b", {}, None),
        ("far:cloud", {}, None),
        ("nowhere", {}, None),
        (
            "big:8b",
            {"small:1b": found(0.1, 0.03), "middle:4b": found(0.3, 0.07)},
            Smaller("middle:4b", 300.0),
        ),
        ("big:8b", {"small:1b": found(0.1, 0.03), "middle:4b": found(1.3, 0.07)}, Smaller("small:1b", 100.0)),
        ("big:8b", {"middle:4b": found(1.3, 0.07)}, Smaller("small:1b")),
        ("small:1b", {"small:1b": found(0.1, 0.03), "middle:4b": found(0.3, 0.07)}, None),
    ],
)
def test_the_model_below_is_the_best_that_was_measured_else_the_next_by_size(
    in_use: str, measured: dict[str, MeasuredHere], expected: Smaller | None
) -> None:
    """Never one that runs elsewhere, nor one that is known to be no quicker."""
    assert smaller_than(Ready(in_use, Profile(8192), False), ALL, measured) == expected


LATE = {"ttft_ms": 1500.0, "load_ms": 20.0, "prefill_ms": 1400.0, "decode_ms": 900.0}


@pytest.mark.parametrize(
    ("last", "is_due"),
    [
        ([LATE, LATE, LATE], True),
        ([LATE, LATE], False),
        ([LATE, {**LATE, "ttft_ms": 300.0}, LATE], False),
        ([LATE, LATE, {**LATE, "load_ms": 1400.0, "prefill_ms": 50.0}], False),
        ([LATE, LATE, {**LATE, "prefill_ms": 50.0}], False),
        ([LATE, LATE, {"ttft_ms": 1500.0}], True),
        ([{**LATE, "ttft_ms": 300.0}, LATE, LATE, LATE], True),
    ],
)
def test_a_model_is_named_once_when_it_was_late_three_times_running(
    tmp_path: Path, last: list[dict[str, float]], is_due: bool
) -> None:
    """By its own doing: a load, or another's request, is not its fault. Answers of before a restart count."""
    database = Database.open(tmp_path / "leadline.db", lambda: 1000.0)
    conversations, facts = Conversations(database), Facts(database)
    provider = ScriptedProvider(models=ALL)
    facts.remember(ModelFact(provider.address, "big:8b", "big:8b", 8192, 0, None, "")).result()
    facts.pin(Choice(provider.address, "big:8b", "chosen by you", 1.0)).result()
    for times in last:
        answer = NewAnswer(Route.FAST, "big:8b", "ollama", "local")
        started = conversations.ask("q", (), None, "/x", answer).result()
        ending = Ending(AnswerState.COMPLETE, "text", **times)  # type: ignore[arg-type]  # all are times
        conversations.end(started.answer, ending, make_current=True).result()
    measurements = Measurements(TunedStore(database), provider.address, 60.0)
    models = Models(provider, facts, FastSettings())
    models.seen = ALL
    stepping = Stepping(models, MeasuredStore(database), measurements)
    assert stepping.due() == (Smaller("middle:4b") if is_due else None)
    assert stepping.due() is None
    assert stepping.smaller() == Smaller("middle:4b")
    database.close()
