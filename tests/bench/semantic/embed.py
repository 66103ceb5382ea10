"""Embeddings of many texts from an Ollama, kept in memory."""

import json
import urllib.request

_BATCH = 64


class Embeddings:
    """Vectors of texts, asked for in batches from `/api/embed`."""

    def __init__(self, url: str, model: str, texts: list[str]) -> None:
        self._vectors: dict[str, list[float]] = {}
        wanted = list(dict.fromkeys(texts))
        model = model or _first_embedding_model(url)
        for at in range(0, len(wanted), _BATCH):
            batch = wanted[at : at + _BATCH]
            answer = _post(f"{url.rstrip('/')}/api/embed", {"model": model, "input": batch})
            self._vectors.update(zip(batch, answer["embeddings"], strict=True))

    def vector(self, text: str) -> list[float]:
        """What the model makes of a text."""
        return self._vectors[text]


def _first_embedding_model(url: str) -> str:
    with urllib.request.urlopen(f"{url.rstrip('/')}/api/tags", timeout=10) as answer:
        models = [str(model["name"]) for model in json.load(answer)["models"]]
    found = [name for name in models if any(mark in name for mark in ("embed", "minilm", "bge", "e5"))]
    if not found:
        raise SystemExit(f"no embedding model at {url}; pull one, or name it with --embed-model")
    return found[0]


def _post(url: str, body: dict[str, object]) -> dict[str, list[list[float]]]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=300) as answer:
        found: dict[str, list[list[float]]] = json.load(answer)
        return found
