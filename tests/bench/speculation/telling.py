"""The figures as a table and as JSON, each goal beside its figure, and what is modelled and what is not."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from tests.bench.figures import Figure, table
from tests.bench.speculation.measures import Chips, Measures, chips, measures
from tests.bench.speculation.stage import Lived, Setting

NOTES = """\
Modelled: one slot, prefill and decode at the profile's speed, batches of 512, a look for who left once a
  second; a thinking model (the last answer is read anew); 25 ms a request; the model is gone after 30 min
  without one, and takes 3 s to load.
  Typing 5 characters a second with pauses and slips, pastes above 400; 0.45 s before Enter (median).
  Thinking as measured where the file says it, less the typing; else lognormal, median 25 s.
  One answer in so many is taken by chip (--accept), evenly over the file, of rows shown: first places
  60, 25, 15; what is taken is not typed.
  Every conversation is somebody who has not used this before; after its last answer they stay for a while.
  On battery one conversation in three is replayed.
Not modelled: the screen's own time (a few ms a key), typing or reading while an answer still comes, other
  programs on the machine, a file's own answers (only the ends of some are known), a window that is full."""


def as_json(lives: Mapping[Setting, Sequence[Lived]]) -> dict[str, dict[str, dict[str, object]]]:
    """PROFILE → POLICY → figures; those on battery and of chips under names of their own."""
    told: dict[str, dict[str, dict[str, object]]] = {}
    for setting, lived in lives.items():
        policy = told.setdefault(setting.profile, {}).setdefault(setting.policy, {})
        found = measures(lived)
        if setting.on_battery:
            policy["busy_share_on_battery"] = found.busy_share
        else:
            policy.update(asdict(found), chips=asdict(chips(lived)))
    return told


def as_words(lives: Mapping[Setting, Sequence[Lived]]) -> str:
    """A table of all policies, then the goals, then the notes."""
    mains = {setting: lived for setting, lived in lives.items() if not setting.on_battery}
    return "\n\n".join((_policies(mains), table(goals(lives)), NOTES))


def goals(lives: Mapping[Setting, Sequence[Lived]], *, of_chips: bool = True) -> list[Figure]:
    """What is to be reached, as far as the settings that were replayed say it.

    Args:
        of_chips: those too that a few follow-ups say nothing of, as few chips are taken.
    """
    figures: list[Figure] = []
    for setting, lived in lives.items():
        found = measures(lived)
        where = f"{setting.profile}, {setting.policy}"
        if setting.on_battery:
            figures.append(Figure(f"{where}, battery: busy", 100 * found.busy_share, "%", 2))
        elif setting.policy == "none" and setting.profile == "laptop":
            figures.append(Figure(f"{where}: below 200 ms", 100 * found.share_under_200ms, "%"))
        elif setting.policy == "none":
            figures.append(Figure(f"{where}: median", found.ttft_p50_ms))
        elif setting.policy == "all":
            figures += _goals_of_all(setting, where, found)
            if of_chips and setting.profile == "laptop":
                figures += _goals_of_chips(where, found, chips(lived))
    return figures


def _goals_of_all(setting: Setting, where: str, found: Measures) -> list[Figure]:
    return [
        Figure(f"{where}: below 200 ms", 100 * found.share_under_200ms, "%", 80, "aim 90", at_least=True)
        if setting.profile == "laptop"
        else Figure(f"{where}: median", found.ttft_p50_ms, "ms", 420, "aim 290"),
        Figure(f"{where}: added delay, p95", found.interference_p95_ms, "ms", 20),
        Figure(f"{where}: added delay, most", found.interference_max_ms, "ms", 250),
        Figure(f"{where}: busy", 100 * found.busy_share, "%", 20),
        Figure(f"{where}: wrong answers shown", found.wrong_served, "", 0),
    ]


def _goals_of_chips(where: str, found: Measures, of_chips: Chips) -> list[Figure]:
    waste = found.wasted_tokens_per_hit
    last = of_chips.wasted_after_last / max(1, found.hits)
    return [
        Figure(f"{where}: a ready chip's answer, p95", _or_nan(of_chips.ready_paint_p95_ms), "ms", 50),
        Figure(f"{where}: first chip begun", 100 * of_chips.head_ready_share, "%", 80, at_least=True),
        Figure(f"{where}: first chip ready", 100 * of_chips.ready_share, "%", 40, at_least=True),
        Figure(
            f"{where}: waste a hit",
            _or_nan(waste),
            "tokens",
            2000,
            f"{found.hits} hits; behind last answers {last:.0f} more",
        ),
    ]


def _or_nan(value: float | None) -> float:
    """For a table; JSON knows no such number."""
    return float("nan") if value is None else value


def _policies(lives: Mapping[Setting, Sequence[Lived]]) -> str:
    head = ("", "< 200 ms", "p50 ms", "p95 ms", "hits", "waste/hit", "delay p95", "most", "busy", "wrong")
    rows = [head]
    for setting, lived in lives.items():
        found = measures(lived)
        waste = found.wasted_tokens_per_hit
        rows.append(
            (
                f"{setting.profile} {setting.policy}",
                f"{100 * found.share_under_200ms:.1f} %",
                f"{found.ttft_p50_ms:.0f}",
                f"{found.ttft_p95_ms:.0f}",
                f"{found.hits}",
                "" if waste is None else f"{waste:.0f}",
                f"{found.interference_p95_ms:.0f}",
                f"{found.interference_max_ms:.0f}",
                f"{100 * found.busy_share:.1f} %",
                f"{found.wrong_served}",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join((row[0].ljust(widths[0]), *(map(str.rjust, row[1:], widths[1:])))).rstrip() for row in rows
    )
