"""The one speculative request: never a second one, closed for the person, and sometimes theirs."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ProviderError, ProviderUnreachable
from core.events import TextDelta, Waiting, WaitReason
from core.lanes import Lanes
from core.messages import Message, Role
from core.providers.base import Ended, ModelInfo, Piece, Profile, Request
from core.speculation.background import FIRST_BYTE_S, QUIET_S, Background, Job, Purpose, begins
from core.speculation.delays import LEAST_MEASURED, TOO_LONG_MS, Delays
from core.speculation.held import Held
from core.speculation.level import Level
from core.speculation.speeds import FEW_TOKENS, MANY_TOKENS, Speeds
from tests.clock import run_virtually

GONE = ProviderUnreachable("nobody answers", "Start it.")


class Lane:
    """A lane, what it was told of, and a server that says words."""

    def __init__(self) -> None:
        self.now = asyncio.get_running_loop().time
        self.lanes, self.delays, self.speeds = Lanes(self.now), Delays(), Speeds()
        self.over: list[tuple[Job, bool]] = []
        self.closed_at: list[float] = []
        self.background = Background(
            self.lanes,
            self.delays,
            lambda job, is_adopted: self.over.append((job, is_adopted)),
            self.now,
            self.speeds,
        )

    async def words(
        self, *, ttft_s: float = 0.1, count: int = 20, error: Exception | None = None, loads_s: float = 0.0
    ) -> AsyncGenerator[Piece, None]:
        try:
            if loads_s:
                await asyncio.sleep(1)
                yield Waiting(WaitReason.LOADING, 1000.0)
                await asyncio.sleep(loads_s)
            await asyncio.sleep(ttft_s)
            for number in range(count):
                yield TextDelta(f"{number} ")
                await asyncio.sleep(0.025)
            if error is not None:
                raise error
            yield Ended("stop", output_tokens=count)
        except (GeneratorExit, asyncio.CancelledError):
            self.closed_at.append(self.now())
            raise

    def start(self, purpose: Purpose = Purpose.HEAD, *, uncached: int = 40, **words: object) -> Job:
        return self.background.start(purpose, lambda: self.words(**words), uncached)  # type: ignore[arg-type]  # by name


def play(scene: Callable[[Lane], Coroutine[None, None, None]]) -> None:
    async def main() -> None:
        lane = Lane()
        await scene(lane)
        await lane.background.aclose()

    run_virtually(main())


def test_there_is_never_a_second_one() -> None:
    """The server serves first come first: a queue of ours would stand before the person."""

    async def scene(lane: Lane) -> None:
        job = lane.start()
        assert not lane.background.is_free
        with pytest.raises(RuntimeError):
            lane.start()
        await job.wait()
        assert lane.background.is_free
        assert (lane.over[0][0], lane.over[0][1]) == (job, False)
        assert job.ended == Ended("stop", output_tokens=20)

    play(scene)


@pytest.mark.parametrize("lane_name", ["foreground", "depth"])
def test_it_is_closed_as_soon_as_somebody_waits(lane_name: str) -> None:
    """A question, or a deep run on this machine, takes the server without a wait."""

    async def scene(lane: Lane) -> None:
        job = lane.start()
        await asyncio.sleep(0.2)
        taken = getattr(lane.lanes, lane_name)
        with taken():
            at = lane.now()
            await asyncio.sleep(0.001)
            assert lane.closed_at == [at]
            assert not lane.background.is_free
            await asyncio.sleep(5)
        await job.wait()
        assert job.ended is None

    play(scene)


@pytest.mark.parametrize("purpose", [Purpose.PREFIX, Purpose.TYPING])
def test_what_was_only_to_read_is_not_heard_out_when_it_goes_on_to_speak(purpose: Purpose) -> None:
    """Some servers keep to no bound, and the person's question waits for what reads its beginning."""

    async def scene(lane: Lane) -> None:
        job = lane.start(purpose, count=500)
        job.is_left = True  # as when the question begins with what it reads
        await job.wait()
        assert job.said <= 2
        assert len(lane.closed_at) == 1
        assert lane.background.job is None

    play(scene)


def test_nothing_is_begun_while_what_was_closed_may_hold_the_server() -> None:
    """It was closed in its prefill: the server looks only once a second who is still there."""

    async def scene(lane: Lane) -> None:
        lane.start(uncached=200)  # half a second of reading
        await asyncio.sleep(0.05)
        lane.background.close()
        await asyncio.sleep(0.1)
        assert not lane.background.is_free
        began = lane.now()
        await lane.background.wait_until_free()
        assert 0.2 < lane.now() - began < 0.6

        lane.start()
        await asyncio.sleep(0.3)  # it speaks: the server hears of it with the next token
        lane.background.close()
        began = lane.now()
        await lane.background.wait_until_free()
        assert lane.now() - began < 0.1

    play(scene)


