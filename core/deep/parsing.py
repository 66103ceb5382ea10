"""Whether the blocks of an answer parse, in a process apart that has little time."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from core.context.processes import run
from core.deep.answer_blocks import AnswerBlock
from core.deep.evidence_values import Evidence, told

_LANGUAGES = {"python": "python", "py": "python", "python3": "python", "json": "json", "toml": "toml"}
_LARGEST = {"python": 32 * 1024, "json": 32 * 1024, "toml": 8 * 1024}
"""Characters; of TOML fewer, as Python takes the square of a long key's parts."""
_MOST_TOGETHER = 96 * 1024
_OUT_BYTES = 64 * 1024
_NOT_PYTHON = (">>> ", "$ ", "%", "!")
"""Such a line makes a block a session with Python or a notebook's cell."""

_PROGRAM = os.path.join(os.path.dirname(__file__), "block_parser.py")


async def parsed(
    blocks: Sequence[AnswerBlock], environ: Mapping[str, str], limit_s: float
) -> tuple[Evidence, ...]:
    """What can be said of each block in a language that is known here."""
    chosen = _chosen(blocks)
    if not chosen or not sys.executable:
        return ()
    try:
        with TemporaryDirectory(prefix="leadline-") as folder:
            path = await asyncio.to_thread(_written, chosen, Path(folder))
            command = (sys.executable, "-I", "-S", "-W", "ignore", _PROGRAM, str(path))
            outcome = await run(command, environ, _OUT_BYTES, limit_s)
    except OSError:  # a full disk says nothing of the answer
        return ()
    faults = outcome.out.decode("utf-8", "replace").split("\n")[:-1]
    return tuple(_said(block, fault) for block, fault in zip(chosen, faults, strict=False))


def _written(blocks: Sequence[AnswerBlock], folder: Path) -> Path:
    path = folder / "blocks.json"
    path.write_text(json.dumps([[_LANGUAGES[block.language], block.code] for block in blocks]), "utf-8")
    return path


def _chosen(blocks: Sequence[AnswerBlock]) -> list[AnswerBlock]:
    chosen: list[AnswerBlock] = []
    size = 0
    for block in blocks:
        language = _LANGUAGES.get(block.language)
        if language is None or not block.is_closed or not block.code.strip():
            continue
        if len(block.code) > _LARGEST[language]:
            continue
        if language == "python" and any(line.startswith(_NOT_PYTHON) for line in block.code.split("\n")):
            continue
        size += len(block.code)
        if size <= _MOST_TOGETHER:
            chosen.append(block)
    return chosen


def _said(block: AnswerBlock, fault: str) -> Evidence:
    language = _LANGUAGES[block.language]
    name = f"block {block.number} ({language})"
    if not fault:
        return Evidence(f"{name} parses", is_ok=True)
    reader = f"as Python {sys.version_info.major}.{sys.version_info.minor} reads it"
    detail = reader if language == "python" else ""
    return Evidence(told(f"{name} does not parse: {fault}"), is_ok=False, detail=detail)
