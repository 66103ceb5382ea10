"""The model is loaded and what comes before the next question has been read when it is asked."""

import asyncio
from contextlib import aclosing

import pytest

from core.messages import Message, Role
from core.providers.base import ModelInfo
from core.speculation.kept import kept_s
from core.speculation.level import Level
from core.speculation.ports import Answered
from core.speculation.power import Power
from core.speculation.speculator import NOTHING_AFTER_S
from core.speculation.speeds import FEW_TOKENS, MANY_TOKENS
from tests.core.ahead_stage import CPU, LAPTOP, LOAD_S, MODEL, Machine, Stage, play

LONG = " ".join(f"number{number}" for number in range(250))
ON_CPU = ModelInfo(
    MODEL, capabilities=frozenset({"completion", "thinking"}), loaded_ctx=8192, loaded_bytes=10
)
THINKING = frozenset({"completion", "thinking"})


def test_the_model_is_loaded_and_the_system_prompt_read_before_the_first_question() -> None:
    """The first answer starts as fast as any other."""

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(LOAD_S + 2)
        preload, *rest = stage.machine.sent
        assert preload.request.messages == ()
        assert rest[-1].request.messages[0] == stage.messages[0]
        heard = await stage.enter("what is it?")
        assert heard.first_s < 0.1
        assert stage.machine.sent[-1].computed < 25

    play(scene, most=Level.WARM)


def test_a_model_that_is_still_being_chosen_is_waited_for() -> None:
    """The screen is up before the server has said which models it has."""

    async def scene(stage: Stage) -> None:
        stage.is_model_known = False
        stage.speculator.begin(None)
        await asyncio.sleep(5)
        assert not stage.machine.sent
        stage.is_model_known = True
        await asyncio.sleep(LOAD_S + 3)
        assert stage.machine.is_loaded

    play(scene)


def test_the_first_key_does_not_stop_a_model_from_loading() -> None:
    """Ollama gives a load up when who asked for it leaves, and the next one begins it anew."""

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(LOAD_S / 2)
        stage.typed("h")
        asked = asyncio.ensure_future(stage.enter("hello there"))
        await asyncio.sleep(LOAD_S)
        assert stage.machine.sent[0].has_ended
        assert stage.machine.sent[0].over_at == pytest.approx(LOAD_S)
        await asked

    play(scene)


@pytest.mark.parametrize(
    ("pace", "info", "family", "most"),
    [
        (LAPTOP, ModelInfo(MODEL, capabilities=THINKING), "qwen3", MANY_TOKENS),
        (LAPTOP, ModelInfo(MODEL, capabilities=THINKING), "mistral", MANY_TOKENS),
        (LAPTOP, ModelInfo(MODEL, family="qwen35", capabilities=THINKING), "qwen35", MANY_TOKENS),
        (CPU, ON_CPU, "qwen3", FEW_TOKENS),
    ],
)
def test_after_an_answer_the_next_prompts_beginning_is_read_in_slices(
    pace: object, info: ModelInfo, family: str, most: int
) -> None:
    """A thinking model's slot holds its answer otherwise than the next prompt has it."""

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(20)
        await stage.enter("tell me all of them")
        before = len(stage.machine.sent)
        await asyncio.sleep(60)
        slices = stage.machine.sent[before:]
        assert len(slices) >= 2
        assert all(sent.computed <= most + 2 for sent in slices)
        assert all(sent.over_at is not None for sent in slices)
        await stage.enter("ok?")
        assert stage.machine.sent[-1].computed < 30

    play(scene, most=Level.WARM, pace=pace, info=info, family=family, answer=LONG)


def test_nothing_is_read_when_nothing_is_left_to_read() -> None:
    """A request that reads nothing is a request too."""

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(10)
        await stage.enter("what is it?")
        await asyncio.sleep(10)
        settled = len(stage.machine.sent)
        await asyncio.sleep(3600)
        assert len(stage.machine.sent) == settled
        stage.speculator.begin(1)
        await asyncio.sleep(10)
        assert len(stage.machine.sent) == settled + 1  # loading it, should it have gone meanwhile

    play(scene, most=Level.WARM)


