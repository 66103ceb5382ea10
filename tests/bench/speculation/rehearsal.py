"""Many conversations under several settings, shared out among processes."""

import gc
import multiprocessing
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor

from tests.bench.speculation.conversations import Conversation
from tests.bench.speculation.stage import Lived, Setting, live

TOGETHER = 24
"""Conversations in one piece of work: few enough that no process is the last one for long."""
ON_BATTERY = 3
ALONE = 12
"""So few follow-ups are not worth a second process."""

Work = tuple[int, Setting, tuple[Conversation, ...]]


def rehearse(
    conversations: Sequence[Conversation], settings: Iterable[Setting]
) -> dict[Setting, tuple[Lived, ...]]:
    """All conversations under every setting; on battery one in `ON_BATTERY`, which is enough for a share."""
    work: list[Work] = []
    for setting in settings:
        these = conversations[:: ON_BATTERY if setting.on_battery else 1]
        parts = range(0, len(these), TOGETHER)
        work += [(at, setting, tuple(these[at : at + TOGETHER])) for at in parts]
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
    with ProcessPoolExecutor(workers, multiprocessing.get_context("forkserver"), _seldom_collect) as pool:
        return list(pool.map(_live, work))


def _seldom_collect() -> None:
    """What a conversation leaves behind is little; looking for it all the time is an eighth of the whole."""
    gc.set_threshold(100_000, 20, 100)


def _live(work: Work) -> list[Lived]:
    _, setting, conversations = work
    return [live(conversation, setting) for conversation in conversations]
