"""What is said before anything leaves this machine, and when the person is asked."""

from dataclasses import replace

import pytest

from core.context.secrecy import SecretsFound
from core.deep.arming import asks, refuse_in_pipe
from core.deep.depth import Depth
from core.deep.money import Estimate
from core.deep.pack import kinds_of
from core.deep.question import DeepQuestion, Pack
from core.settings.model import DeepSettings
from tests.core.deep_packs import (
    CHEAP,
    FREE,
    HOST,
    LAN,
    LOCAL,
    REMOTE,
    SECRET,
    UNKNOWN,
    pack_of,
    prepared_of,
    source_of,
)


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
    return asks(settings, question, pack or pack_of("a.py"), depth, estimate, had)


def _had(pack: Pack, host: str = HOST) -> frozenset[tuple[str, str]]:
    return frozenset((host, kind) for kind in kinds_of(pack))


def test_a_host_or_a_kind_that_is_new_in_the_conversation_asks_and_the_same_again_does_not() -> None:
    """Asked too often, people stop reading; asked too seldom, their work leaves unseen."""
    pack = pack_of("a.py", turns=(1,))
    assert _asks(pack=pack) == (f"first time to {HOST} here",)
    assert _asks(pack=pack, had=_had(pack, "elsewhere.com")) == (f"first time to {HOST} here",)
    assert _asks(pack=pack, had=_had(pack)) == ()
    assert _asks(pack=pack_of(), had=_had(pack_of())) == ()

    more = pack_of("a.py", "stdin", "pane %1", turns=(1,))
    assert _asks(pack=more, had=_had(pack)) == (f"first time with panes and stdin to {HOST} here",)
    assert _asks(pack=more.toggled("stdin").toggled("pane %1"), had=_had(pack)) == ()


def test_money_asks_above_a_bound_and_where_it_is_not_known() -> None:
    """What costs nothing never asks for its price."""
    pack = pack_of("a.py")
    had = _had(pack)
    assert _asks(estimate=replace(CHEAP, usd=0.10), had=had) == ()
    assert _asks(estimate=replace(CHEAP, usd=0.31), had=had) == ("≈$0.31",)
    assert _asks(estimate=UNKNOWN, had=had) == ("price not known",)
    assert _asks(depth=LAN, estimate=FREE, had=_had(pack, LAN.host)) == ()


def test_a_secret_always_asks_unless_the_person_has_seen_it() -> None:
    """Whatever the setting says; and only what has been seen is allowed."""
    pack = pack_of("a.py", secrets=(SECRET, SECRET))
    for confirm in ("never", "new"):
        assert _asks(confirm, pack, had=_had(pack)) == ("2 secrets",)
        assert _asks(confirm, pack, LAN, FREE, _had(pack, LAN.host)) == ("2 secrets",)
        assert _asks(confirm, pack, had=_had(pack), allows_secrets=True) == ()
    struck = Pack("Why?", "Think.", (source_of("a.py", SECRET),))
    assert _asks("never", struck) == ("1 secret",)
    assert _asks("never", struck.toggled("a.py")) == ()


def test_always_asks_always_and_never_asks_for_secrets_alone() -> None:
    """The setting means what it says, also for the network of one's own."""
    pack = pack_of("a.py")
    assert _asks("always", pack, had=_had(pack)) == (f"to {HOST}",)
    assert _asks("always", pack, LAN, FREE, _had(pack, LAN.host)) == ("to 10.0.0.7",)
    assert _asks("never", pack, estimate=UNKNOWN) == ()
    assert _asks("new", pack, LAN, FREE) == ("first time to 10.0.0.7 here",)


def test_what_stays_on_this_machine_never_asks() -> None:
    """Nothing leaves, so there is nothing to ask."""
    secret = pack_of("a.py", secrets=(SECRET,))
    for confirm in ("always", "new", "never"):
        assert _asks(confirm, secret, LOCAL, FREE) == ()


def test_the_demo_shows_what_a_remote_run_would_ask() -> None:
    """Who tries leadline out sees the row that says what leaves, and that here nothing does."""
    demo = replace(LOCAL, provider="demo", place="demo")
    (why,) = _asks("new", pack_of("a.py"), demo, FREE)
    assert why == "first time to the demo model here"


def test_in_a_pipe_a_secret_ends_it_with_kind_file_and_line() -> None:
    """Nobody can be asked there, so nothing goes."""
    prepared = prepared_of(pack_of("a.py", secrets=(SECRET,) * 5))

    with pytest.raises(SecretsFound) as caught:
        refuse_in_pipe(prepared)

    assert SECRET in caught.value.message
    assert caught.value.message.endswith("and 2 more; nothing was sent")
    assert "--allow-secrets" in caught.value.remedy
    assert caught.value.kind == "secrets"
    refuse_in_pipe(replace(prepared, question=DeepQuestion("Why?", allows_secrets=True)))
    refuse_in_pipe(replace(prepared, depth=LOCAL))
    refuse_in_pipe(prepared_of(pack_of("a.py")))