def test_a_stored_answer_is_read_too() -> None:
    """The model has never said it, and the next question builds on it."""

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(10)
        stage.messages = (
            *stage.messages,
            Message(Role.USER, "what is it?"),
            Message(Role.ASSISTANT, LONG),
        )
        stage.speculator.answered(Answered(1, 1, "what is it?", LONG, "stop"), None)
        await asyncio.sleep(10)
        await stage.enter("why?")
        assert stage.machine.sent[-1].computed < 30

    play(scene, most=Level.WARM)


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_stopped_answer_costs_the_next_question_nothing_of_what_was_read(is_lost: bool) -> None:
    """To read a conversation from its beginning makes the server let go of all that it holds beyond.

    Only where the model itself may be gone is it read anew, and then there is nothing to let go of.
    """

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(20)
        await stage.enter("tell me all of them")
        await asyncio.sleep(60)
        asking = asyncio.ensure_future(stage.enter("stop me"))
        await asyncio.sleep(1)
        asking.cancel()
        await asyncio.wait({asking})
        if is_lost:
            stage.machine.forget()
        before = len(stage.machine.sent)
        stage.speculator.passed(is_lost=is_lost)
        await asyncio.sleep(60)
        read = sum(sent.computed for sent in stage.machine.sent[before:])
        assert read > 700 if is_lost else read < 40
        await stage.enter("ok?")
        assert stage.machine.sent[-1].computed < 30

    play(scene, most=Level.WARM, info=ModelInfo(MODEL, capabilities=THINKING), answer=LONG)


@pytest.mark.parametrize(("pace", "info"), [(CPU, ON_CPU), (LAPTOP, ModelInfo(MODEL, capabilities=THINKING))])
def test_a_conversation_that_the_server_holds_from_before_is_not_cut_back(
    pace: object, info: ModelInfo
) -> None:
    """`leadline -c` soon after leaving: a slice of it would make the server let go of all the rest."""

    async def scene(stage: Stage) -> None:
        stage.messages = (*stage.messages, Message(Role.USER, "all?"), Message(Role.ASSISTANT, LONG * 3))
        request = stage.now("and then?")
        async with aclosing(stage.machine.stream(request)) as pieces:  # by another process
            async for _ in pieces:
                pass
        stage.messages = (*request.messages, Message(Role.ASSISTANT, stage.machine.answer))
        before = len(stage.machine.sent)
        stage.speculator.begin(1)
        await asyncio.sleep(60)
        await stage.type("why is that, of all things?")
        await asyncio.sleep(5)
        assert [sent.request.messages for sent in stage.machine.sent[before:]] == [()]
        await stage.enter("why is that, of all things?")
        assert stage.machine.sent[-1].computed < 250

    play(scene, pace=pace, info=info)


@pytest.mark.parametrize("load_s", [LOAD_S, 0.0])
def test_a_conversation_of_which_nothing_is_held_is_read_where_that_is_known(load_s: float) -> None:
    """A model that was loaded just now holds nothing; else a slot that looks unused is left as it is."""

    async def scene(stage: Stage) -> None:
        stage.machine.is_loaded = not load_s
        stage.messages = (*stage.messages, Message(Role.USER, "all?"), Message(Role.ASSISTANT, LONG))
        stage.speculator.begin(1)
        await asyncio.sleep(60)
        whole = stage.now("ok?")
        assert (len(stage.machine.sent) > 2) == bool(load_s)
        await stage.enter("ok?")
        cold = Machine(stage.clock, is_loaded=True)
        async with aclosing(cold.stream(whole)) as pieces:
            await anext(pieces)
        computed = stage.machine.sent[-1].computed
        assert computed < 30 if load_s else computed <= cold.sent[-1].computed

    play(scene, most=Level.WARM)


def test_every_request_has_the_options_of_the_persons_own() -> None:
    """Any difference in them would make the server load the model anew."""

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(10)
        await stage.type("what is it that fails here?")
        await asyncio.sleep(1)
        await stage.enter("what is it that fails here?")
        await asyncio.sleep(10)
        options = {
            (sent.request.model, sent.request.profile, sent.request.think, sent.request.keep_alive)
            for sent in stage.machine.sent
        }
        assert len(options) == 1
        assert all(sent.request.num_predict >= 1 for sent in stage.machine.sent)

    play(scene)


REMOTE = ModelInfo(MODEL, remote_host="https://ollama.com", capabilities=THINKING)


