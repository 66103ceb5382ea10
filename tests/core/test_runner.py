"""What stands behind a loaded model: the bench's figures are only as true as this is to the real server."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clock import run_virtually
from tests.server.prefixes import shared
from tests.server.runner import CHARS_PER_TOKEN, Pace, Read, Runner, Said, tokens_of
from tests.server.templates import template_of

LAPTOP = Pace(prefill_per_s=400, decode_per_s=40)
TOKEN_S = 1 / 40
LONG = 4000  # tokens: ten seconds of reading


@dataclass(frozen=True)
class Seen:
    """What a reader saw: the reading, and when each piece came."""

    read: Read
    read_at: float
    pieces: tuple[tuple[str, float], ...]


def _now() -> float:
    return asyncio.get_running_loop().time()


def _text(tokens: int, mark: str = "a") -> str:
    return (mark * CHARS_PER_TOKEN) * tokens


async def _ask(runner: Runner, prompt: str, pieces: list[str], label: str = "", at_once: int = 1) -> Seen:
    """Read an answer to its end."""
    read, read_at, said = Read(0, 0, 0, 0), 0.0, []
    async with aclosing(runner.run(prompt, pieces, label=label, at_once=at_once)) as events:
        async for event in events:
            if isinstance(event, Said):
                said += [(piece, _now()) for piece in event.pieces]
            else:
                read, read_at = event, _now()
    return Seen(read, read_at, tuple(said))


async def _leave(runner: Runner, prompt: str, after_s: float, pieces: int = 1, at_once: int = 1) -> None:
    """Ask, and leave after so long."""
    asked = asyncio.create_task(_ask(runner, prompt, ["x"] * pieces, label="left", at_once=at_once))
    await asyncio.sleep(after_s)
    asked.cancel()
    await asyncio.wait({asked})


def test_a_prompt_is_read_then_tokens_come_at_their_rate() -> None:
    """The plain case, in exact figures."""

    async def play() -> Seen:
        runner = Runner(replace(LAPTOP, overhead_s=0.025))
        return await _ask(runner, _text(200), ["one", " two", " three"], label="person")

    seen = run_virtually(play())
    assert (seen.read.cached, seen.read.computed, seen.read.waited_s) == (0, 200, 0.0)
    assert seen.read.prefill_s == pytest.approx(0.5)
    assert seen.read_at == pytest.approx(0.525)
    assert [at for _, at in seen.pieces] == pytest.approx([0.525, 0.55, 0.575])


def test_what_the_slot_holds_is_not_read_again() -> None:
    """All of speculation rests on this; the last token of a prompt is read in any case."""

    async def play() -> tuple[Read, Read, Read]:
        runner = Runner(LAPTOP)
        first = _text(1000)
        answer = ["bbbb"] * 10
        one = (await _ask(runner, first, answer)).read
        again = (await _ask(runner, first, answer)).read
        follow = first + "".join(answer[:-1]) + _text(50, "c")
        assert runner.uncached(follow) == 50
        return one, again, (await _ask(runner, follow, answer)).read

    one, again, after = run_virtually(play())
    assert (one.cached, one.computed) == (0, 1000)
    assert (again.cached, again.computed) == (999, 1)
    assert (after.cached, after.computed) == (1009, 50)


@pytest.mark.parametrize("hours", [0, 1, 10_000])
@pytest.mark.parametrize("rate", [9, 40, 2000])
def test_what_was_said_is_held_however_long_the_clock_has_run(hours: int, rate: int) -> None:
    """A clock's digits get fewer as it runs; a token lost to rounding would be read again each turn."""

    async def play() -> list[int]:
        await asyncio.sleep(hours * 3600 + 0.123456789)
        runner = Runner(Pace(prefill_per_s=333, decode_per_s=rate))
        left = []
        for count in range(1, 60):
            prompt, pieces = _text(100, "ab"[count % 2]), ["wxyz"] * count
            await _ask(runner, prompt, [*pieces, ""], at_once=7)
            left.append(runner.uncached(prompt + "".join(pieces) + "next"))
        return left

    assert set(run_virtually(play())) == {1}


