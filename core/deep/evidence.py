"""Looks at an answer without a model: what it says of files, code and diffs is so, or it is not.

Nothing of the answer is run, nothing outside the project is opened, and there is an end to everything: how
much is looked at, how many things, how long. What cannot be told for certain is not told.
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.deep.answer_blocks import MOST_CHARACTERS, taken_apart
from core.deep.diff_check import applied
from core.deep.evidence_values import Evidence
from core.deep.named_paths import looked_up
from core.deep.parsing import parsed
from core.messages import Attachment
from core.sanitise import clean

LIMIT_S = 1.0
"""For each kind of look; they go on side by side. What took longer is not told."""


async def check(
    text: str,
    root: Path,
    sources: Sequence[Attachment] = (),
    *,
    environ: Mapping[str, str],
    limit_s: float = LIMIT_S,
) -> tuple[Evidence, ...]:
    """Everything that can be said of an answer; empty when there is nothing to check.

    Args:
        root: of the project; nothing outside of it is looked at.
        sources: what was sent along.
    """
    blocks, prose = await asyncio.to_thread(lambda: taken_apart(clean(text[:MOST_CHARACTERS])))
    async with asyncio.TaskGroup() as looks:
        parsing = looks.create_task(parsed(blocks, environ, limit_s))
        applying = looks.create_task(applied(blocks, root, environ, limit_s))
        naming = looks.create_task(asyncio.to_thread(looked_up, prose, root, sources))
    return (*parsing.result(), *applying.result(), *naming.result())
