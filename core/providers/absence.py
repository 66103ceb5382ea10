"""What is said when the model that should answer is not there, in words that fit who serves it."""

from core.errors import ModelMissing
from core.providers.base import ModelInfo, Provider
from core.providers.choice import is_cloud, propose


def not_there(provider: Provider, name: str) -> ModelMissing:
    """The model that was asked for is not at this provider."""
    if provider.place() == "demo":
        return ModelMissing(f"{name} is not installed", "The demo has one model only; leave -m away.")
    if not provider.fetches:
        return ModelMissing(
            f"{name} is not served at {provider.address}",
            "`leadline models` shows what is; choose one of them (F2 or -m).",
        )
    return ModelMissing(
        f"{name} is not installed", f"Fetch it with `leadline pull {name}`, or choose another (F2 or -m)."
    )


def none_there(provider: Provider, models: tuple[ModelInfo, ...], memory: int) -> ModelMissing:
    """None of the models can be taken unasked."""
    if not provider.fetches:
        return _none_served(provider, len(models))
    proposal = propose(memory)
    cloud = next((model.name for model in models if is_cloud(model)), "")
    also = f" {cloud} runs REMOTE, so it is never taken unasked (F2 or -m chooses it)." if cloud else ""
    return ModelMissing(
        "no local model is installed yet",
        f"Fetch one with `leadline pull {proposal.name}` (about {proposal.size_gb:g} GB).{also}",
    )


def _none_served(provider: Provider, count: int) -> ModelMissing:
    if not count:
        return ModelMissing(
            f"{provider.address} lists no model",
            "Load one in the program that runs there, or name one: fast.model in the settings, or -m.",
        )
    return ModelMissing(
        f"no model is chosen yet, and {provider.address} serves {count}",
        "Choose one with F2, `leadline models --use NAME` or fast.model (`leadline models` shows them).",
    )
