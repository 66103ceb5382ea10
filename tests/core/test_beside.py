"""What is looked for beside an answer can fail in any way, and the answer is there all the same."""

import asyncio
import gc
from collections.abc import Callable, Coroutine

import pytest

from core.cache.found import Found, Hit
from core.engine.beside import Beside
from core.errors import ProtocolBroken
from core.providers.address import parse_address
from core.providers.link import Link
from core.providers.ollama.embed import read_vectors
from tests.core.asking import settled

FOUND = Found(Hit.MAYBE, 1, 1, "q", "a", "m", "p", "local", 0.0)


async def breaks() -> Found | None:
    raise OverflowError("a bug")


async def finds() -> Found | None:
    return FOUND


async def breaks_when_it_is_left() -> Found | None:
    try:
        await asyncio.Event().wait()
    finally:
        raise OverflowError("a bug")


@pytest.mark.parametrize(("search", "offered"), [(finds, FOUND), (breaks, None)])
def test_a_search_that_breaks_has_found_nothing(
    search: Callable[[], Coroutine[None, None, Found | None]], offered: Found | None
) -> None:
    """An offer is a nicety; the answer it stands beside is what the person waits for."""

    async def main() -> None:
        beside = Beside(None, search())
        await settled()
        assert beside.take() == offered
        assert beside.take() is None
        beside.close()

    asyncio.run(main())


@pytest.mark.parametrize("search", [breaks, breaks_when_it_is_left])
def test_an_error_that_nobody_takes_is_not_complained_of(
    search: Callable[[], Coroutine[None, None, Found | None]],
) -> None:
    """The event loop would write it across the screen long after the answer."""
    complaints: list[dict[str, object]] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        beside = Beside(None, search())
        await settled()
        beside.close()
        await settled()
        del beside
        gc.collect()

    asyncio.run(main())
    assert complaints == []


@pytest.mark.parametrize(
    "number", [10**400, -(10**400), float("inf"), float("nan"), "1", None], ids=lambda n: str(n)[:5]
)
def test_what_is_no_vector_is_an_error_that_can_be_named(number: object) -> None:
    """A whole number with four hundred digits is JSON; it must not come out as a bug of ours."""

    async def main() -> None:
        link = Link(parse_address("http://127.0.0.1:1", "OLLAMA_HOST"), {})
        try:
            with pytest.raises(ProtocolBroken):
                read_vectors({"embeddings": [[0.5, number]]}, 1, link)
        finally:
            await link.aclose()

    asyncio.run(main())
