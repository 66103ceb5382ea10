"""``leadline stats``: what was measured here, in words for people and as numbers for programs."""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from core.providers.base import Provider
from core.settings.model import Settings
from core.speculation.standing import standing
from core.store.database import Database
from core.store.speculation import SpeculationStore
from tui.ahead_wording import count_rows, now_words
from tui.exits import DONE
from tui.printing import put, put_json


@dataclass(frozen=True, slots=True)
class Sources:
    """What figures are taken from.

    Attributes:
        since: Unix time in seconds; older things are not counted.
    """

    settings: Settings
    provider: Provider
    database: Database
    path: Path
    since: float


@dataclass(frozen=True, slots=True)
class Section:
    """Some figures that belong together.

    Attributes:
        rows: labels and words, for people.
        figures: the same for programs.
    """

    name: str
    title: str
    rows: Sequence[tuple[str, str]]
    figures: Mapping[str, object]


def run(arguments: argparse.Namespace, settings: Settings, provider: Provider, path: Path) -> int:
    """Print every section; the exit code.

    Raises:
        StoreUnavailable: What was measured cannot be read.
    """
    now = time.time()
    database = Database.open(path, lambda: now)
    try:
        sources = Sources(settings, provider, database, path, now - arguments.since)
        sections = [make(sources) for make in _SECTIONS]
    finally:
        database.close()
    for number, section in enumerate(sections):
        if arguments.json:
            put_json({"section": section.name, "since": sources.since, **section.figures})
        else:
            put("\n" * (number > 0) + "".join(f"{line}\n" for line in _lines(section)))
    return DONE


def _lines(section: Section) -> list[str]:
    width = max(len(label) for label, _ in section.rows)
    return [section.title, *(f"  {label:<{width}}  {words}" for label, words in section.rows)]


def _day(moment: float) -> str:
    """A day as people write it; for a time before all clocks the first there is."""
    return time.strftime("%Y-%m-%d", time.localtime(max(moment, 0.0)))


def _speculation(sources: Sources) -> Section:
    """What was made ahead, and what it was good for."""
    counts = SpeculationStore(sources.database).counts(sources.since)
    judgement = standing(sources.settings, sources.provider, sources.path)
    figures = {name: value for name, value in asdict(counts).items() if name != "delays_ms"}
    return Section(
        name="speculation",
        title=f"made ahead, since {_day(sources.since)}",
        rows=[("now", now_words(judgement)), *count_rows(counts)],
        figures={
            "level": judgement.level.name.lower(),
            "reason": judgement.reason,
            **figures,
            "delays": len(counts.delays_ms),
            "delay_p50_ms": counts.delay_p50_ms,
            "delay_p95_ms": counts.delay_p95_ms,
        },
    )


_SECTIONS: tuple[Callable[[Sources], Section], ...] = (_speculation,)
