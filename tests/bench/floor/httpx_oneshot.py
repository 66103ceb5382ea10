"""A bare one-shot script: import httpx, ask once, print what comes. Called with the server's address."""

import asyncio
import json
import sys

import httpx


async def main(url: str) -> None:
    """Ask, and print the answer piece by piece."""
    body = {"model": "qwen3.5:4b", "messages": [{"role": "user", "content": "hi"}], "think": False}
    async with (
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("POST", f"{url}/api/chat", json=body) as response,
    ):
        async for line in response.aiter_lines():
            sys.stdout.write(json.loads(line)["message"]["content"])
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
