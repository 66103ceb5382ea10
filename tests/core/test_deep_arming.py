"""What is said before anything leaves this machine, and when the person is asked."""

from dataclasses import replace
from typing import cast

import pytest

from core.deep.arming import Prepared, SecretsInPack, arming_text, asks, cells, refuse_in_pipe
from core.deep.caller import Caller
from core.deep.depth import Depth
from core.deep.money import Estimate
from core.deep.pack import kinds_of
from core.deep.question import DeepQuestion, ItemKind, Pack, PackItem
from core.messages import Attachment
from core.providers.deep.calls import Effort
from core.settings.model import DeepSettings

HOST = "api.anthropic.com"
REMOTE = Depth(cast(Caller, None), "m", Effort.HIGH, "anthropic", HOST, f"REMOTE {HOST}")
LAN = replace(REMOTE, provider="ollama", host="10.0.0.7", place="lan 10.0.0.7", is_free=True)
LOCAL = replace(REMOTE, provider="ollama", host="", place="local", is_free=True)
CHEAP = Estimate(6200, 0.05, 0.1)
FREE = Estimate(6200, is_free=True)
UNKNOWN = Estimate(6200)
SECRET = "a.py line 3: AWS access key …MPLE"


def _source(name: str, *secrets: str) -> PackItem:
    return PackItem(
        name, ItemKind.SOURCE, name, 9, attachment=Attachment(name, "x", "00" * 32), secrets=secrets
    )


def _pack(*names: str, turns: tuple[int, ...] = (), secrets: tuple[str, ...] = ()) -> Pack:
    asked = [PackItem(f"turn-{n}", ItemKind.TURN, f"turn {n}", 9) for n in turns]
    return Pack("Why?", "Think.", (*asked, *(_source(name) for name in names)), secrets)


def _prepared(pack: Pack, depth: Depth = REMOTE, estimate: Estimate = CHEAP) -> Prepared:
    return Prepared(DeepQuestion("Why?"), depth, pack, estimate)


def _asks(
    confirm: str = "new",
    pack: Pack | None = None,
    depth: Depth = REMOTE,
    estimate: Estimate = CHEAP,
    had: frozenset[tuple[str, str]] = frozenset(),
    allows_secrets: bool = False,
) -> tuple[str, ...]:
    settings = DeepSettings(confirm=confirm)  # type: ignore[arg-type]  # a parameter of the test
    question = DeepQuestion("Why?", allows_secrets=allows_secrets)
    return asks(settings, question, pack or _pack("a.py"), depth, estimate, had)


def _had(pack: Pack, host: str = HOST) -> frozenset[tuple[str, str]]:
    return frozenset((host, kind) for kind in kinds_of(pack))


@pytest.mark.parametrize(
    ("prepared", "row"),
    [
        (
            _prepared(_pack("a.py", turns=(3, 4, 5))),
            f"sends turns 3-5 + a.py, 6.2k tok, 0 secrets → {HOST} ≈$0.05",
        ),
        (_prepared(_pack()), f"sends the question, 6.2k tok, 0 secrets → {HOST} ≈$0.05"),
        (
            _prepared(_pack("a", "b", "c", "d", "e", turns=(1, 3, 4, 7)), estimate=UNKNOWN),
            f"sends turns 1, 3-4, 7 + a, b + 3 more, 6.2k tok, 0 secrets → {HOST} price not known",
        ),
        (
            _prepared(_pack("a", "b", "c", secrets=(SECRET, SECRET)), LAN, FREE),
            "sends a, b, c, 6.2k tok, 2 secrets → 10.0.0.7",
        ),
        (
            _prepared(_pack(turns=(2,), secrets=(SECRET,)), LOCAL, replace(FREE, tokens=40)),
            "sends turn 2, 40 tok, 1 secret → this machine",
        ),
        (
            _prepared(_pack("a"), estimate=replace(CHEAP, usd=0.0004)),
            f"sends a, 6.2k tok, 0 secrets → {HOST} <$0.01",
        ),
    ],
)
def test_one_row_says_what_goes_where(prepared: Prepared, row: str) -> None:
    """It is all that a person reads before their work leaves the machine."""
    assert arming_text(prepared) == row


def test_in_few_cells_the_row_keeps_host_secrets_and_cost() -> None:
    """A narrow terminal must not hide where it goes."""
    names = ("core/engine/a_very_long_name_of_a_module.py", "tests/文件/文件.py", "b.py", "diff")
    prepared = _prepared(_pack(*names, turns=(1, 2), secrets=(SECRET,)))
    must = f"1 secret → {HOST} ≈$0.05"
    rows = []
    for width in range(len(must), 160):
        rows.append(arming_text(prepared, width))
        assert cells(rows[-1]) <= width
        assert rows[-1].endswith(must)
    lengths = [cells(row) for row in rows]
    assert lengths == sorted(lengths)
    assert len(set(rows)) >= 6
    assert arming_text(prepared, 95).startswith("sends turns 1-2 + …name_of_a_module.py + 3 more,")
    assert arming_text(prepared, 5) == must


