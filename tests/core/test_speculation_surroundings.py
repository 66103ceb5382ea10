"""Which model is on this machine: what was looked up for one is never said of another."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

import pytest

from core.errors import StoreUnavailable
from core.messages import Message, Role
from core.providers.base import ModelInfo, Profile, Request, ServerState
from core.settings.model import SpeculationSettings
from core.speculation.chip import Chip
from core.speculation.level import Level
from core.speculation.modesty import Judgement, Modesty
from core.speculation.power import Power
from core.speculation.prepared import Prepared, Shelf
from core.speculation.surroundings import LOOK_AGAIN_S, LOOK_ANEW_S, WRITES_SLOWLY, Surroundings
from core.store.database import Database
from core.store.speculation import SpeculationStore
from tests.clock import run_virtually
from tests.core.speculation_stage import Speaker

HERE, OTHER, CLOUD = "qwen3:4b", "llama3.2:3b", "glm-5:cloud"


class Shelves(Speaker):
    """A server with three models, which may take its time to say what one of them is."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: Callable[[], Awaitable[None]] | None = None
        self.models: tuple[ModelInfo, ...] = (
            ModelInfo(HERE, digest="a"),
            ModelInfo(OTHER, digest="b"),
            ModelInfo(CLOUD, remote_host="https://ollama.com:443"),
        )

    async def look(self) -> ServerState:
        return ServerState("1", self.models)

    async def show(self, model: ModelInfo) -> ModelInfo:
        if self.shown is not None:
            await self.shown()
        return model


def request(model: str, keep_alive: str = "30m") -> Request:
    messages = (Message(Role.USER, "not sent yet"),)
    return Request(model, messages, Profile(4096), 16, keep_alive=keep_alive)


def play(
    scene: Callable[[Surroundings, Shelves, list[str]], Coroutine[None, None, None]],
    refuses: Exception | None = None,
) -> None:
    """Play a scene on a virtual clock; the list has each model that was found, in order."""

    async def main() -> None:
        clock, found, server = asyncio.get_running_loop().time, list[str](), Shelves()

        def note(model: ModelInfo) -> None:
            found.append(model.name)
            if refuses is not None:
                raise refuses

        modesty = Modesty(SpeculationSettings(), clock, lambda: Power.MAINS)
        surroundings = Surroundings(server, modesty, note, lambda level: level, Level.ALL, clock)
        await scene(surroundings, server, found)
        await surroundings.aclose()

    run_virtually(main())


def test_a_cloud_model_chosen_while_another_is_looked_up_is_not_taken_for_that_one() -> None:
    """`/model` is one line, and an older server is slow to say what a model is: unsent text would leave."""

    async def scene(surroundings: Surroundings, server: Shelves, found: list[str]) -> None:
        async def chosen() -> None:
            surroundings.level(request(CLOUD))

        server.shown = chosen
        await surroundings.know(HERE)
        server.shown = None
        for _ in range(3):
            await asyncio.sleep(LOOK_AGAIN_S + 1)
            assert surroundings.level(request(CLOUD)) is Level.OFF
        assert surroundings.judgement().reason == "the model runs at ollama.com"
        assert surroundings.level(request(HERE)) is Level.ALL

    play(scene)


def test_what_is_known_of_a_model_is_told_again_when_it_is_spoken_of_again() -> None:
    """Speeds and delays are of one model: those of the one before would decide for it otherwise."""

    async def scene(surroundings: Surroundings, server: Shelves, found: list[str]) -> None:
        for model in (HERE, OTHER, HERE, HERE):
            await surroundings.know(model)
            await asyncio.sleep(LOOK_AGAIN_S + 1)
            surroundings.level(request(model))
        assert found == [HERE, OTHER, HERE]

    play(scene)


def test_a_store_that_refuses_to_say_what_was_measured_ends_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What asyncio says of a task that broke goes right across the screen."""

    async def scene(surroundings: Surroundings, server: Shelves, found: list[str]) -> None:
        await surroundings.know(HERE)
        assert surroundings.level(request(HERE)) is Level.ALL

    play(scene, StoreUnavailable("locked", "Wait."))
    assert caplog.records == []


@pytest.mark.parametrize("keep_alive", ["0", "0s", "1s"])
def test_a_model_that_is_not_kept_is_not_loaded_for_every_word(keep_alive: str) -> None:
    """Who wants the memory back at once would have the model loaded at each word end, for nothing."""

    async def scene(surroundings: Surroundings, server: Shelves, found: list[str]) -> None:
        await surroundings.know(HERE)
        assert surroundings.level(request(HERE, keep_alive)) is Level.OFF
        assert surroundings.judgement().reason == f"the model is kept for {keep_alive} only"
        assert surroundings.level(request(HERE, "-1")) is Level.ALL

    play(scene)


def test_a_model_that_another_program_made_a_cloud_model_meanwhile_is_found_out() -> None:
    """`ollama create` or `ollama cp` under the same name: what is typed next would leave this machine."""

    async def scene(surroundings: Surroundings, server: Shelves, found: list[str]) -> None:
        await surroundings.know(HERE)
        assert surroundings.level(request(HERE)) is Level.ALL
        server.models = (ModelInfo(HERE, remote_host="https://ollama.com:443"),)
        await asyncio.sleep(LOOK_ANEW_S + 1)
        await surroundings.know(HERE)  # as after each answer
        assert surroundings.level(request(HERE)) is Level.OFF

    play(scene)


def test_what_was_prepared_goes_with_the_model_that_made_it() -> None:
    """`ollama pull` brings another model under the same name: its answers are others."""
    shelf = Shelf(SpeculationStore(Database.open(None, lambda: 0.0)), "here", lambda: 0.0)
    asked = request(HERE)
    shelf.known(HERE, "a")
    shelf.put(Prepared(Chip(1, "why?", "model"), asked, 0.1, text="Because."))
    shelf.known(HERE, "a")
    assert shelf.find(asked) is not None
    shelf.known(HERE, "b")
    assert shelf.find(asked) is None


def test_follow_ups_that_no_slow_machine_answers_are_not_promised() -> None:
    """They are offered there as ever, so the level stays; what is said of them has to be true."""

    async def main() -> None:
        clock, server, is_slow = asyncio.get_running_loop().time, Shelves(), [True]
        modesty = Modesty(SpeculationSettings(), clock, lambda: Power.MAINS)
        surroundings = Surroundings(
            server, modesty, lambda model: None, lambda level: level, Level.ALL, clock, lambda: is_slow[0]
        )
        await surroundings.know(HERE)
        assert surroundings.judgement() == Judgement(Level.ALL, WRITES_SLOWLY)
        is_slow[0] = False
        assert surroundings.judgement() == Judgement(Level.ALL)
        is_slow[0] = True
        modesty.others()
        assert surroundings.judgement().reason not in ("", WRITES_SLOWLY)  # what leaves less is said
        await surroundings.aclose()

    run_virtually(main())
