"""Which model answers at once: a table of what people have installed, and what they should get."""

from dataclasses import replace

import pytest

from core.providers.base import ModelInfo
from core.providers.choice import (
    GIB,
    MeasuredHere,
    always_thinks,
    can_chat,
    choose,
    cloud_host,
    is_cloud,
    memory_bytes,
    needs_show,
    propose,
    think_for,
)

CHATS = frozenset({"completion"})
MEMORY = 16 * GIB


def model(name: str, billions: float = 4.0, gib: float = 0.0, **more: object) -> ModelInfo:
    """An installed model; its file has about 0.7 bytes a weight."""
    size = round((gib or billions * 0.65) * GIB)
    made = ModelInfo(name, size_bytes=size, parameters=billions * 1e9, capabilities=CHATS)
    return replace(made, **more)  # type: ignore[arg-type]  # the names are the test's own


def loaded(info: ModelInfo, on_gpu: bool = False) -> ModelInfo:
    return replace(
        info,
        loaded_ctx=8192,
        loaded_bytes=info.size_bytes,
        loaded_vram_bytes=info.size_bytes if on_gpu else 0,
    )


def choice(*models: ModelInfo, memory: int = MEMORY) -> str | None:
    """The chosen model's name, which must not depend on the order of the list."""
    forth, back = choose(models, memory), choose(models[::-1], memory)
    assert (forth and forth.model.name) == (back and back.model.name)
    assert forth is None or forth.reason
    return forth.model.name if forth else None


CLOUD = (
    model("gpt-oss:120b-cloud", 120, 0.001),
    model("glm-4.6:cloud", 300, 0.001),
    model("mine", 4, remote_host="https://ollama.com:443"),
)
CANNOT_CHAT = (
    model("nomic-embed-text:latest", 0.1, capabilities=frozenset({"embedding"})),
    model("flux:latest", 4, capabilities=frozenset({"image"})),
    model("nomic-embed-text:latest", 0.1, capabilities=None),
    model("mxbai-embed-large:latest", 0.3, capabilities=None),
    model("all-minilm:latest", 0.02, capabilities=None),
    model("bge-m3:latest", 0.5, capabilities=None),
    model("embeddinggemma:latest", 0.3, capabilities=None),
    model("paraphrase-multilingual:latest", 0.3, capabilities=None),
    model("granite-thing:30m", 0.03, family="bert", capabilities=None),
    model("moondream:latest", 1.8),
    model("llava:7b", 7),
    model("bakllava:7b", 7),
    model("deepseek-ocr:3b", 3),
    model("llama-guard3:8b", 8),
    model("shieldgemma:2b", 2),
    model("llama3:8b-text", 8),
    model("gemma:2b-text-q4_0", 2),
    model("qwen2.5-coder:7b-base", 7),
    model("qwen2.5-coder:1.5b-base-q8_0", 1.5),
    model("codellama:7b-code", 7),
    model("codellama:code", 7),
)
THINKS = (
    model("gpt-oss:20b", 20, 4.0, family="gptoss"),
    model("renamed:latest", 20, 4.0, family="gptoss"),
    model("deepseek-r1:1.5b", 1.5),
    model("qwq:32b", 3),
    model("qwen3:4b-thinking-2507-q4_K_M", 4),
    model("lfm2.5-thinking:1.2b", 1.2),
    model("phi4-mini-reasoning:3.8b", 3.8),
    model("magistral:24b", 3),
)


@pytest.mark.parametrize("info", CLOUD, ids=lambda info: info.name)
def test_a_cloud_model_is_never_chosen(info: ModelInfo) -> None:
    """What is asked without choosing stays here; a model of 300 billions is no reason."""
    assert is_cloud(info)
    assert cloud_host(info) == "https://ollama.com" + (":443" if info.remote_host else "")
    assert choice(info) is None
    assert choice(info, model("llama3.2:1b", 1.2)) == "llama3.2:1b"


@pytest.mark.parametrize("info", CANNOT_CHAT, ids=lambda info: info.name)
def test_what_cannot_chat_is_never_chosen(info: ModelInfo) -> None:
    """An embedding model refuses; a base model goes on with the question instead of answering it."""
    assert not can_chat(info)
    assert choice(info) is None
    assert choice(info, model("smollm2:135m", 0.135)) == "smollm2:135m"


