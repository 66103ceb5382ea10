"""Going on behind a head: the very text that the answer would have had, on a real server, in every family."""

import asyncio
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import TextDelta
from core.messages import Message, Role
from core.providers.base import Ended, Profile, Request
from core.speculation.continuing import Continuing, behind, cut_at_word, with_head
from tests.core.ollama_door import NAME, PATIENT, at
from tests.server import OllamaServer
from tests.server.models import Model
from tests.server.script import Script

REPLY = (
    "Use", " `git", " switch", " -`", ".\n\n", "1.", " It", " goes", " back", ":\n", "   ```", "sh\n",
    "   git", " switch", " -\n", "   ```", "\n\n", "Café", " 東", "京", " —", " done", ".",
)  # fmt: skip
REQUEST = Request(
    NAME,
    (Message(Role.SYSTEM, "Be short."), Message(Role.USER, "How do I go back?\n\nAnd why?  ")),
    Profile(4096),
    512,
)


async def goes_on(server: OllamaServer, pieces: int) -> tuple[str, Ended | None]:
    """The answer of a head of so many pieces and of what the server puts behind it."""
    provider = at(server, PATIENT)
    try:
        continuing = Continuing(provider)
        assert await continuing.learn(REQUEST)
        head = cut_at_word("".join(REPLY[:pieces]))
        rest = continuing.rest(REQUEST, head, pieces)
        assert rest is not None
        text, ended = "", None
        async with aclosing(with_head(head, pieces, rest())) as stream:
            async for piece in stream:
                if isinstance(piece, TextDelta):
                    text += piece.text
                elif isinstance(piece, Ended):
                    ended = piece
        return text, ended
    finally:
        await provider.aclose()


@pytest.mark.parametrize("family", ["plain", "qwen3", "closing", "mistral3", "gemma3", "qwen35", "lfm2"])
def test_a_head_and_its_rest_are_the_answer_token_for_token(family: str) -> None:
    """Wherever it was cut: in a list, in code, behind a line's end, between letters that need no space."""
    with OllamaServer(Script(models=(Model(NAME, family=family),), reply=REPLY)) as server:
        for pieces in range(2, len(REPLY)):
            text, ended = asyncio.run(goes_on(server, pieces))
            assert text == "".join(REPLY), (family, pieces)
            assert ended is not None
            assert ended.reason == "stop"


def test_a_server_that_does_not_show_its_prompts_is_asked_once() -> None:
    """An older one takes the question for a question, and would answer it."""

    async def main(server: OllamaServer) -> None:
        provider = at(server, PATIENT)
        continuing = Continuing(provider)
        for _ in range(3):
            assert not await continuing.learn(REQUEST)
        assert continuing.rest(REQUEST, "Use", 1) is None
        await provider.aclose()

    with OllamaServer(Script(reply=REPLY, shows_prompts=False)) as server:
        asyncio.run(main(server))
        assert len(server.requests("/api/chat")) == 1


def test_what_goes_on_has_what_is_left_of_the_bound() -> None:
    """Two parts of one answer are not allowed more than one."""
    assert behind(REQUEST, "Use", 12).num_predict == 500
    assert behind(REQUEST, "Use", 9999).num_predict == 1
    assert behind(Request(NAME, (), Profile(1), -1), "Use", 9).num_predict == -1


@given(st.text(alphabet=" \n\tab.東é", max_size=30))
def test_a_head_ends_behind_a_whole_word(text: str) -> None:
    """Models write a word with the space before it: neither half a word nor a bare space is left."""
    cut = cut_at_word(text)
    assert text.startswith(cut)
    assert not cut or not cut[-1].isspace()
    rest = text[len(cut) :]
    assert not cut or not rest or rest[0].isspace() or cut[-1] == "東"
