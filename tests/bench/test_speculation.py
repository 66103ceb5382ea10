"""The bench of speculation: what it reads, that its person is the same for all policies, what it finds."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.messages import Message, Role, Route
from core.providers.base import Profile, Request
from core.speculation.chip import Chip
from tests.bench.speculation import OWN
from tests.bench.speculation.__main__ import main
from tests.bench.speculation.conversations import conversations_from
from tests.bench.speculation.measures import chips, measures
from tests.bench.speculation.person import move
from tests.bench.speculation.rehearsal import rehearse
from tests.bench.speculation.stage import Setting
from tests.bench.speculation.voice import Voice

KEYS = {
    "share_under_200ms",
    "ttft_p50_ms",
    "ttft_p95_ms",
    "hits",
    "wasted_tokens_per_hit",
    "interference_p95_ms",
    "interference_max_ms",
    "busy_share",
    "wrong_served",
}


def test_each_policy_does_better_than_the_one_before() -> None:
    """A bench in which speculation is worth nothing measures something else."""
    conversations = conversations_from(OWN)
    laptop = [Setting("laptop", policy) for policy in ("none", "warm", "typing", "all")]
    found = {setting.policy: measures(lives) for setting, lives in rehearse(conversations, laptop).items()}
    assert found["none"].share_under_200ms == 0
    assert found["none"].ttft_p50_ms > found["warm"].ttft_p50_ms >= found["typing"].ttft_p50_ms
    assert found["none"].busy_share == 0
    assert all(each.wrong_served == 0 for each in found.values())
    assert all(each.interference_max_ms <= 250 for each in found.values())


def test_a_chip_that_is_taken_is_a_hit() -> None:
    """Somebody who takes every chip types nothing where one is on offer."""
    conversations = conversations_from(OWN)
    setting = Setting("laptop", "all", accept=1.0)
    lives = rehearse(conversations, [setting])[setting]
    of_chips = chips(lives)
    assert of_chips.taken > 0
    assert 0 < measures(lives).hits <= of_chips.taken
    assert of_chips.typed + of_chips.taken == sum(len(one.turns) - 1 for one in conversations)
    hits = [one for lived in lives for one in lived.asked if one.route is Route.PREFETCH_HIT]
    assert all(one.is_chip for one in hits)


def test_the_same_seed_replays_the_same_and_another_does_not() -> None:
    """Two policies can be compared because the person and the dice are the same."""
    conversations = conversations_from(OWN)
    setting = Setting("cpu", "typing")
    assert rehearse(conversations[:2], [setting]) == rehearse(conversations[:2], [setting])
    assert move(conversations[0], 1, 0) == move(conversations[0], 1, 0)
    assert move(conversations[0], 1, 0) != move(conversations[0], 1, 1)


def test_what_is_typed_ends_as_the_question() -> None:
    """Slips are taken back, pastes come whole, and what is odd was made harmless when it was read."""
    for conversation in conversations_from(OWN):
        for index in range(1, len(conversation.turns)):
            assert move(conversation, index, 0).keys[-1].text == conversation.turns[index].user


def test_a_chip_is_taken_by_its_place_as_often_as_asked() -> None:
    """Acceptance is the one thing about people that is set, so it must be what is set."""
    conversation = conversations_from(OWN)[0]
    offered = [Chip(place, f"chip {place}", "model") for place in (1, 2, 3)]
    taken = [move(conversation, 1, seed).takes(offered, 0.2) for seed in range(2000)]
    places = [chip.place for chip in taken if chip is not None]
    assert 0.17 < len(places) / 2000 < 0.23
    assert places.count(1) > places.count(2) > places.count(3) > 0
    assert move(conversation, 1, 0).takes([], 1.0) is None


def test_no_two_requests_get_the_same_answer() -> None:
    """This is how a wrong answer is found out, without asking the product what it thinks of it."""
    voice = Voice(conversations_from(OWN)[0], 0)
    request = Request("m", (Message(Role.SYSTEM, "s"), Message(Role.USER, "undo it")), Profile(8192), 500)
    other = replace(request, messages=(request.messages[0], Message(Role.USER, "do it")))
    longer = replace(request, messages=(Message(Role.SYSTEM, "t"), request.messages[1]))
    answers = {voice.answer(one) for one in (request, other, longer)}
    assert len(answers) == 3
    assert voice.answer(request) == voice.answer(replace(request))


def test_json_has_the_figures_that_were_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Other programs read it."""
    assert main([str(OWN), "--json", "--profile", "laptop", "--policy", "warm"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["laptop"]["warm"].keys() >= KEYS


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no conversation"),
        ('{"conversation": []}\n', "no conversation"),
        ('{"conversation": [{"user": "a"}]}\n{"conversation": 7}\n', "line 2"),
        ('{"conversation": [{"user": "a"}]}\n{"conv', "line 2"),
        ('{"conversation": [{"assistant": "a"}]}\n', "line 1"),
        ("\x1f\x8b\x08broken", "no conversation"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, word: str
) -> None:
    """With the line where it is broken, and no traceback."""
    path = tmp_path / "followups.jsonl"
    path.write_text(text)
    assert main([str(path)]) == 1
    said = capsys.readouterr().err
    assert str(path) in said
    if not text.startswith("\x1f"):
        assert word in said


def test_a_missing_file_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The commonest mistake of all."""
    assert main([str(tmp_path / "nowhere.gz")]) == 1
    assert "nowhere.gz" in capsys.readouterr().err


def test_of_a_whole_file_as_many_chips_are_taken_as_was_asked() -> None:
    """What is wasted is told for each hit, so luck with the hits must not decide it."""
    conversations = conversations_from(OWN)
    luck = sorted(move(one, index, 3).luck for one in conversations for index in range(1, len(one.turns)))
    assert all(at / len(luck) <= each < (at + 1) / len(luck) for at, each in enumerate(luck))
