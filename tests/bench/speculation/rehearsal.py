"""Many conversations under several settings, shared out among processes."""

import multiprocessing
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor

from tests.bench.speculation.conversations import Conversation
from tests.bench.speculation.stage import Lived, Setting, live

TOGETHER = 24
"""Conversations in one piece of work: few enough that no process is the last one for long."""
ALONE = 12
"""So few follow-ups are not worth a second process."""

Work = tuple[int, Setting, tuple[Conversation, ...]]


def rehearse(
    conversations: Sequence[Conversation], settings: Iterable[Setting]
) -> dict[Setting, tuple[Lived, ...]]:
    """All conversations under every setting."""
    work = [
        (at, setting, tuple(conversations[at : at + TOGETHER]))
        for setting in settings
        for at in range(0, len(conversations), TOGETHER)
    ]
    lives: dict[Setting, dict[int, list[Lived]]] = {}
    for (at, setting, _), lived in zip(work, _done(work), strict=True):
        lives.setdefault(setting, {})[at] = lived
    return {
        setting: tuple(one for at in sorted(parts) for one in parts[at]) for setting, parts in lives.items()
    }


def _done(work: Sequence[Work]) -> Iterable[list[Lived]]:
    workers = min(len(work), os.cpu_count() or 1)
    if workers < 2 or sum(len(one.turns) for _, _, part in work for one in part) < ALONE:
        return list(map(_live, work))
    with ProcessPoolExecutor(workers, multiprocessing.get_context("forkserver")) as pool:
        return list(pool.map(_live, work))


def _live(work: Work) -> list[Lived]:
    _, setting, conversations = work
    return [live(conversation, setting) for conversation in conversations]