def test_one_slot_answers_in_the_order_they_came() -> None:
    """A queued speculation is served before a later question: that is why there must be only one."""

    async def play() -> list[Seen]:
        runner = Runner(LAPTOP)
        return await asyncio.gather(*(_ask(runner, _text(400, mark), ["x", "y"]) for mark in "abc"))

    seen = run_virtually(play())
    assert [each.read.waited_s for each in seen] == pytest.approx([0, 1 + TOKEN_S, 2 * (1 + TOKEN_S)])


def test_who_leaves_the_queue_is_not_answered() -> None:
    """A question withdrawn while it waits costs the next one nothing."""

    async def play() -> float:
        runner = Runner(LAPTOP)
        first = asyncio.create_task(_ask(runner, _text(LONG), ["x"]))
        await asyncio.sleep(1)
        await _leave(runner, _text(LONG, "b"), 1)
        last = await _ask(runner, _text(4, "c"), ["x"])
        await first
        assert runner.busy_s("left") == 0
        return last.read.waited_s

    assert run_virtually(play()) == pytest.approx(10 - 2)


@pytest.mark.parametrize(("rate", "worst_s"), [(3000, 1.17), (400, 2.28), (60, 9.53)])
def test_who_leaves_while_their_prompt_is_read_delays_the_next_by_a_look_and_a_batch(
    rate: int, worst_s: float
) -> None:
    """1 s between two looks and the batch under way: 1.2 s, 2.3 s and 9.5 s at worst, as in Ollama."""

    async def delay(after_s: float) -> float:
        runner = Runner(Pace(prefill_per_s=rate, decode_per_s=40))
        await _leave(runner, _text(rate * 60), after_s)
        return (await _ask(runner, "z", ["x"])).read.waited_s

    delays = [run_virtually(delay(0.01 + step * 0.25)) for step in range(120)]
    assert max(delays) <= worst_s
    assert max(delays) > 0.9 * worst_s
    assert min(delays) < 1


def test_a_look_counts_from_when_the_request_went_in() -> None:
    """Left after 0.3 s: seen at 1 s, and the batch that began at 0 s had ended at 1.28 s."""

    async def play() -> tuple[float, float]:
        runner = Runner(LAPTOP)
        await asyncio.sleep(0.7)
        await _leave(runner, _text(LONG), 0.3)
        seen = await _ask(runner, "z", ["x"])
        return seen.read.waited_s, runner.busy_s("left")

    waited_s, busy_s = run_virtually(play())
    assert waited_s == pytest.approx(0.98)
    assert busy_s == pytest.approx(1.28), "what goes on for nobody is work all the same"


def test_a_short_prompt_is_read_to_its_end_before_anybody_looks() -> None:
    """Sixty-four tokens are the most a background request may have to read on a slow machine."""

    async def play() -> float:
        runner = Runner(LAPTOP)
        await _leave(runner, _text(64), 0.01, pieces=500)
        return (await _ask(runner, "z", ["x"])).read.waited_s

    assert run_virtually(play()) == pytest.approx(0.15), "64 tokens take 160 ms; then the first one is said"


def test_what_was_read_for_who_left_stays_in_whole_batches() -> None:
    """A prefill that is closed has not been for nothing."""

    async def play() -> int:
        runner = Runner(LAPTOP)
        await _leave(runner, _text(LONG), 2.5)  # seen at 3 s, the third batch ends at 3.84 s
        await asyncio.sleep(0.2)
        assert runner.uncached(_text(LONG)) == LONG - 2 * 512, "two batches by now"
        return (await _ask(runner, _text(LONG), ["x"])).read.computed

    assert run_virtually(play()) == LONG - 3 * 512


