"""The `ollama` package for what is rare: pull and show. Imported on first use, in a thread.

Importing it makes a default client from ``OLLAMA_HOST`` and dies on some forms that Ollama itself takes (a
bare IPv6 address), so the variable is out of sight for that moment.
"""

import asyncio
import os
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.errors import ModelMissing, ProviderError, ProviderUnreachable, ServerFailed, StreamCut
from core.providers.base import ModelInfo, PullProgress
from core.providers.link import Link, import_httpx
from core.sanitise import clean_line

if TYPE_CHECKING:
    import ollama

STALL_S = 60.0
"""Between two reports of a pull; a server that checks a large layer's sum says nothing meanwhile."""


def _import() -> None:
    hidden = os.environ.pop("OLLAMA_HOST", None)
    try:
        import_httpx()
        import ollama  # noqa: F401
    finally:
        if hidden is not None:
            os.environ["OLLAMA_HOST"] = hidden


async def _client(link: Link) -> "ollama.AsyncClient":
    url, headers = await link.base_url()
    await asyncio.to_thread(_import)
    import ollama

    return ollama.AsyncClient(host=url, headers=headers, trust_env=link.is_proxied, timeout=STALL_S)


async def pull(link: Link, model: str) -> AsyncGenerator[PullProgress, None]:
    """Fetch a model; bytes are summed over the layers seen so far.

    Raises:
        ProviderError: The server refused, failed, or went away; what is fetched stays with the server.
    """
    client = await _client(link)
    import ollama

    totals: dict[str, int] = {}
    done: dict[str, int] = {}
    status = ""
    try:
        stream = await client.pull(model, stream=True)
        # The package's generator keeps the download running for as long as it is referenced and not
        # closed, so closing ours must close it.
        try:
            async for progress in stream:
                if progress.digest:
                    totals[progress.digest] = progress.total or totals.get(progress.digest, 0)
                    done[progress.digest] = progress.completed or done.get(progress.digest, 0)
                status = clean_line(progress.status or "")[:120]
                yield PullProgress(status, sum(done.values()), sum(totals.values()))
        finally:
            await stream.aclose()  # type: ignore[attr-defined]  # an async generator, typed as an iterator
    except ollama.ResponseError as error:
        raise _explain(error, model) from None
    except (ConnectionError, OSError) as error:
        raise _gone(error) from None
    except Exception as error:
        raise _name_transport(error) from error
    finally:
        await _close(client)
    if status != "success":
        raise StreamCut(f"the download of {model} stopped", "Pull again: it goes on where it stopped.")


async def show(link: Link, model: ModelInfo) -> ModelInfo:
    """The model with capabilities and context length filled in."""
    client = await _client(link)
    import ollama

    try:
        answer = await client.show(model.name)
    except ollama.ResponseError as error:
        raise _explain(error, model.name) from None
    except (ConnectionError, OSError) as error:
        raise _gone(error) from None
    except Exception as error:
        raise _name_transport(error) from error
    finally:
        await _close(client)
    lengths = [
        value
        for key, value in (answer.modelinfo or {}).items()
        if key.endswith(".context_length") and isinstance(value, int)
    ]
    capabilities: Any = answer.capabilities
    return replace(
        model,
        capabilities=frozenset(map(str, capabilities)) if capabilities is not None else None,
        context_length=lengths[0] if lengths else model.context_length,
    )


def _explain(error: "ollama.ResponseError", model: str) -> ProviderError:
    text = clean_line(str(error.error))[:300]
    if "file does not exist" in text or error.status_code == 404:
        return ModelMissing(
            f"there is no model {clean_line(model)} to fetch", "Look for its name at ollama.com/library."
        )
    return ServerFailed(f"Ollama reports: {text}", "Pull again: it goes on where it stopped.")


def _gone(error: OSError) -> ProviderError:
    return ProviderUnreachable(
        f"Ollama does not answer ({clean_line(str(error))[:200]})",
        "Start it with `ollama serve`, then pull again.",
    )


def _name_transport(error: Exception) -> ProviderError:
    """The HTTP client's own exceptions, which the package lets through; anything else is a bug."""
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return StreamCut("Ollama has said nothing for a minute", "Pull again: it goes on where it stopped.")
    if isinstance(error, httpx.ConnectError):
        return _gone(OSError(str(error)))
    if isinstance(error, httpx.TransportError):
        return StreamCut("the connection broke", "Pull again: it goes on where it stopped.")
    raise error


async def _close(client: "ollama.AsyncClient") -> None:
    """Close the package's HTTP client; it offers no public way in every version we allow."""
    inner = getattr(client, "_client", None)
    if inner is not None:
        await inner.aclose()
