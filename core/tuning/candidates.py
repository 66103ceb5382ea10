"""Which models are measured: those that were named, or all that are here, can chat and fit."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from core.errors import HouseError
from core.providers.absence import none_there, not_there
from core.providers.base import ModelInfo, Provider
from core.providers.choice import always_thinks, can_chat, is_cloud, loads, memory_bytes, needs_show
from core.store.model_facts import full_names


class NotMeasured(HouseError):
    """What was asked for is nothing that can be measured."""

    kind = "not_measured"


class Candidates(NamedTuple):
    """What is measured, and what is not.

    Attributes:
        models: smallest first; each digest once.
        left_out: why a model that is here and answers questions is not measured, by its name.
    """

    models: tuple[ModelInfo, ...]
    left_out: Mapping[str, str]


def check_place(provider: Provider, *, is_own: bool) -> None:
    """Refuse a server whose speed says nothing of this machine.

    Args:
        is_own: the settings say that another machine counts as one's own.

    Raises:
        NotMeasured: It is one.
    """
    place = provider.place()
    if place == "demo":
        raise NotMeasured(
            "the demo's answers are prepared: there is nothing to measure",
            "Without --demo, `leadline tune` measures the models of your Ollama.",
        )
    if not provider.fetches:
        raise NotMeasured(
            f"{provider.name} at {provider.address} does not say how fast it loads, reads and writes",
            'Only an Ollama on this machine is measured: set fast.provider = "ollama".',
        )
    if place != "local" and not is_own:
        raise NotMeasured(
            f"the models run at {place}, not on this machine",
            "Name the host in speculation.own_hosts if it is your own, or set fast.base_url to this machine.",
        )


async def find_candidates(provider: Provider, names: Sequence[str]) -> Candidates:
    """The models to measure; none that was named is left out.

    Raises:
        ModelMissing: One that was named is not there, or none is.
        NotMeasured: One that was named runs elsewhere, or answers no questions.
        ProviderError: The server does not answer.
    """
    listed = (await provider.look()).models
    left_out: dict[str, str] = {}
    if names:
        chosen = [await _named(provider, listed, name) for name in names]
    else:
        shown = [await provider.show(model) if needs_show(model) else model for model in listed]
        memory = memory_bytes() if provider.place() == "local" else 0
        able = [model for model in shown if not is_cloud(model) and can_chat(model)]
        left_out = {model.name: why for model in able if (why := _why_not(model, memory))}
        chosen = [model for model in able if model.name not in left_out]
    if not chosen:
        raise none_there(provider, listed, memory_bytes())
    by_digest = {model.identity: model for model in reversed(chosen)}
    models = sorted(by_digest.values(), key=lambda model: (model.size_bytes, model.name))
    return Candidates(tuple(models), left_out)


def _why_not(model: ModelInfo, memory: int) -> str:
    """Why a model is only measured where it is named; empty where it is measured anyway."""
    if always_thinks(model):
        return "it thinks before every answer"
    return "" if loads(model, memory) else "it would not fit into memory"


async def _named(provider: Provider, listed: Sequence[ModelInfo], name: str) -> ModelInfo:
    by_name = {model.name: model for model in listed}
    model = next((by_name[full] for full in full_names(name) if full in by_name), None)
    if model is None:
        raise not_there(provider, name)
    if is_cloud(model):
        raise NotMeasured(f"{name} runs elsewhere, not on this machine", "Name a model that was pulled.")
    if needs_show(model):
        model = await provider.show(model)
    if not can_chat(model):
        raise NotMeasured(f"{name} answers no questions", "Name a model that does: `leadline models`.")
    return model
