"""``/api/embed``: texts to vectors."""

import json
import math
from collections.abc import Sequence
from typing import Any

from core.providers.link import Link
from core.providers.ollama import failures
from core.providers.ollama.body import keep_alive_word

_LARGEST_DIMENSIONS = 8192


def embed_body(model: str, texts: Sequence[str], keep_alive: str) -> bytes:
    """The body of ``POST /api/embed``; `truncate` is false, since half a question is another question."""
    body = {
        "model": model,
        "input": list(texts),
        "truncate": False,
        "keep_alive": keep_alive_word(keep_alive),
    }
    return json.dumps(body).encode()


def read_vectors(body: dict[str, Any], count: int, link: Link) -> tuple[tuple[float, ...], ...]:
    """The vectors of an answer.

    Raises:
        ProtocolBroken: There are not as many as there were texts, or they are no vectors.
    """
    given = body.get("embeddings")
    vectors = [_vector(each) for each in given] if isinstance(given, list) else []
    found = tuple(vector for vector in vectors if vector)
    if len(found) != count or len({len(vector) for vector in found}) > 1:
        raise failures.not_ollama(link)
    return found


def _vector(given: object) -> tuple[float, ...]:
    """The numbers, or nothing at all when one of them is none."""
    if not isinstance(given, list) or len(given) > _LARGEST_DIMENSIONS:
        return ()
    try:
        numbers = tuple(float(each) for each in given if isinstance(each, int | float))
    except OverflowError:  # a whole number may have more digits than there are floats
        return ()
    return numbers if len(numbers) == len(given) and all(map(math.isfinite, numbers)) else ()
