"""Writes core/deep/prices.toml from two price tables, and takes only what both of them say.

Run by hand before a release, in an environment with `genai-prices` (its data is MIT; never a dependency of
ours), and with the path of the JSON of prices that a `litellm` wheel holds:

    python .ci/prices.py model_prices_and_context_window_backup.json

A model whose prices differ by more than 5 % is left out and named: better no price than a wrong one. So is
one whose price depends on the time of day. Of prices by length of the prompt the first step is taken.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from genai_prices.data import providers
from genai_prices.types import StartDateConstraint, TieredPrices

TARGET = Path(__file__).parents[1] / "core" / "deep" / "prices.toml"
TOLERANCE = 0.05

# By vendor (as the first table names it): what the second puts before a model's name, and the models.
MODELS = {
    "anthropic": (
        "",
        "claude-fable-5 claude-fable-5-1 claude-opus-5-5 claude-opus-5 claude-opus-4-8 claude-opus-4-7"
        " claude-opus-4-6 claude-opus-4-5 claude-sonnet-5-5 claude-sonnet-5 claude-sonnet-4-6"
        " claude-sonnet-4-5 claude-haiku-5-5 claude-haiku-4-5",
    ),
    "openai": (
        "",
        "gpt-6.1-sol gpt-6.1-terra gpt-6-astra gpt-6-sol gpt-6-luna gpt-5.6 gpt-5.6-sol gpt-5.6-terra"
        " gpt-5.6-luna gpt-5.5 gpt-5.5-pro gpt-5.4 gpt-5.4-pro gpt-5.4-mini gpt-5.4-nano gpt-5.3-codex"
        " gpt-5.2 gpt-5.2-pro gpt-5.1 gpt-5 gpt-5-pro gpt-5-mini gpt-5-nano gpt-4.1"
        " gpt-4.1-mini o3 o3-pro o4-mini",
    ),
    "google": (
        "gemini/",
        "gemini-4-argon gemini-4-hydrogen gemini-3.8-flash gemini-3.7-flash gemini-3.6-flash gemini-3.5-flash"
        " gemini-3.5-flash-lite gemini-3.1-pro-preview gemini-3.1-flash-lite gemini-3-flash-preview"
        " gemini-2.5-pro gemini-2.5-flash gemini-2.5-flash-lite",
    ),
    "deepseek": ("", "deepseek-v4-pro deepseek-v4-flash deepseek-flash deepseek-chat deepseek-reasoner"),
    "mistral": (
        "mistral/",
        "mistral-large-4 mistral-large-latest mistral-large-2512 mistral-medium-latest mistral-medium-3.5"
        " mistral-small-latest mistral-small-2603 magistral-medium-latest magistral-small-latest"
        " devstral-medium-latest devstral-small-latest codestral-latest ministral-14b-2512",
    ),
    "x-ai": ("xai/", "grok-4.7 grok-4.6 grok-4.5 grok-4.3 grok-4.20 grok-build-0.1"),
    "moonshotai": ("moonshot/", "kimi-k3.1-pro kimi-k3 kimi-k2.7-code kimi-k2.6"),
    "zai": ("zai/", "glm-5.3 glm-5.3-flash glm-5.2 glm-5.1 glm-5 glm-4.7"),
    "groq": ("groq/", "openai/gpt-oss-120b openai/gpt-oss-20b qwen/qwen3.8-27b"),
    "openrouter": ("dashscope/", "qwen/qwen3.8-max qwen/qwen3.8-flash qwen/qwen3.7-max qwen/qwen-max"),
}

FIRST = ("input_mtok", "cache_read_mtok", "cache_write_mtok", "output_mtok")
SECOND = (
    "input_cost_per_token",
    "cache_read_input_token_cost",
    "cache_creation_input_token_cost",
    "output_cost_per_token",
)
Prices = tuple[float | None, ...]


def first_table(vendor: str, model: str, at: datetime) -> Prices | str:
    """What the first table says today; a sentence when it says nothing that could be shipped."""
    provider = next(each for each in providers if each.id == vendor)
    known = provider.find_model(model)
    if known is None:
        return "not in the first table"
    steps = known.prices if isinstance(known.prices, list) else []
    if any(not isinstance(step.constraint, StartDateConstraint | None) for step in steps):
        return "priced by the time of day"
    prices = known.get_prices(at)
    values = (getattr(prices, name) for name in FIRST)
    return tuple(
        None if each is None else float(each.base if isinstance(each, TieredPrices) else each)
        for each in values
    )


def agree(one: Prices, other: Prices) -> bool:
    """Whether two tables say the same of every price that both of them know."""
    both = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b]
    return all(abs(a - b) <= TOLERANCE * max(a, b) for a, b in both) and None not in (
        one[0],
        one[3],
        other[0],
    )


def row(model: str, first: Prices, second: Prices) -> str:
    """One line of the file; what neither table knows of caching costs as much as reading."""
    read, cached, cache_write, written = (
        a if a is not None else b for a, b in zip(first, second, strict=True)
    )
    values = (read, read if cached is None else cached, cache_write or read, written)
    return f'"{model}" = [{", ".join(f"{value or 0:g}" for value in values)}]'


def main() -> None:
    """Write the file, and say what was left out."""
    other = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    now = datetime.now(UTC)
    lines = [
        "# US dollars for a million tokens: read, read from the provider's cache, written to it, written.",
        "# Made by .ci/prices.py; only what both tables say alike. [prices] in config.toml goes before it.",
        'source = "genai-prices, checked against litellm"',
        f'date = "{now:%Y-%m-%d}"',
    ]
    for vendor, (prefix, names) in MODELS.items():
        rows = []
        for model in names.split():
            first = first_table(vendor, model, now)
            entry = other.get(prefix + (model if vendor == "groq" else model.rpartition("/")[2]))
            if isinstance(first, str) or entry is None:
                print(f"{model}: left out, {first if isinstance(first, str) else 'not in the second table'}")
                continue
            second = tuple(entry[name] * 1e6 if entry.get(name) is not None else None for name in SECOND)
            if not agree(first, second):
                print(f"{model}: left out, {first} against {second}")
                continue
            rows.append(row(model, first, second))
        if not rows:
            continue
        lines += ["", f"[{'qwen' if vendor == 'openrouter' else vendor}]", *rows]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
