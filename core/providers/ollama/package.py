"""The `ollama` package for what is rare: pull and show. Imported on first use, in a thread.

Importing it makes a default client from the environment, and dies of what it finds there: of some forms of
``OLLAMA_HOST`` that Ollama itself takes (a bare IPv6 address), of a SOCKS proxy, of a missing certificate
file. So these are out of sight for that moment.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from core.errors import (
    ModelMissing,
    NothingHeard,
    ProtocolBroken,
    ProviderError,
    ProviderUnreachable,
    ServerFailed,
    StreamCut,
)
from core.providers.base import ModelInfo, PullProgress
from core.providers.link import Link, import_httpx
from core.providers.ollama import failures, refusals
from core.providers.ollama.bounded import bound
from core.providers.ollama.catalogue import read_capabilities, read_window
from core.providers.ollama.limits import Limits
from core.sanitise import clean_line

if TYPE_CHECKING:
    import ollama

_HIDDEN = (
    "ollama_host",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "ssl_cert_file",
    "ssl_cert_dir",
)
_MOST_BYTES = 2**63 - 1
_RESUMES = "Pull again: it goes on where it stopped."


def import_package() -> None:
    """Import the package whatever the environment holds."""
    if "ollama" in sys.modules:
        return
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.lower() in _HIDDEN}
    try:
        import_httpx()
        import ollama  # noqa: F401
    finally:
        os.environ.update(hidden)


async def pull(link: Link, model: str, limits: Limits) -> AsyncGenerator[PullProgress, None]:
    """Fetch a model; bytes are summed over the layers seen so far.

    Raises:
        ProviderError: The server refused, failed, or went away; what is fetched stays with the server.
    """
    totals: dict[str, int] = {}
    done: dict[str, int] = {}
    status = ""
    async with _client(link, limits, model) as client:
        stream = await client.pull(model, stream=True)
        # The package keeps the download running for as long as its generator is not closed.
        async with aclosing(cast("AsyncGenerator[ollama.ProgressResponse, None]", stream)) as reports:
            while (progress := await _next(reports, status, limits)) is not None:
                if progress.digest:
                    totals[progress.digest] = _bytes(progress.total) or totals.get(progress.digest, 0)
                    done[progress.digest] = _bytes(progress.completed) or done.get(progress.digest, 0)
                status = clean_line(progress.status or "")[:120]
                total = _bytes(sum(totals.values()))
                yield PullProgress(status, min(_bytes(sum(done.values())), total or _MOST_BYTES), total)
    if status != "success":
        raise StreamCut(f"the download of {clean_line(model)} stopped", _RESUMES)


async def show(link: Link, model: ModelInfo, limits: Limits) -> ModelInfo:
    """The model with capabilities and context length filled in; as it was, if the server cannot say.

    Raises:
        ProviderError: The server does not answer.
    """
    try:
        async with _client(link, limits, model.name) as client:
            async with asyncio.timeout(limits.quick_s):
                answer = await client.show(model.name)
    except TimeoutError:
        raise NothingHeard(
            f"Ollama at {link.address.url} said nothing for {limits.quick_s:g} s",
            "Check what listens there, or restart Ollama.",
        ) from None
    except (ProviderUnreachable, ProtocolBroken):
        raise
    except ProviderError:
        return model  # one damaged model must not keep the others from being chosen
    said = (
        read_window(value)
        for key, value in (answer.modelinfo or {}).items()
        if key.endswith(".context_length")
    )
    return replace(
        model,
        family=model.family or clean_line((answer.details and answer.details.family) or ""),
        capabilities=read_capabilities(answer.capabilities),
        context_length=next(filter(None, said), model.context_length),
    )


@asynccontextmanager
async def _client(link: Link, limits: Limits, model: str) -> "AsyncIterator[ollama.AsyncClient]":
    """A client of the package for one call, which ends in errors of ours only."""
    try:
        url, options = await link.foreign_options()
        await asyncio.to_thread(import_package)
        import httpx
        import ollama

        options["event_hooks"]["response"] = [bound]
        client = ollama.AsyncClient(
            host=url, timeout=httpx.Timeout(None, connect=limits.connect_s), **options
        )
        try:
            yield client
        finally:
            await client.close()  # type: ignore[no-untyped-call]  # the package leaves it untyped
    except TimeoutError:
        raise
    except Exception as error:  # noqa: BLE001  (named by `_explain`, which raises what it does not know)
        raise _explain(error, link, model) from None


def _bytes(count: int | None) -> int:
    """How many bytes a report tells of, within what can be one."""
    return min(max(count or 0, 0), _MOST_BYTES)


async def _next(
    reports: "AsyncGenerator[ollama.ProgressResponse, None]", status: str, limits: Limits
) -> "ollama.ProgressResponse | None":
    """The next report; None at the end. Checking and unpacking a large model is silent work."""
    is_fetching = not status or status.startswith("pulling")
    limit_s = limits.report_s if is_fetching else limits.checking_s
    try:
        async with asyncio.timeout(limit_s):
            return await anext(reports, None)
    except TimeoutError:
        raise NothingHeard(
            f"Ollama has said nothing about the download for {limit_s:g} s", _RESUMES
        ) from None


def _explain(error: Exception, link: Link, model: str) -> ProviderError:
    """What the package lets through: its own errors, httpx's, and those of reading what is no JSON."""
    import ollama

    if isinstance(error, ollama.ResponseError):
        return _refused(error, link, model)
    if isinstance(error, json.JSONDecodeError) and not link.is_proxied:
        # Not always a stranger: the package ends a line at U+0085 and U+2028 too, in the midst of a text.
        return ProtocolBroken(
            "something of what came about the download cannot be read",
            f"{_RESUMES} If it stays, check that {link.address.url} is Ollama's own address.",
        )
    if isinstance(error, ValueError | AttributeError | TypeError | RecursionError) and not isinstance(
        error, UnicodeEncodeError
    ):
        return failures.not_ollama(link)
    named = failures.explain(error, link)
    return StreamCut(named.message, _RESUMES) if isinstance(named, StreamCut) else named


def _refused(error: "ollama.ResponseError", link: Link, model: str) -> ProviderError:
    text = clean_line(str(error.error))[:300]
    if text.lstrip().startswith("<"):
        return (
            failures.not_ollama(link)
            if link.is_proxied
            else ServerFailed(f"a web server answered HTTP {error.status_code}", "Check the address.")
        )
    if "file does not exist" in text or error.status_code == 404:
        return ModelMissing(
            f"there is no model {clean_line(model)} to fetch", "Look for its name at ollama.com/library."
        )
    if error.status_code > 0:
        return refusals.from_status(
            error.status_code, json.dumps({"error": text}).encode(), model, link.is_proxied
        )
    return ServerFailed(f"Ollama reports: {text}", _RESUMES)
