"""Right and wrong hits, counted by source and outcome."""

from dataclasses import dataclass, field

from core.cache.decide import Outcome


@dataclass
class Hits:
    """What was served with one outcome."""

    hits: int = 0
    wrong: int = 0

    def recall(self, possible: int) -> float:
        """Right hits of all that had an answer."""
        return (self.hits - self.wrong) / possible if possible else 0.0


@dataclass
class Tally:
    """The figures of one source."""

    asked: int = 0
    same: int = 0
    is_stream: bool = False
    sure: Hits = field(default_factory=Hits)
    maybe: Hits = field(default_factory=Hits)

    def count(self, had_answer: bool, outcome: Outcome, is_right: bool) -> None:
        """Take one question and what became of it."""
        self.asked += 1
        self.same += had_answer
        if outcome is not Outcome.NO:
            hits = self.sure if outcome is Outcome.SURE else self.maybe
            hits.hits += 1
            hits.wrong += not is_right

    def add(self, other: "Tally") -> None:
        """Take the figures of another source in."""
        self.asked, self.same = self.asked + other.asked, self.same + other.same
        self.is_stream = self.is_stream or other.is_stream
        for mine, theirs in ((self.sure, other.sure), (self.maybe, other.maybe)):
            mine.hits, mine.wrong = mine.hits + theirs.hits, mine.wrong + theirs.wrong

    def figures(self) -> dict[str, object]:
        """The figures as the issue wants them."""
        outcomes = {
            name: {"hits": hits.hits, "wrong": hits.wrong, "recall": round(hits.recall(self.same), 4)}
            for name, hits in (("sure", self.sure), ("maybe", self.maybe))
        }
        queries = {"queries": self.asked} if self.is_stream else {}
        return {"pairs": self.asked, "same": self.same, **queries, **outcomes}


def total(tallies: dict[str, Tally]) -> Tally:
    """All sources as one."""
    whole = Tally()
    for tally in tallies.values():
        whole.add(tally)
    return whole


def table(tallies: dict[str, Tally]) -> str:
    """The figures for a reader."""
    head = ("hits", "wrong", "w/hit", "recall")
    lines = [f"{'source':24}{'asked':>7}{'same':>7}" + 2 * (" |" + "".join(f"{name:>8}" for name in head))]
    lines[0] += "   (sure | maybe)"
    for name, tally in [*sorted(tallies.items()), ("all", total(tallies))]:
        line = f"{name:24}{tally.asked:>7}{tally.same:>7}"
        for hits in (tally.sure, tally.maybe):
            share = hits.wrong / hits.hits if hits.hits else 0.0
            line += f" |{hits.hits:>8}{hits.wrong:>8}{share:>8.1%}{hits.recall(tally.same):>8.1%}"
        lines.append(line)
    return "\n".join(lines)