@pytest.mark.parametrize(
    "machine",
    [{"info": REMOTE}, {"info": ModelInfo("another:1b")}, {"place_word": "REMOTE api.openai.com"}],
)
def test_nothing_goes_to_a_model_that_is_not_known_to_be_here(machine: dict[str, object]) -> None:
    """A cloud model behind a local port, one the server does not list, a host on the network."""

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(5)
        await stage.type("what is it that fails here?")
        await asyncio.sleep(2)
        await stage.enter("what is it that fails here?")
        await asyncio.sleep(60)
        assert not stage.machine.ahead
        if "place_word" in machine:
            assert not stage.machine.looks
        assert stage.speculator.judgement().level is Level.OFF or "info" in machine

    play(scene, most=Level.ALL, **machine)


def test_nothing_is_done_without_the_terminals_focus_and_all_of_it_when_it_is_back() -> None:
    """Nobody looks: the machine is somebody else's for the time."""

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(10)
        asked = asyncio.ensure_future(stage.enter("what is it?"))
        await asyncio.sleep(0.1)
        stage.speculator.focused(False)
        await asked
        before = len(stage.machine.sent)
        await asyncio.sleep(30)
        assert len(stage.machine.sent) == before
        stage.speculator.focused(True)
        await asyncio.sleep(5)
        assert len(stage.machine.sent) > before

    play(scene, most=Level.WARM, info=ModelInfo(MODEL, capabilities=THINKING))


def test_on_battery_it_is_warm_and_no_more() -> None:
    """What is typed is read when it is sent."""

    async def scene(stage: Stage) -> None:
        stage.power = Power.BATTERY
        stage.speculator.begin(None)
        await asyncio.sleep(10)
        before = len(stage.machine.sent)
        assert before
        await stage.type("what is it that fails on the other machine?")
        await asyncio.sleep(2)
        assert len(stage.machine.sent) == before

    play(scene, most=Level.ALL)


def test_nothing_goes_on_by_itself_for_long() -> None:
    """A deep run that takes an hour is not followed by work that nobody remembers asking for."""

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(10)
        await stage.enter("what is it?")
        before = len(stage.machine.sent)
        with stage.lanes.depth():
            await asyncio.sleep(NOTHING_AFTER_S + 60)
        await asyncio.sleep(60)
        assert len(stage.machine.sent) == before

    play(scene, most=Level.WARM, info=ModelInfo(MODEL, capabilities=THINKING))


def test_a_server_that_is_away_is_left_alone() -> None:
    """Nothing is sent to a model that could not be looked up."""

    async def scene(stage: Stage) -> None:
        machine: Machine = stage.machine
        machine.info = ModelInfo("nobody:1b")
        stage.speculator.begin(None)
        await asyncio.sleep(300)
        assert not machine.sent
        assert machine.looks <= 2

    play(scene)


def test_after_a_long_rest_nothing_is_taken_to_be_held() -> None:
    """The model was unloaded: a whole conversation read in one piece would hold the server for seconds."""

    async def scene(stage: Stage) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(10)
        await stage.enter("tell me all of them")
        await asyncio.sleep(1801)
        stage.machine.forget()
        before = len(stage.machine.sent)
        stage.typed("and why are they so many, of all things")
        await asyncio.sleep(20)
        assert stage.machine.sent[before].computed > 100
        assert all(sent.computed <= MANY_TOKENS for sent in stage.machine.sent[before:])

    play(scene, answer=LONG)


@pytest.mark.parametrize(
    ("keep_alive", "seconds"),
    [
        ("30m", 1800),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("90", 90),
        ("0", 0),
        ("-1", None),
        ("soon", None),
        ("", None),
    ],
)
def test_how_long_a_model_is_kept_is_read_as_ollama_reads_it(keep_alive: str, seconds: float | None) -> None:
    """What is not plain is taken to be for ever: then nothing is forgotten without need."""
    assert kept_s(keep_alive) == (float("inf") if seconds is None else seconds)


def test_a_model_that_cannot_be_loaded_is_not_loaded_again_until_it_has_answered() -> None:
    """Each try takes the server as long as the first, and tells nobody anything new."""

    async def scene(stage: Stage) -> None:
        stage.machine.is_too_large = True
        stage.speculator.begin(None)
        await asyncio.sleep(LOAD_S + 2)
        assert len(stage.machine.sent) == 1
        stage.speculator.passed(is_lost=True)
        stage.speculator.begin(None)
        await asyncio.sleep(60)
        assert len(stage.machine.sent) == 1

    play(scene)
