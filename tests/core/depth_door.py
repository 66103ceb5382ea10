"""Depths with a real provider and a store in memory, as an engine has them."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from core.deep.arming import Prepared
from core.deep.depth import Depth
from core.deep.money import Estimate
from core.deep.question import DeepQuestion, Pack
from core.engine.build_provider import build_provider
from core.engine.depths import Depths
from core.engine.models import Models
from core.lanes import Lanes
from core.providers.base import Provider
from core.providers.deep.calls import DeepRequest
from core.providers.deep.limits import DeepLimits
from core.settings.model import DeepSettings, FastSettings, Settings
from core.store.database import Database
from core.store.facts import Facts
from tests.core.deep_door import MESSAGES, Told

ASKED = DeepQuestion("Why?")


@dataclass
class Stage:
    """What a test of depths needs."""

    depths: Depths
    provider: Provider
    models: Models
    lanes: Lanes

    async def hear(self, depth: Depth) -> Told:
        """One deep call at a depth, to its end."""
        told = Told()
        request = DeepRequest(
            depth.model, MESSAGES, depth.effort, 4096, depth.num_ctx, keep_alive=depth.keep_alive
        )
        async with aclosing(depth.caller.call(request)) as events:
            async for event in events:
                told.events.append(event)
        return told


@asynccontextmanager
async def stage(
    home: Path,
    deep: DeepSettings | None = None,
    fast: FastSettings | None = None,
    environ: dict[str, str] | None = None,
    *,
    limits: DeepLimits | None = None,
    again_s: float = 30.0,
    is_demo: bool = False,
) -> AsyncGenerator[Stage, None]:
    """Depths as an engine would make them; the home is empty."""
    settings = Settings(fast=fast or FastSettings(), deep=deep or DeepSettings())
    env = {"LEADLINE_HOME": str(home), **(environ or {})}
    provider = build_provider(settings, env, is_demo)
    database = Database.open(None, time.time)
    models, lanes = Models(provider, Facts(database), settings.fast), Lanes()
    depths = Depths(settings, env, provider, models, lanes, limits or DeepLimits(), again_s)
    try:
        yield Stage(depths, provider, models, lanes)
    finally:
        await depths.aclose()
        await provider.aclose()
        await asyncio.to_thread(database.close)


def prepared(depth: Depth) -> Prepared:
    """A run that could begin."""
    return Prepared(ASKED, depth, Pack("Why?", "Be brief."), Estimate(10))
