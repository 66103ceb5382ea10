"""Deep questions where there is no network but loopback; prints what happened as JSON.

For a network namespace of its own: ``unshare -rn python -m tests.core.deep_without_network HOME``.
"""

import asyncio
import json
import sys
import time
from contextlib import suppress
from pathlib import Path

from core.errors import NothingHeard
from core.providers.deep.calls import Failed
from core.settings.model import DeepSettings, FastSettings
from tests.core.depth_door import ASKED, prepared, stage
from tests.server import OllamaServer, Script
from tests.shell.without_network import raise_loopback

KEYS = {"ANTHROPIC_API_KEY": "sk-ant-x", "OPENAI_API_KEY": "sk-x"}
ADDRESSES = {"name": "", "packets": "http://192.0.2.1:8000"}
PROXY = {"HTTPS_PROXY": "http://proxy.invalid:3128"}


async def happens(home: Path, base_url: str, fast_url: str, more: dict[str, str]) -> dict[str, object]:
    """A remote question, then what is done here instead."""
    deep = DeepSettings(provider="anthropic", model="claude-x", base_url=base_url, when_offline="local")
    async with stage(home, deep, FastSettings(base_url=fast_url), {**KEYS, **more}) as s:
        for _ in range(3):  # a busy machine may take longer than a look at it
            with suppress(NothingHeard):
                await s.models.ready(None)
                break
        began = time.perf_counter()
        depth = await s.depths.find(ASKED)
        told = await s.hear(depth)
        failed_s = time.perf_counter() - began
        assert isinstance(told.end, Failed)
        after = await s.depths.after_offline(prepared(depth))
        assert after.depth is not None
        text = (await s.hear(after.depth)).text
        whole_s = time.perf_counter() - began
        return {
            "kind": told.end.error.kind,
            "failed_s": failed_s,
            "here_s": whole_s - failed_s,
            "note": after.depth.note,
            "text": text,
        }


async def everything(home: Path) -> dict[str, object]:
    """By a name, by an address, and through a proxy whose name leads nowhere."""
    with OllamaServer(Script(thinking="Hm. ")) as server:
        results = {name: await happens(home, url, server.url, {}) for name, url in ADDRESSES.items()}
        results["proxy"] = await happens(home, "", server.url, PROXY)
        return dict(results)


if __name__ == "__main__":
    raise_loopback()
    print(json.dumps(asyncio.run(everything(Path(sys.argv[1])))))
