"""Embeddings add a maybe where words do not, and never cost anyone a loaded model."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import TypeVar

import pytest

from core.cache.found import Found, Hit, Wanted
from core.engine.embedding import Embedding, choose_embedder, fits_beside
from core.providers.address import parse_address
from core.providers.base import ModelInfo
from core.providers.demo import DemoProvider
from core.providers.ollama.provider import OllamaProvider
from tests.core.cache_stage import MODEL, SCOPE, Stage
from tests.server import Fault, Loaded, Model, OllamaServer, Script

CHAT = Model("qwen3.5:4b")
EMBEDDER = Model("all-minilm:latest", size=46_000_000, capabilities=("embedding",), embedding_length=384)
SCRIPT = Script(models=(CHAT, EMBEDDER), loaded=(Loaded(CHAT.name, 8192),))
STORED = "please, please can you please tell me how to draw the branch in the prompt please"
ASKED = "please, please can you please tell me how to blame the author in the margin please"
T = TypeVar("T")


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    with OllamaServer(SCRIPT) as running:
        yield running


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.database.close()


def wanted(text: str) -> Wanted:
    return Wanted(text, SCOPE, MODEL)


WANTED = wanted(ASKED)


def at(server: OllamaServer) -> OllamaProvider:
    return OllamaProvider(parse_address(server.url, "OLLAMA_HOST"), {})


def run(server: OllamaServer, stage: Stage, steps: Callable[[Embedding], Awaitable[T]]) -> T:
    """Some steps with one embedding at the server."""

    async def all_of_it() -> T:
        provider = at(server)
        try:
            return await steps(Embedding(provider, stage.database, "30m"))
        finally:
            await provider.aclose()

    return asyncio.run(all_of_it())


async def tend_then_ask(embedding: Embedding) -> tuple[int, int, Found | None]:
    """What the engine does: embed what is stored while nobody asks, then ask."""
    first, second = await embedding.tend(), await embedding.tend()
    return first, second, await embedding.maybe(WANTED)


def test_an_embedding_finds_what_words_do_not_and_only_offers_it(server: OllamaServer, stage: Stage) -> None:
    """The person gets one more thing to look at, and never an answer that a likeness chose."""
    stage.keep(STORED, "Set PS1.")
    assert stage.look_up(ASKED) is None

    embedded, again, found = run(server, stage, tend_then_ask)

    assert (embedded, again) == (1, 0)
    assert found is not None
    assert (found.outcome, found.question, found.text) == (Hit.MAYBE, STORED, "Set PS1.")
    assert found.differs
    sent = server.requests("/api/embed")[0].body
    assert (sent["model"], sent["truncate"], sent["input"]) == (EMBEDDER.name, False, [STORED])


def test_the_same_words_in_the_same_order_are_still_only_offered_by_an_embedding(
    server: OllamaServer, stage: Stage
) -> None:
    """Whatever a cosine says, to serve is for the rules alone."""
    stage.keep(STORED)

    async def steps(embedding: Embedding) -> Found | None:
        await embedding.tend()
        return await embedding.maybe(wanted(STORED))

    found = run(server, stage, steps)
    assert found is not None
    assert found.outcome is Hit.MAYBE


def test_an_embedding_model_is_never_loaded_beside_an_answer(server: OllamaServer, stage: Stage) -> None:
    """Loading takes the machine from the very answer that the person waits for."""
    stage.keep(STORED)

    assert run(server, stage, lambda embedding: embedding.maybe(WANTED)) is None
    assert server.requests("/api/embed") == ()


def test_a_model_that_drove_the_chat_model_out_is_never_asked_again(
    server: OllamaServer, stage: Stage
) -> None:
    """On a small machine one such exchange is already too much; it must not be repeated at every start."""
    server.script = replace(SCRIPT, memory_holds=1)
    stage.keep(STORED)

    embedded, again, found = run(server, stage, tend_then_ask)
    assert (embedded, again, found) == (1, 0, None)
    server.script = replace(SCRIPT, memory_holds=0)
    stage.keep("how do I list open ports on linux?")
    assert run(server, stage, tend_then_ask) == (0, 0, None)
    assert len(server.requests("/api/embed")) == 1


def test_nothing_is_embedded_while_the_chat_model_is_not_in_memory(stage: Stage) -> None:
    """Then nobody can tell whether there is room for both."""
    stage.keep(STORED)

    with OllamaServer(replace(SCRIPT, loaded=())) as server:
        assert run(server, stage, tend_then_ask) == (0, 0, None)
        assert server.requests("/api/embed") == ()


@pytest.mark.parametrize("models", [(CHAT,), (CHAT, replace(EMBEDDER, remote_host="https://far.example"))])
def test_without_a_model_of_its_own_the_server_is_left_alone(
    server: OllamaServer, stage: Stage, models: tuple[Model, ...]
) -> None:
    """Nothing is fetched unasked, and no question goes elsewhere to be embedded."""
    server.script = replace(SCRIPT, models=models)
    stage.keep(STORED)

    assert run(server, stage, tend_then_ask) == (0, 0, None)
    assert server.requests("/api/embed") == ()


@pytest.mark.parametrize("place", ["REMOTE gpu.example", "lan 192.168.1.7"])
def test_stored_questions_are_sent_to_no_other_machine(
    server: OllamaServer, stage: Stage, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """They were asked of another model, perhaps here; nobody said that a remote host may have them all."""
    monkeypatch.setattr(OllamaProvider, "place", lambda self, remote_host="": place)
    server.script = replace(SCRIPT, loaded=(*SCRIPT.loaded, Loaded(EMBEDDER.name, 512)))
    stage.keep(STORED)

    assert run(server, stage, tend_then_ask) == (0, 0, None)
    assert server.requests("/api/embed") == ()


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.PROXY_200, Fault.HANG_UP])
def test_whatever_fails_costs_a_maybe_only(server: OllamaServer, stage: Stage, fault: Fault) -> None:
    """It runs beside an answer, and must never be what that answer dies of."""
    stage.keep(STORED)
    server.script = replace(SCRIPT, fault=fault, fault_paths=("/api/embed",))

    assert run(server, stage, tend_then_ask) == (0, 0, None)


def test_without_numpy_nothing_is_asked(
    server: OllamaServer, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an extra: who did not install it loses maybes and nothing else."""
    monkeypatch.setattr("core.cache.vectors.is_possible", lambda: False)
    stage.keep(STORED)

    assert run(server, stage, tend_then_ask) == (0, 0, None)
    assert server.log == ()