def test_it_rests_a_moment_after_an_answer() -> None:
    """The next question, or a second thought, is often near."""

    async def scene(lane: Lane) -> None:
        with lane.lanes.foreground():
            await asyncio.sleep(1)
        began = lane.now()
        assert not lane.background.is_free
        await lane.background.wait_until_free()
        assert lane.now() - began == pytest.approx(QUIET_S, abs=0.01)

    play(scene)


def test_a_running_one_becomes_the_persons_with_all_it_has_said() -> None:
    """Nothing is generated twice: what came is there at once, the rest as it comes, and nothing closes it."""

    async def scene(lane: Lane) -> None:
        job = lane.start()
        await job.wait_for_text(5)
        stream = lane.background.adopt(job)
        assert lane.background.job is None
        with lane.lanes.foreground():
            began = lane.now()
            pieces = [await anext(stream) for _ in range(5)]
            assert lane.now() == began
            pieces += [piece async for piece in stream]
        text = "".join(piece.text for piece in pieces if isinstance(piece, TextDelta))
        assert text == "".join(f"{number} " for number in range(20))
        assert isinstance(pieces[-1], Ended)
        assert lane.over == [(job, True)]
        assert not lane.closed_at

    play(scene)


def test_who_stops_an_adopted_one_closes_it_at_the_server() -> None:
    """Esc must work on it as on any answer."""

    async def scene(lane: Lane) -> None:
        job = lane.start()
        await job.wait_for_text(2)
        async with aclosing(lane.background.adopt(job)) as stream:
            await anext(stream)
        assert lane.closed_at == [lane.now()]

    play(scene)


def test_what_breaks_is_told_to_its_reader_or_to_nobody() -> None:
    """Nobody asked for it; but who has taken it over needs to know."""

    async def scene(lane: Lane) -> None:
        dropped = lane.start(count=1, error=GONE)
        await dropped.wait()
        assert dropped.error is GONE
        job = lane.start(count=1, error=GONE)
        await job.wait_for_text(1)
        with pytest.raises(ProviderError):
            async for _ in lane.background.adopt(job):
                pass
        bug = lane.start(count=0, error=ValueError("a bug"))
        await bug.wait()
        assert isinstance(bug.error, ValueError)

    play(scene)


def test_one_that_is_closed_before_it_ran_is_over_too() -> None:
    """A key can come in the very turn of the loop in which it was begun."""

    async def scene(lane: Lane) -> None:
        job = lane.start()
        lane.background.close()
        await job.wait()
        assert lane.over == [(job, False)]
        await lane.background.wait_until_free()

    play(scene)


def test_a_silent_one_is_given_up_but_a_loading_one_is_not() -> None:
    """Ollama stops loading when who asked for it leaves; a silent server has something else to do."""

    async def scene(lane: Lane) -> None:
        silent = lane.start(ttft_s=1000)
        await silent.wait()
        assert FIRST_BYTE_S <= lane.now() < FIRST_BYTE_S + 1
        assert isinstance(silent.error, ProviderError)
        loading = lane.start(loads_s=60)
        await loading.wait()
        assert loading.ended is not None
        preload = lane.start(Purpose.PRELOAD, ttft_s=60)
        await preload.wait()
        assert preload.ended is not None

    play(scene)


def test_loading_goes_on_beside_a_question() -> None:
    """The question needs the model too."""

    async def scene(lane: Lane) -> None:
        job = lane.start(Purpose.PRELOAD, ttft_s=10)
        with lane.lanes.foreground():
            await asyncio.sleep(1)
        assert not job.is_over
        await job.wait()
        assert job.ended is not None

    play(scene)


def _request(*texts: str, model: str = "m") -> Request:
    roles = (Role.SYSTEM, Role.USER, Role.ASSISTANT, Role.USER)
    messages = tuple(Message(role, text) for role, text in zip(roles, texts, strict=False))
    return Request(model, messages, Profile(4096), 10)


@pytest.mark.parametrize(
    ("read", "asked", "is_beginning"),
    [
        (("s", "how do"), ("s", "how do I"), True),
        (("s",), ("s", "how"), True),
        ((), ("s", "how"), True),
        (("s", "how do I"), ("s", "how do I"), True),
        (("s", "how do I"), ("s", "how do"), False),
        (("s", "what"), ("s", "how do"), False),
        (("t",), ("s", "how"), False),
        (("s", "how", "so"), ("s", "how", "so it is", "why"), True),
        (("s", "how", "not"), ("s", "how", "so it is", "why"), False),
    ],
)
def test_a_beginning_is_told_from_anything_else(
    read: tuple[str, ...], asked: tuple[str, ...], is_beginning: bool
) -> None:
    """Only what reads a beginning of the person's prompt may stay in front of it."""
    assert begins(_request(*read), _request(*asked)) is is_beginning
    assert not begins(_request(*read, model="other"), _request(*asked))


