"""Intelligence per second in words: what fits 80 columns, and what is said of how sure it is."""

import json

from core.messages import Route
from core.metrics.chance import Chance, Maker, prior_of
from core.metrics.session import ByMaker, Figure, Session
from tui.ips_wording import explained, explained_lines, ips_figures, ips_rows

FAST = Maker("qwen3.5:4b-instruct-q8_0", "", Route.FAST)
CACHED = Maker("qwen3:4b", "", Route.SEMANTIC_HIT)
SESSION = Session(
    Figure(0.0571, 0.0502, 0.0664, 20, 34, is_estimate=False),
    [ByMaker(FAST, Chance(73.0, 27.0, 34), Figure(0.0571, 0.05, 0.066, 17, 34, is_estimate=False), 0.31)],
    [ByMaker(CACHED, prior_of(CACHED), Figure(0.06, 0.05, 0.07, 1, 0, is_estimate=True), 61.0)],
    60.0,
)


def test_each_row_says_the_figure_and_how_sure_it_is() -> None:
    """A figure without its bounds would be believed; what rests on little says est."""
    assert ips_rows(SESSION) == [
        ("", "IPS             between  right  needs    time"),
        ("last 20 needs", "0.057       0.050-0.066"),
        ("qwen3.5:4b-… fast", "0.057       0.050-0.066   73 %     17  0.31 s"),
        ("of leadline ask", ""),
        ("qwen3:4b semantic-hit", "0.060 est.  0.050-0.070   69 %      1    1:01"),
    ]


def test_it_fits_a_laid_over_screen_at_eighty_columns_with_the_longest_names() -> None:
    """Two columns in, two between label and words; a border, its padding and a bar beside them."""
    longest = [
        ByMaker(Maker(FAST.model, "", Route.SEMANTIC_HIT), one.chance, one.figure, 119.0)
        for one in (*SESSION.makers, *SESSION.asked)
        for _ in range(6)
    ]
    rows = ips_rows(Session(SESSION.latest, longest, longest, 60.0))

    width = max(len(label) for label, _ in rows)
    assert max(2 + width + 2 + len(words) for _, words in rows) <= 74
    assert rows[-1] == ("others", "4 more, in --json")


def test_three_sentences_say_what_it_is_how_to_read_it_and_what_it_rests_on() -> None:
    """Nobody knows the figure from elsewhere; the cost of a failure is the person's own setting."""
    own = Session(SESSION.latest, [], [], 90.0)

    assert all(sentence.endswith(".") for sentence in explained(own))
    assert "90 s" in explained(own)[0]
    assert max(map(len, explained_lines(own, 78))) <= 78
    assert " ".join(explained_lines(own, 78)) == " ".join(explained(own))


def test_programs_get_numbers() -> None:
    """Not rounded to what a person reads, and null where there is nothing."""
    figures = json.loads(json.dumps(ips_figures(SESSION)))

    assert figures["latest"] == {
        "ips": 0.0571,
        "low": 0.0502,
        "high": 0.0664,
        "needs": 20,
        "judged": 34,
        "is_estimate": False,
    }
    assert figures["makers"][0]["chance"] == 0.73
    assert figures["asked"][0]["is_estimate"] is True
    assert ips_figures(Session(None, [], [], 60.0))["latest"] is None
    assert ips_rows(Session(None, [], [], 60.0)) == []
