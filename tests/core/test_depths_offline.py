"""Without a way to the provider: what happens to a deep question, and how soon that is known."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.deep.question import DeepQuestion
from core.deep.yielding import YieldingCaller
from core.engine.depths import TRY_AGAIN_S, OfflineWay
from core.errors import HouseError
from core.providers.address import parse_address
from core.providers.deep.failures import Offline, Way
from core.providers.deep.limits import DeepLimits
from core.providers.deep.reach import PROBE_S, has_way
from core.settings.model import DeepSettings, FastSettings
from tests.core.depth_door import ASKED, prepared, stage
from tests.server import OllamaServer, Script

NAME = "qwen3.5:4b"


def away(when_offline: str = "ask", port: int = 9) -> DeepSettings:
    """A provider on a port where nobody is."""
    return DeepSettings(
        provider="anthropic",
        model="claude-x",
        base_url=f"http://127.0.0.1:{port}",
        when_offline=when_offline,  # type: ignore[arg-type]  # one of its words
    )


@contextmanager
def full_house() -> Iterator[int]:
    """A port that takes no connection and refuses none, as behind a firewall that drops."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(0)
        inside = []
        try:
            for _ in range(3):
                one = socket.socket()
                one.setblocking(False)
                one.connect_ex(door.getsockname())
                inside.append(one)
            yield door.getsockname()[1]
        finally:
            for one in inside:
                one.close()


@pytest.mark.parametrize(
    ("when_offline", "can_ask", "way"),
    [("ask", True, "ask"), ("ask", False, "local"), ("local", True, "local"), ("queue", False, "queue")],
)
def test_the_setting_says_what_is_done_when_there_is_no_way(
    when_offline: str, can_ask: bool, way: str, tmp_path: Path
) -> None:
    """Nobody stands before a failed run without knowing what can be done; in a pipe it is done here."""

    async def main() -> None:
        with OllamaServer(Script(thinking="Hm. ")) as server:
            async with stage(tmp_path, away(when_offline), FastSettings(base_url=server.url)) as s:
                depth = await s.depths.find(ASKED)
                told = await s.hear(depth)
                assert isinstance(told.failure.error, Offline)
                assert told.failure.error.ways[0] is Way.LOCAL
                after = await s.depths.after_offline(prepared(depth), can_ask=can_ask)
                assert after.way is OfflineWay(way)
                if way == "queue":
                    assert after.depth is None
                    return
                assert after.depth is not None
                assert isinstance(after.depth.caller, YieldingCaller)
                assert after.depth.note == f"no way to http://127.0.0.1:9: {NAME} thinks here"
                told = await s.hear(after.depth)
                assert (told.text, told.thinking) == ("Use `git switch`.", "Hm. ")

    asyncio.run(main())


def test_with_nothing_here_either_the_person_is_asked_or_told(tmp_path: Path) -> None:
    """A local depth that is not there is not offered."""

    async def main() -> None:
        for when_offline in ("ask", "local"):
            deep = away(when_offline)
            async with stage(tmp_path, deep, FastSettings(base_url="http://127.0.0.1:9")) as s:
                run = prepared(await s.depths.find(ASKED))
                if when_offline == "ask":
                    after = await s.depths.after_offline(run)
                    assert (after.way, after.depth) == (OfflineWay.ASK, None)
                else:
                    with pytest.raises(HouseError, match="is not running"):
                        await s.depths.after_offline(run)

    asyncio.run(main())


def test_a_queued_run_goes_on_when_there_is_a_way_again_and_at_once_on_demand(tmp_path: Path) -> None:
    """A bare connection finds it out: nothing is sent, and no name is looked up more often than told."""

    async def main() -> None:
        with OllamaServer() as server:
            port = server.port
            server.close()
            async with stage(tmp_path, away("queue", port), again_s=0.05) as s:
                depth = await s.depths.find(ASKED)
                again = asyncio.Event()
                waiting = asyncio.ensure_future(s.depths.wait_for_way(depth, again))
                await asyncio.wait({waiting}, timeout=0.12)
                assert not waiting.done()
                server.start()
                await asyncio.wait_for(waiting, 30)
                assert server.log == ()
            async with stage(tmp_path, away("queue", port)) as s:
                waiting = asyncio.ensure_future(s.depths.wait_for_way(depth, again))
                await asyncio.sleep(0)
                began = time.perf_counter()
                again.set()  # /retry
                await asyncio.wait_for(waiting, 30)
                assert time.perf_counter() - began < TRY_AGAIN_S / 2
                assert not again.is_set()

    asyncio.run(main())


def test_a_look_for_a_way_never_takes_longer_than_two_seconds() -> None:
    """Also where packets vanish, and with a proxy that is not there; nothing is sent to find out."""

    async def main() -> None:
        direct = parse_address("http://127.0.0.1:9", "deep.base_url")
        far = parse_address("https://192.0.2.1", "deep.base_url")
        with full_house() as port, OllamaServer() as server:
            dropped = parse_address(f"http://127.0.0.1:{port}", "deep.base_url")
            there = parse_address(server.url, "deep.base_url")
            began = time.perf_counter()
            assert not await has_way(direct, {})
            assert not await has_way(far, {"HTTPS_PROXY": "http://127.0.0.1:9"})
            assert not await has_way(far, {"HTTPS_PROXY": "socks5://127.0.0.1:9"})
            assert time.perf_counter() - began < 3 * PROBE_S
            assert not await has_way(dropped, {}, 0.2)
            assert await has_way(there, {})
            assert await has_way(far, {"HTTPS_PROXY": server.url})
            assert server.log == ()

    asyncio.run(main())
    assert PROBE_S <= 2.0
    assert DeepLimits().connect_s <= 2.0


def test_a_run_that_finds_nobody_says_so_at_once(tmp_path: Path) -> None:
    """Offline is known within two seconds, whatever the reason: no route, no name, or silence."""

    async def main() -> None:
        with full_house() as port:
            limits = DeepLimits(connect_s=0.3)
            async with stage(tmp_path, away(port=port), limits=limits) as s:
                began = time.perf_counter()
                told = await s.hear(await s.depths.find(DeepQuestion("Why?")))
                assert isinstance(told.failure.error, Offline)
                assert not told.failure.is_partial
                assert time.perf_counter() - began < 20

    asyncio.run(main())
