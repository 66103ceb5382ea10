"""What both Textual chats share: a question to the server, and its pieces; httpx comes behind the paint."""

import argparse
import asyncio
import importlib
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

MODEL = "qwen3.5:4b"

Said = list[dict[str, str]]


def arguments() -> tuple[str, Said]:
    """The server's address, and what was said before."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--before", type=argparse.FileType(encoding="utf-8"), help="messages, as JSON")
    given = parser.parse_args()
    return given.url, json.load(given.before) if given.before else []


class Client:
    """A conversation with the server, as short as can be."""

    def __init__(self, url: str, said: Said) -> None:
        self._url = url
        self._said = said
        self._http: httpx.AsyncClient | None = None

    async def open(self) -> None:
        """Import httpx in a thread, as it would otherwise be a wait in the first question."""
        http = await asyncio.to_thread(importlib.import_module, "httpx")
        self._http = http.AsyncClient(trust_env=False, verify=False, timeout=600)

    async def ask(self, question: str) -> AsyncIterator[str]:
        """Send it behind all that was said, and yield the answer's pieces."""
        if self._http is None:
            await self.open()
        assert self._http is not None
        self._said.append({"role": "user", "content": question})
        body = {"model": MODEL, "messages": self._said, "think": False, "stream": True}
        answer: list[str] = []
        rest = b""
        async with self._http.stream("POST", f"{self._url}/api/chat", json=body) as response:
            async for data in response.aiter_raw():
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    text = json.loads(line)["message"]["content"]
                    answer.append(text)
                    yield text
        self._said.append({"role": "assistant", "content": "".join(answer)})