@pytest.mark.parametrize(
    "name",
    [
        "granite-code:8b",
        "qwen2.5-coder:7b",
        "codellama:7b",
        "codegemma:7b-instruct",
        "llama3.2-vision:11b",
        "hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M",
        "textbook:1b",
        "database:7b",
    ],
)
def test_what_only_sounds_like_it_can_chat(name: str) -> None:
    """A name is a poor witness; it must not condemn the innocent."""
    assert can_chat(model(name, capabilities=None))


@pytest.mark.parametrize("info", THINKS, ids=lambda info: info.name)
def test_what_always_thinks_is_chosen_only_when_nothing_else_is_there(info: ModelInfo) -> None:
    """Thinking first is seconds before the first word; a weaker model answers meanwhile."""
    assert always_thinks(info)
    assert choice(info, model("llama3.2:1b", 1.2)) == "llama3.2:1b"
    assert choice(info) == info.name


def test_what_cannot_load_is_worse_than_what_thinks() -> None:
    """A model beyond the machine's memory gives no answer at all."""
    assert choice(model("llama3.3:70b", 70, 42), model("deepseek-r1:1.5b", 1.5)) == "deepseek-r1:1.5b"


@pytest.mark.parametrize(
    ("memory_gib", "chosen"),
    [(8, "llama3.2:3b"), (16, "qwen3.5:9b"), (64, "qwen3.5:9b"), (4, "llama3.2:1b"), (0, "llama3.1:8b")],
)
def test_the_strongest_that_fits_the_memory_is_chosen(memory_gib: int, chosen: str) -> None:
    """The file takes at most two fifths: the window, the system and the work need theirs."""
    models = (
        model("llama3.2:1b", 1.2, 1.3),
        model("llama3.2:3b", 3.2, 2.0),
        model("llama3.1:8b", 8, 4.9),
        model("qwen3.5:9b", 9, 6.1),
        model("qwen3.6:27b", 27, 17),
    )

    assert choice(*models[:4], memory=memory_gib * GIB) == chosen
    if memory_gib <= 16:
        assert choice(*models, memory=memory_gib * GIB) == chosen


def test_what_is_on_the_gpu_already_fits() -> None:
    """Memory is counted for the processor; what is wholly on a GPU has shown that it fits."""
    big, small = model("gemma4:12b", 12, 8), model("gemma3:1b", 1, 0.8)

    assert choice(big, small) == "gemma3:1b"
    assert choice(loaded(big), small) == "gemma3:1b"
    assert choice(loaded(big, on_gpu=True), small) == "gemma4:12b"


def test_nothing_fits_then_the_smallest_is_better_than_none() -> None:
    """Slow is an answer too, and the reason says it."""
    models = (model("a:14b", 14, 5), model("b:13b", 13, 4.5))

    assert choice(*models, memory=8 * GIB) == "b:13b"
    chosen = choose(models, 8 * GIB)
    assert chosen is not None
    assert "fit" in chosen.reason


def test_of_a_mixture_of_experts_the_active_weights_count() -> None:
    """Thirty billions of which three work are as good as six or so, and as quick as three."""
    sparse, dense = model("qwen3:30b-a3b", 30, 4), model("qwen3:8b", 8, 4)

    assert choice(sparse, dense) == "qwen3:8b"
    assert choice(sparse, model("qwen3:4b", 4)) == "qwen3:30b-a3b"
    assert choice(model("mix:30b", 30, 4, family="qwen3moe"), model("plain:8b", 8)) == "plain:8b"


def test_a_loaded_model_wins_a_tie_and_nothing_more() -> None:
    """Loading costs seconds once; a weaker answer costs every time."""
    first, second = model("a:4b"), model("b:4b")
    strong, weak = model("a:8b", 8), model("b:4b", 4)

    assert choice(first, loaded(second)) == "b:4b"
    assert choice(loaded(first), second) == "a:4b"
    assert choice(strong, loaded(weak)) == "a:8b"


def test_of_equals_the_newest_is_chosen_whatever_its_time_zone() -> None:
    """What was fetched last is what the person is interested in."""
    older = model("a:4b", modified_at="2026-01-02T00:30:00.123456789+09:00")
    newer = model("b:4b", modified_at="2026-01-01T20:00:00Z")
    never = model("c:4b", modified_at="soon")

    assert choice(older, newer, never) == "b:4b"
    assert choice(loaded(older), newer) == "a:4b"