def test_a_struck_item_is_not_in_the_row() -> None:
    """The row says what goes, and changes as the person strikes."""
    pack = _pack("a.py", "b.py", turns=(3, 4, 5)).toggled("a.py").toggled("turn-4")

    assert arming_text(_prepared(pack)).startswith("sends turns 3, 5 + b.py,")


def test_a_name_from_outside_does_not_reach_the_terminal_raw() -> None:
    """A file's name can hold what moves a cursor."""
    assert "\x1b" not in arming_text(_prepared(_pack("a\x1b[2J.py\nb")))
    assert "\n" not in arming_text(_prepared(_pack("a\x1b[2J.py\nb")))


def test_a_host_or_a_kind_that_is_new_in_the_conversation_asks_and_the_same_again_does_not() -> None:
    """Asked too often, people stop reading; asked too seldom, their work leaves unseen."""
    pack = _pack("a.py", turns=(1,))
    assert _asks(pack=pack) == (f"first time to {HOST} here",)
    assert _asks(pack=pack, had=_had(pack, "elsewhere.com")) == (f"first time to {HOST} here",)
    assert _asks(pack=pack, had=_had(pack)) == ()
    assert _asks(pack=_pack(), had=_had(_pack())) == ()

    more = _pack("a.py", "stdin", "pane %1", turns=(1,))
    assert _asks(pack=more, had=_had(pack)) == (f"first time with panes and stdin to {HOST} here",)
    assert _asks(pack=more.toggled("stdin").toggled("pane %1"), had=_had(pack)) == ()


def test_money_asks_above_a_bound_and_where_it_is_not_known() -> None:
    """What costs nothing never asks for its price."""
    pack = _pack("a.py")
    had = _had(pack)
    assert _asks(estimate=replace(CHEAP, usd=0.10), had=had) == ()
    assert _asks(estimate=replace(CHEAP, usd=0.31), had=had) == ("≈$0.31",)
    assert _asks(estimate=UNKNOWN, had=had) == ("price not known",)
    assert _asks(depth=LAN, estimate=FREE, had=_had(pack, LAN.host)) == ()


def test_a_secret_always_asks_unless_the_person_has_seen_it() -> None:
    """Whatever the setting says; and only what has been seen is allowed."""
    pack = _pack("a.py", secrets=(SECRET, SECRET))
    for confirm in ("never", "new"):
        assert _asks(confirm, pack, had=_had(pack)) == ("2 secrets",)
        assert _asks(confirm, pack, LAN, FREE, _had(pack, LAN.host)) == ("2 secrets",)
        assert _asks(confirm, pack, had=_had(pack), allows_secrets=True) == ()
    struck = Pack("Why?", "Think.", (_source("a.py", SECRET),))
    assert _asks("never", struck) == ("1 secret",)
    assert _asks("never", struck.toggled("a.py")) == ()


def test_always_asks_always_and_never_asks_for_secrets_alone() -> None:
    """The setting means what it says, also for the network of one's own."""
    pack = _pack("a.py")
    assert _asks("always", pack, had=_had(pack)) == (f"to {HOST}",)
    assert _asks("always", pack, LAN, FREE, _had(pack, LAN.host)) == ("to 10.0.0.7",)
    assert _asks("never", pack, estimate=UNKNOWN) == ()
    assert _asks("new", pack, LAN, FREE) == ("first time to 10.0.0.7 here",)


def test_what_stays_on_this_machine_never_asks() -> None:
    """Nothing leaves, so there is nothing to ask."""
    secret = _pack("a.py", secrets=(SECRET,))
    for confirm in ("always", "new", "never"):
        assert _asks(confirm, secret, LOCAL, FREE) == ()


def test_the_demo_shows_what_a_remote_run_would_ask() -> None:
    """Who tries leadline out sees the row that says what leaves, and that here nothing does."""
    demo = replace(LOCAL, provider="demo", place="demo")
    (why,) = _asks("new", _pack("a.py"), demo, FREE)
    assert why == "first time to the demo model here"


def test_in_a_pipe_a_secret_ends_it_with_kind_file_and_line() -> None:
    """Nobody can be asked there, so nothing goes."""
    prepared = _prepared(_pack("a.py", secrets=(SECRET,) * 5))

    with pytest.raises(SecretsInPack) as caught:
        refuse_in_pipe(prepared)

    assert SECRET in caught.value.message
    assert caught.value.message.endswith("and 2 more; nothing was sent")
    assert "--allow-secrets" in caught.value.remedy
    assert caught.value.kind == "secrets"
    refuse_in_pipe(replace(prepared, question=DeepQuestion("Why?", allows_secrets=True)))
    refuse_in_pipe(replace(prepared, depth=LOCAL))
    refuse_in_pipe(_prepared(_pack("a.py")))