@pytest.mark.parametrize("at_once", [1, 7, 1000])
def test_who_leaves_while_it_writes_is_noticed_at_the_next_token(at_once: int) -> None:
    """However many pieces a simulation takes at once, the slot is free as soon."""

    async def play() -> tuple[float, int]:
        runner = Runner(LAPTOP)
        await _leave(runner, _text(40), 0.1 + 10.4 * TOKEN_S, pieces=400, at_once=at_once)
        held = runner.uncached(_text(40) + "x" * 400)
        return (await _ask(runner, "z", ["x"])).read.waited_s, held

    waited_s, uncached = run_virtually(play())
    assert waited_s == pytest.approx(0.6 * TOKEN_S, abs=1e-6)
    assert uncached == 100 - 2, "forty tokens read; ten pieces of a letter are two more"


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(1, 3000), st.floats(0, 3), st.integers(0, 200)), max_size=12
    )
)
@settings(max_examples=40)
def test_a_storm_of_requests_that_are_left_delays_the_next_no_longer_than_one(
    storm: list[tuple[int, int, float, int]],
) -> None:
    """However they overlap: one second after the last has left, all are seen, and one batch is under way."""
    pace = replace(LAPTOP, overhead_s=0.02)

    async def play() -> None:
        runner = Runner(pace)
        rest = [
            asyncio.create_task(_leave(runner, _text(tokens, "abcd"[mark]), after_s, pieces))
            for mark, tokens, after_s, pieces in storm
        ]
        if rest:
            await asyncio.wait(rest)
        seen = await _ask(runner, "z", ["x"], label="person")
        assert seen.read.waited_s <= 1 + 512 / 400 + 1e-6
        assert not runner.is_busy
        assert runner.busy_s("left") <= _now() - runner.busy_s("person") + 1e-6
        assert (await _ask(runner, "z", ["x"])).read.waited_s == 0, "no slot was lost"

    run_virtually(play())


def test_who_leaves_behind_one_who_left_too_late_may_be_worked_for_as_well() -> None:
    """Ollama lets the next one in at once; the model's server learns that it has gone by looking, too."""

    async def play() -> tuple[float, float]:
        runner = Runner(LAPTOP)
        await _leave(runner, _text(LONG), 0.1)  # in until 1.28 s
        await asyncio.sleep(0.8)
        await _leave(runner, _text(LONG, "b"), 0.05)  # came at 0.9 s, so looked for at 1.9 s
        seen = await _ask(runner, "z", ["x"])
        return seen.read.waited_s, runner.busy_s("left")

    waited_s, busy_s = run_virtually(play())
    assert busy_s == pytest.approx(1.28 + 1.28)
    assert waited_s == pytest.approx(2.56 - 0.95)


def test_a_prompt_that_was_pushed_out_comes_back_from_beside_the_slot() -> None:
    """Two conversations take turns on one slot, and neither is read twice."""

    async def play(room: int) -> int:
        runner = Runner(replace(LAPTOP, ram_prompts=room))
        for mark in "ab":
            await _ask(runner, _text(1000, mark), ["x"])
        return (await _ask(runner, _text(1000, "a") + _text(10, "c"), ["x"])).read.computed

    assert run_virtually(play(8)) == 10
    assert run_virtually(play(0)) == 1010


def test_two_slots_answer_side_by_side_and_each_prompt_goes_where_its_beginning_is() -> None:
    """A server that was given two has no queue of one."""

    async def play() -> tuple[float, int, int]:
        runner = Runner(replace(LAPTOP, slots=2, ram_prompts=0))
        both = await asyncio.gather(*(_ask(runner, _text(1000, mark), ["x"]) for mark in "ab"))
        again = [(await _ask(runner, _text(1000, mark) + "cccc", ["x"])).read.computed for mark in "ba"]
        return max(each.read.waited_s for each in both), again[0], again[1]

    assert run_virtually(play()) == (0, 1, 1)