def test_delays_are_judged_once_there_are_enough_of_them() -> None:
    """One odd moment is none; a server that lets go slowly is read ahead for in small pieces only."""
    kept: list[tuple[str, float, bool]] = []
    delays = Delays(lambda model: [(900.0, True)] * 2, lambda model, ms, was: kept.append((model, ms, was)))
    delays.of("m")
    assert delays.p95_ms(was_prefilling=True) is None
    for _ in range(LEAST_MEASURED - 2):
        assert delays.may_prefill
        delays.note(TOO_LONG_MS + 1, was_prefilling=True)
    assert not delays.may_prefill
    assert delays.cap(Level.ALL) is Level.ALL
    for _ in range(30):
        delays.note(10.0, was_prefilling=True)
    assert delays.may_prefill  # what was measured lately counts
    for _ in range(LEAST_MEASURED):
        delays.note(TOO_LONG_MS + 1, was_prefilling=False)
    assert delays.cap(Level.ALL) is Level.WARM
    assert delays.cap(Level.OFF) is Level.OFF
    assert kept[0] == ("m", TOO_LONG_MS + 1, True)
    delays.of("another")
    assert delays.cap(Level.ALL) is Level.ALL


def test_a_slow_letting_go_makes_the_slices_small() -> None:
    """What is measured is obeyed."""

    async def scene(lane: Lane) -> None:
        assert lane.background.most_uncached == MANY_TOKENS
        for _ in range(LEAST_MEASURED):
            lane.delays.note(2000.0, was_prefilling=True)
        assert lane.background.most_uncached == FEW_TOKENS

    play(scene)


def test_speeds_are_guessed_then_learnt_and_odd_ones_move_nothing() -> None:
    """What is partly outside the GPU reads slowly; a prompt that was cached looks quick and is not."""
    speeds = Speeds()
    assert not speeds.is_slow
    speeds.guess(ModelInfo("m", loaded_bytes=10, loaded_vram_bytes=4))
    assert (speeds.is_slow, speeds.slice_tokens) == (True, FEW_TOKENS)
    for ms in (1000.0, 1000.0, 1000.0, 30.0):
        speeds.learn(Ended("stop", output_tokens=20, prefill_ms=ms, decode_ms=400.0), 300)
    assert speeds.prefill_per_s == pytest.approx(300)
    assert speeds.decode_per_s == pytest.approx(50)
    assert speeds.slice_tokens == MANY_TOKENS
    speeds.learn(Ended("stop", output_tokens=2, prefill_ms=500.0, decode_ms=400.0), 10)
    speeds.learn(Ended("stop"), 1000)
    assert speeds.prefill_per_s == pytest.approx(300)
    speeds.of("other")
    assert speeds.prefill_per_s == 400
    speeds.of("m")
    assert speeds.prefill_per_s == pytest.approx(300)


_TEXT = st.text(st.sampled_from("ab é漢 \n\ud800"), max_size=300)


@given(st.lists(_TEXT, min_size=1, max_size=4), st.lists(_TEXT, min_size=1, max_size=4), st.integers(20, 300))
def test_slices_end_at_the_whole_prompt_and_none_is_too_long(
    before: list[str], texts: list[str], most: int
) -> None:
    """Whatever was held and whatever comes: each slice reads a little more, the last one is the prompt."""
    held = Held()
    held.take(_request(*before), "an answer")
    asked = _request(*texts)
    for _ in range(2000):
        if not held.fresh_tokens(asked):
            break
        messages = held.next_slice(asked, most)
        part = Request("m", messages, Profile(4096), 10)
        assert begins(part, asked)
        assert held.fresh_tokens(part) <= max(most, 20)
        held.take(part)
    assert held.next_slice(asked, most) == asked.messages
    assert held.fresh_tokens(asked) == 0


def test_a_thinking_models_answer_is_read_again_and_anothers_is_not() -> None:
    """Its thoughts are left out of the next prompt, so the slot's copy of the answer is of no use."""
    for loses, least, most in ((True, 50, 70), (False, 0, 8)):
        held = Held()
        held.loses_answers = loses
        held.take(_request("s", "why"), "so it is " * 25)
        fresh = held.fresh_tokens(_request("s", "why", "so it is " * 25, ""))
        assert least <= fresh <= most