def test_a_newer_generation_outdoes_a_little_more_weight() -> None:
    """Four billions of this year are better than seven of three years ago."""
    assert choice(model("qwen3.5:4b", 4.7), model("mistral:6b", 6)) == "qwen3.5:4b"
    assert (
        choice(model("frob/qwen3.5-instruct:4b", 4.7), model("qwen3:4b", 4.7)) == "frob/qwen3.5-instruct:4b"
    )
    assert choice(model("qwen2.5vl:7b", 7), model("qwen2.5:7b", 7)) == "qwen2.5:7b"


def test_an_old_server_that_says_no_capabilities_is_asked_for_candidates_only() -> None:
    """Asking costs a request each; names alone rule most of the others out."""
    unsaid = model("llama3.2:3b", capabilities=None)

    assert needs_show(unsaid)
    assert not needs_show(model("llama3.2:3b"))
    assert not needs_show(model("nomic-embed-text", capabilities=None))
    assert not needs_show(model("x:cloud", capabilities=None))
    assert choice(unsaid, model("bge-m3", 9, capabilities=None)) == "llama3.2:3b"


def test_no_model_is_no_choice() -> None:
    """Then the first minute begins, with a proposal of what to fetch."""
    assert choice() is None


@pytest.mark.parametrize("memory_gib", [0, 4, 8, 16, 64])
def test_what_is_proposed_could_be_chosen(memory_gib: int) -> None:
    """After the download it must be the answer to the question that started it."""
    proposal = propose(memory_gib * GIB)
    fetched = model(proposal.name, 3.0, proposal.size_gb)

    assert choice(fetched, memory=memory_gib * GIB) == proposal.name
    assert can_chat(fetched)
    assert not always_thinks(fetched)


def test_only_gpt_oss_is_asked_for_a_level_of_thinking() -> None:
    """It cannot be told to stop; every other model can, or ignores it."""
    assert think_for(model("gpt-oss:20b")) == "low"
    assert think_for(model("mine", family="gptoss")) == "low"
    assert [think_for(info) for info in (model("qwen3:4b"), model("deepseek-r1:8b"), model("llama3.2"))] == [
        False
    ] * 3


def test_the_memory_of_this_machine_is_known() -> None:
    """It decides what fits; a number that is wildly wrong would choose wrongly for everybody."""
    assert GIB / 4 < memory_bytes() < 64 * 1024 * GIB


def measured(**found: tuple[float, float]) -> dict[str, MeasuredHere]:
    """Warm first token and worth, by the name's first part."""
    return {
        f"{name}:latest": MeasuredHere(ttft_s, ttft_s <= 1.0, worth, f"at {ttft_s} s")
        for name, (ttft_s, worth) in found.items()
    }


TWO, FOUR, EIGHT = (
    model(f"{name}:latest", size) for name, size in (("two", 2.0), ("four", 4.0), ("eight", 8.0))
)


@pytest.mark.parametrize(
    ("found", "expected", "why"),
    [
        (measured(), "eight:latest", "the strongest"),
        (
            measured(two=(0.1, 0.05), four=(0.3, 0.07), eight=(1.6, 0.09)),
            "four:latest",
            "measured here, at 0.3 s",
        ),
        (measured(two=(0.1, 0.05)), "eight:latest", "the strongest"),
        (measured(two=(0.1, 0.05), four=(0.3, 0.07)), "four:latest", "the best that was measured here"),
        (measured(eight=(0.4, 0.09)), "eight:latest", "the best that was measured here"),
        (measured(eight=(1.6, 0.09)), "four:latest", "the strongest"),
        (measured(four=(1.3, 0.07), eight=(1.6, 0.09)), "two:latest", "the installed model that fits"),
        (measured(two=(1.2, 0.03), four=(1.3, 0.07), eight=(1.6, 0.09)), "two:latest", "the quickest"),
        (measured(gone=(0.1, 0.9)), "eight:latest", "the strongest"),
    ],
)
def test_what_was_measured_goes_before_what_is_believed(
    found: dict[str, MeasuredHere], expected: str, why: str
) -> None:
    """The best that is responsive; else what nobody has measured; else the quickest of the slow ones.

    A measuring stopped behind its first model, the smallest, does not take everybody down to that one.
    """
    chosen = choose((TWO, FOUR, EIGHT), MEMORY, found)
    assert chosen is not None
    assert chosen.model.name == expected
    assert why in chosen.reason