@pytest.mark.parametrize(
    ("family", "length", "chat", "raw"),
    [
        ("plain", 354, True, True),
        ("hybrid", 354, False, True),
        ("hybrid", 994, False, True),
    ],
)
def test_a_hybrid_model_only_builds_on_a_prompt_that_ends_at_the_typed_text(
    family: str, length: int, chat: bool, raw: bool
) -> None:
    """Measured with lfm2: after a chat-shaped warm-up 0 of 354 and 482 of 994 tokens were there."""
    template = template_of(family)
    history = [("system", "s" * (length * 4 - 300))]
    typed, whole = "How do I undo ", "How do I undo the last commit without losing my work?"

    async def play(is_raw: bool) -> tuple[int, int]:
        runner = Runner(replace(LAPTOP, is_hybrid=template.is_hybrid))
        prompt = template.render([*history, ("user", typed)])
        await _ask(runner, prompt[: prompt.index(typed) + len(typed)] if is_raw else prompt, ["x"])
        read = (await _ask(runner, template.render([*history, ("user", whole)]), ["x"])).read
        return read.cached, read.computed

    for is_raw, is_quick in ((False, chat), (True, raw)):
        cached, computed = run_virtually(play(is_raw))
        assert (computed < 40) is is_quick, (cached, computed)
        if not is_quick:
            assert computed > 300
            assert (cached > 0) is (length > 516)


@pytest.mark.parametrize(("family", "is_broken"), [("plain", False), ("thinking", True)])
def test_the_next_turn_finds_the_last_answer_only_where_the_template_keeps_it(
    family: str, is_broken: bool
) -> None:
    """A thinking model reads the last answer again, unless it was warmed: the bench's case "none"."""
    template, answer = template_of(family), ["word "] * 200
    asked = [("system", "s" * 2000), ("user", "q" * 200)]

    async def play() -> int:
        runner = Runner(LAPTOP)
        await _ask(runner, template.render(asked), [*answer, ""])
        return runner.uncached(template.render([*asked, ("assistant", "".join(answer)), ("user", "why?")]))

    assert (run_virtually(play()) > 200) is is_broken


@given(
    st.integers(0, 900), st.lists(st.text("xy ", max_size=3), max_size=30), st.integers(1, 40), st.booleans()
)
@settings(max_examples=60)
def test_every_token_is_read_or_there_and_every_piece_is_said(
    tokens: int, pieces: list[str], at_once: int, is_hybrid: bool
) -> None:
    """Nothing is lost or made up, however it is batched."""
    pace = replace(LAPTOP, is_hybrid=is_hybrid, overhead_s=0.01)

    async def play() -> None:
        runner, prompt = Runner(pace), _text(tokens)
        for text in (prompt, prompt + "more", prompt[: len(prompt) // 2], prompt):
            began, uncached = _now(), runner.uncached(text)
            seen = await _ask(runner, text, pieces, at_once=at_once)
            assert seen.read.cached + seen.read.computed == tokens_of(text)
            assert seen.read.computed == uncached
            assert seen.read.computed >= min(1, tokens_of(text))
            assert [piece for piece, _ in seen.pieces] == pieces
            took_s = 0.01 + seen.read.computed / 400 + max(0, len(pieces) - 1) * TOKEN_S
            assert _now() - began == pytest.approx(took_s)

    run_virtually(play())


def test_a_machine_without_a_pace_answers_at_once() -> None:
    """A test that is about something else must not wait."""

    async def play() -> float:
        runner = Runner(Pace())
        for number in range(20):
            await _ask(runner, _text(5000, "ab"[number % 2]), ["x"] * 100)
        await _leave(runner, _text(5000, "c"), 0)
        return _now()

    assert run_virtually(play()) == 0


@given(st.text("ab", max_size=40), st.text("ab", max_size=40), st.text("ab", max_size=400))
def test_what_two_texts_share_is_found_exactly(one: str, other: str, before: str) -> None:
    """It is found by halves, for speed; it must be what a look at every letter finds."""
    pairs = enumerate(zip(one, other, strict=False))
    same = next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))
    assert shared(before + one, before + other) == len(before) + same