def test_the_demo_has_no_embeddings(stage: Stage) -> None:
    """A provider that cannot embed is simply not asked."""
    embedding = Embedding(DemoProvider(), stage.database, "30m")

    assert asyncio.run(embedding.tend()) == 0
    assert asyncio.run(embedding.maybe(WANTED)) is None


def test_vectors_of_another_model_are_made_anew(server: OllamaServer, stage: Stage) -> None:
    """Two models share no space: a cosine between them is a number without a meaning."""
    stage.keep(STORED)
    assert run(server, stage, tend_then_ask)[0] == 1
    other = replace(EMBEDDER, digest="ab" * 32, embedding_length=100)
    server.script = replace(SCRIPT, models=(CHAT, other))

    embedded, _, found = run(server, stage, tend_then_ask)

    assert embedded == 1
    assert found is not None
    assert stage.count("vector") == 1


def test_a_forgotten_answer_leaves_no_vector(server: OllamaServer, stage: Stage) -> None:
    """A vector tells a good deal of its question."""
    kept = stage.keep(STORED)
    run(server, stage, tend_then_ask)
    assert stage.count("vector") == 1
    assert kept.entry is not None
    stage.entries.forget(kept.entry).result()

    assert stage.count("vector") == 0
    assert run(server, stage, lambda embedding: embedding.maybe(WANTED)) is None


def test_what_is_vetoed_is_not_offered_by_an_embedding_either(server: OllamaServer, stage: Stage) -> None:
    """For ever means by whichever way it was found."""
    stage.keep(STORED)
    found = run(server, stage, tend_then_ask)[2]
    assert found is not None
    stage.entries.veto(ASKED, found).result()

    assert run(server, stage, lambda embedding: embedding.maybe(WANTED)) is None


def info(name: str, **more: object) -> ModelInfo:
    return replace(ModelInfo(name, digest="d", size_bytes=100), **more)  # type: ignore[arg-type]  # the test's own


def test_the_smallest_embedding_model_is_taken_and_one_in_memory_first() -> None:
    """It runs beside the answer, so that what counts is what it costs."""
    chat = info("qwen3:4b", capabilities=frozenset({"completion"}))
    small, large = info("nomic-embed-text", size_bytes=10), info("mxbai-embed-large", size_bytes=90)
    told = info("x", capabilities=frozenset({"embedding"}))

    assert choose_embedder([chat]) is None
    assert choose_embedder([chat, large, small]) == small
    assert choose_embedder([small, replace(large, loaded_ctx=512)]) == replace(large, loaded_ctx=512)
    assert choose_embedder([chat, told]) == told
    assert choose_embedder([info("embed-x:cloud"), replace(small, digest="")]) is None


def test_room_is_not_hoped_for() -> None:
    """A model that fills the GPU has no neighbour; nor has one that fills the machine."""
    small = info("embed", size_bytes=50_000_000)
    on_gpu = info("chat", loaded_bytes=4_000_000_000, loaded_vram_bytes=4_000_000_000)

    assert fits_beside(small, [on_gpu], 16_000_000_000)
    assert fits_beside(small, [on_gpu], 0)
    assert not fits_beside(small, [replace(on_gpu, loaded_vram_bytes=3_000_000_000)], 16_000_000_000)
    assert not fits_beside(small, [on_gpu], 5_000_000_000)
    assert not fits_beside(replace(small, size_bytes=8_000_000_000), [on_gpu], 64_000_000_000)
