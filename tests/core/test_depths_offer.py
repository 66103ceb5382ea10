"""A vendor's key in the environment: offered in one line, used when taken, and for nothing else."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from core.providers.deep.vendors import VENDORS_AS_THEY_COME
from core.settings.api_keys import VENDORS, origin_of
from core.settings.model import DeepSettings
from tests.core.depth_door import ASKED, stage
from tests.core.test_depths import no_network

__all__ = ["no_network"]


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("variable", "name", "provider", "place"),
    [
        ("ANTHROPIC_API_KEY", "claude", "anthropic", "REMOTE api.anthropic.com"),
        ("OPENAI_API_KEY", "openai", "openai", "REMOTE api.openai.com"),
        ("OPENROUTER_API_KEY", "openrouter", "openai", "REMOTE openrouter.ai"),
        ("OLLAMA_API_KEY", "ollama cloud", "ollama", "REMOTE ollama.com"),
    ],
)
def test_a_key_is_offered_and_taken_for_this_process_alone(
    variable: str, name: str, provider: str, place: str, tmp_path: Path
) -> None:
    """Who has a key need not read a manual; who has none sees nothing of it."""

    async def main() -> None:
        environ = {variable: "sk-canary-1234567890", "LEADLINE_DEEP__API_KEY": "for-another-address"}
        deep = DeepSettings(base_url="https://box.example", api_key_cmd="echo for-another-address")
        async with stage(tmp_path, deep, environ=environ) as s:
            assert s.depths.offer() == f"{name} found in the environment · F4 uses it"
            said = s.depths.take_offer()
            assert said.endswith("leadline config set deep.provider keeps one for good")
            assert s.depths.offer() == s.depths.take_offer() == ""

            depth = await s.depths.find(ASKED)
            assert (depth.provider, depth.place, depth.is_free) == (provider, place, False)
            assert depth.model in said
            assert depth.note == f"{name} found in the environment, model as of November 2026"
            assert s.depths.deep.model == depth.model
            key = depth.caller._connection._at.key  # type: ignore[attr-defined]  # what only the wire may see
            assert key.source == variable
            assert (await s.depths.find(replace(ASKED, model="other"))).model == "other"
        assert not (tmp_path / "config.toml").exists()

    asyncio.run(main())


@pytest.mark.usefixtures("no_network")
def test_nothing_is_offered_to_who_has_chosen_or_has_no_key(tmp_path: Path) -> None:
    """An offer beside one's own setting would be advertising."""

    async def main() -> None:
        async with stage(tmp_path) as s:
            assert s.depths.offer() == s.depths.take_offer() == ""
        chosen = DeepSettings(provider="openai", base_url="http://127.0.0.1:1/v1", model="m")
        async with stage(tmp_path, chosen, environ={"ANTHROPIC_API_KEY": "sk-x"}) as s:
            assert s.depths.offer() == s.depths.take_offer() == ""
            assert (await s.depths.find(ASKED)).model == "m"

    asyncio.run(main())


def test_every_vendor_with_a_key_of_its_own_has_a_model_to_begin_with() -> None:
    """A key that is found and cannot be used would be a dead end."""
    assert VENDORS_AS_THEY_COME.keys() == VENDORS.keys()
    for name, vendor in VENDORS_AS_THEY_COME.items():
        settings = vendor.settings(DeepSettings())
        assert settings.model
        if settings.base_url:
            assert origin_of(settings.base_url) == VENDORS[name][0]
