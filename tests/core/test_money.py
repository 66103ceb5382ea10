"""What deep calls cost, before and after: names, tables, estimates, and caps that hold across restarts."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from core.deep.money import CapReached, Estimate, Money, Price
from core.deep.price_table import PriceTable
from core.providers.deep.calls import Usage
from core.settings.model import DeepSettings
from core.store.database import Database
from core.store.deep_ledger import DeepCallRecord, DeepLedger

OPUS, GPT = "claude-opus-5-5", "gpt-5.5"  # of the table, whose prices change with every release
OWN = "own-model"
PRICES = {OWN: "4 0.2 20"}
CALL = DeepCallRecord(1, "anthropic", "https://h", OWN, "high", "deep", "write", 13, 38_000.0, usd=0.05)


class Clock:
    now = datetime(2026, 11, 26, 15, 0).timestamp()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "leadline.db"


@pytest.fixture
def database(path: Path, clock: Clock) -> Iterator[Database]:
    database = Database.open(path, clock)
    yield database
    database.close()


def money_of(
    database: Database, clock: Clock, overrides: Mapping[str, str] | None = None, **caps: float
) -> Money:
    settings = replace(DeepSettings(), **caps)  # type: ignore[arg-type]  # numbers all
    return Money(settings, PRICES if overrides is None else overrides, DeepLedger(database), clock)


@pytest.fixture
def money(database: Database, clock: Clock) -> Money:
    return money_of(database, clock)


def figures(estimate: Estimate) -> tuple[float, float]:
    """About, and at most."""
    assert estimate.usd is not None
    assert estimate.most_usd is not None
    return estimate.usd, estimate.most_usd


def refusal(money: Money, estimate: Estimate, run_usd: float = 0.0, run_tokens: int = 0) -> tuple[str, str]:
    with pytest.raises(CapReached) as caught:
        money.check(estimate, run_usd, run_tokens)
    return caught.value.message, caught.value.remedy


@pytest.mark.parametrize(
    "name",
    [
        "claude-opus-5-5",
        "Claude-Opus-5-5",
        " claude-opus-5.5 ",
        "claude-opus-5-5-20261001",
        "claude-opus-5-5@20261001",
        "claude-opus-5-5-2026-10-01",
        "claude-opus-5-5-latest",
        "anthropic/claude-opus-5.5",
        "openrouter/anthropic/claude-opus-5-5-20261001",
    ],
)
def test_a_model_is_found_by_whatever_its_name_is_dressed_in(money: Money, name: str) -> None:
    """Vendors date their models and routers prefix them; a price that is there must not be "unknown"."""
    assert money.price_of(name) is not None
    assert money.price_of(name) == money.price_of(OPUS) != money.price_of("claude-haiku-4-5")


@pytest.mark.parametrize(
    "name",
    ["", "/", "claude-opus", "claude-opus-5-5-mini", "together/glm-5", "gpt-oss:120b-cloud", "qwen3:4b"],
)
def test_another_model_or_another_vendors_price_is_not_guessed(money: Money, name: str) -> None:
    """The same open model costs something else elsewhere; "not known" is honest, and is bounded by tokens."""
    assert money.price_of(name) is None


def test_a_free_variant_costs_nothing(money: Money) -> None:
    """Routers mark it so, whatever the model is."""
    assert money.price_of("z-ai/glm-9:free") == Price(0, 0, 0, 0)
    assert money.cost("openrouter/deepseek/any:free", Usage(5000, 0, 0, 0, 5000)) == 0.0


def test_the_table_is_dated_and_every_row_of_it_makes_sense() -> None:
    """A wrong digit would be spent; nothing costs less to write than to read, or more from a cache."""
    table = PriceTable({})

    assert datetime.fromisoformat(table.date).year >= 2026
    assert len(table.shipped) >= 40
    for name, (vendor, price) in table.shipped.items():
        assert 0 < price.cached <= price.read <= price.cache_write < 2 * price.read, name
        assert price.read <= price.written <= 200, name
        assert table.find(f"{vendor}/{name}") == price, name


def test_the_person_knows_better_than_the_table(database: Database, clock: Clock) -> None:
    """A contract's price, or a model that no table knows yet: two figures, or three with the cache's."""
    own = {"Claude-Opus-5.5": "1 2", "deepseek/deepseek-v4-flash": "0.3 0.006 1.2", "local/odd:8b": "0.1 0.2"}
    money = money_of(database, clock, own)

    assert money.price_of("anthropic/claude-opus-5-5-20261001") == Price(1, 1, 1, 2)
    assert money.price_of("openrouter/deepseek/deepseek-v4-flash") == Price(0.3, 0.006, 0.3, 1.2)
    assert money.price_of("local/odd:8b") == Price(0.1, 0.1, 0.1, 0.2)
    assert money.price_of("deepseek-v4-flash") is None


def test_a_call_costs_what_its_tokens_cost_by_the_table(money: Money) -> None:
    """Within one per cent of what the provider will charge, cached tokens at their own price."""
    opus, gpt = money.price_of(OPUS), money.price_of(GPT)
    assert opus is not None
    assert gpt is not None
    assert opus.cached < opus.read < opus.cache_write < opus.written

    # 1,000 plain, 4,000 from the cache, 5,000 written to it, 3,000 thought and 400 said.
    usage = Usage(10_000, 4_000, 5_000, 3_000, 3_400)
    usd = (1_000 * opus.read + 4_000 * opus.cached + 5_000 * opus.cache_write + 3_400 * opus.written) / 1e6
    assert money.cost(OPUS, usage) == pytest.approx(usd, rel=0.01)
    # OpenAI counts what was cached among what was read.
    usd = (6_000 * gpt.read + 4_000 * gpt.cached + 5_000 * gpt.written) / 1e6
    assert money.cost(GPT, Usage(10_000, 4_000, 0, 2_000, 5_000)) == pytest.approx(usd, rel=0.01)
    assert money.cost(OWN, Usage(10_000, 4_000, 0, 2_000, 5_000)) == pytest.approx(0.024 + 0.0008 + 0.1)
    # Whatever a provider miscounts, nothing is ever paid back.
    assert money.cost(OWN, Usage(100, 4_000, 0, 0, 0)) == pytest.approx(0.0008)


def test_what_the_provider_says_it_costs_is_what_it_costs(money: Money) -> None:
    """Its word is exact, where ours is about; and an unknown model has no other."""
    assert money.cost(OPUS, Usage(10_000, 0, 0, 0, 5_000, usd=0.0123)) == 0.0123
    assert money.cost("unheard-of", Usage(10_000, usd=0.0)) == 0.0
    assert money.cost("unheard-of", Usage(10_000, 0, 0, 0, 5_000)) is None


def test_before_there_is_a_history_a_call_is_taken_to_write_what_such_calls_may(money: Money) -> None:
    """All of `max_tokens` would refuse nearly every call, and nothing at all would promise too much."""
    estimate = money.estimate(OWN, "high", "deep", "write", 6_000, 16_384, is_free=False)
    short = money.estimate(OWN, "high", "deep", "write", 6_000, 1_000, is_free=False)

    assert figures(estimate) == pytest.approx((0.024 + 0.05, 0.024 + 0.16))
    assert figures(short) == pytest.approx((0.024 + 0.02, 0.024 + 0.02))


def test_from_nine_calls_on_an_estimate_follows_what_was_written(database: Database, money: Money) -> None:
    """The most of it is what nine of ten calls kept; it still follows how much is sent this time."""
    ledger = DeepLedger(database)
    for n in range(1, 10):
        ledger.record(CALL._replace(output_tokens=100 * n)).result()

    estimate = money.estimate(OWN, "high", "deep", "write", 6_000, 16_384, is_free=False)
    other = money.estimate(OWN, "low", "deep", "write", 6_000, 16_384, is_free=False)

    assert figures(estimate) == pytest.approx((0.024 + 0.01, 0.024 + 0.018))
    assert other.usd == pytest.approx(0.024 + 0.05)


def test_a_whole_run_costs_its_calls_until_nine_runs_say_better(database: Database, money: Money) -> None:
    """`≈$0.42` on the arming row is what the person decides by."""
    deep = money.estimate(OWN, "high", "deep", "run", 6_000, 16_384, is_free=False)
    deeper = money.estimate(OWN, "high", "deeper", "run", 6_000, 16_384, is_free=False)
    assert deep == money.estimate(OWN, "high", "deep", "write", 6_000, 16_384, is_free=False)
    # A plan, four parts and a synthesis read 6,000 each, the last the parts too; 9,100 tokens are written.
    assert deeper.usd == pytest.approx((6 * 6_000 + 4 * 1_500) * 4e-6 + 9_100 * 20e-6)
    assert figures(deeper)[1] > figures(deeper)[0]

    ledger = DeepLedger(database)
    for n in range(1, 10):
        ledger.record(CALL._replace(preset="deeper", stage="run", usd=0.1 * n)).result()
    deeper = money.estimate(OWN, "high", "deeper", "run", 6_000, 16_384, is_free=False)
    assert figures(deeper) == pytest.approx((0.5, 0.9))


def test_where_only_the_provider_knows_its_prices_nine_calls_stand_for_them(
    database: Database, money: Money
) -> None:
    """A router says what each call cost; before it has said so nine times, nothing is claimed."""
    ledger = DeepLedger(database)
    for n in range(1, 9):
        ledger.record(CALL._replace(model="odd", usd=0.01 * n)).result()
    assert money.estimate("odd", "high", "deep", "write", 6_000, 0, is_free=False) == Estimate(6_000)

    ledger.record(CALL._replace(model="odd", effort="low", usd=0.09)).result()
    assert money.estimate("odd", "high", "deep", "write", 6_000, 0, is_free=False) == Estimate(6_000)

    ledger.record(CALL._replace(model="odd", usd=0.09)).result()
    known = money.estimate("odd", "high", "deep", "write", 6_000, 0, is_free=False)
    assert figures(known) == pytest.approx((0.05, 0.09))


def test_a_call_that_may_go_beyond_a_runs_cap_is_not_begun(money: Money) -> None:
    """With the figures and the way out; to the cent it is still begun."""
    estimate = Estimate(6_000, 0.1, 0.31)

    money.check(estimate, 0.19, 0)
    assert refusal(money, estimate, run_usd=0.2) == (
        "this call may cost ≈$0.31; $0.20 of the run's $0.50 are spent",
        "deep.max_usd_per_run raises it, or /deep local asks here.",
    )


def test_the_days_cap_holds_across_restarts_and_ends_with_the_local_day(path: Path, clock: Clock) -> None:
    """Who restarts the program has not got new money; who wakes up has."""
    database = Database.open(path, clock)
    DeepLedger(database).record(CALL._replace(usd=4.8)).result()
    database.close()
    clock.now += 3600
    database = Database.open(path, clock)
    money = money_of(database, clock)
    estimate = Estimate(6_000, 0.1, 0.31)

    assert money.spent_today() == 4.8
    assert refusal(money, estimate) == (
        "this call may cost ≈$0.31; $4.80 of the day's $5.00 are spent",
        "deep.max_usd_per_day raises it, or /deep local asks here.",
    )
    clock.now = datetime(2026, 11, 26, 23, 59, 59).timestamp()
    refusal(money, estimate)
    clock.now = datetime(2026, 11, 27, 0, 0, 1).timestamp()
    money.check(estimate, 0.0, 0)
    assert money.spent_today() == 0.0
    database.close()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone can only be set on POSIX")
def test_a_day_is_the_persons_own_also_when_its_clock_is_put_back(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The 25 hours of an autumn Sunday are one day."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        money = money_of(database, clock)
        clock.now = datetime(2026, 10, 25, 0, 30).timestamp()
        DeepLedger(database).record(CALL._replace(usd=1.0)).result()
        clock.now += 24 * 3600
        assert datetime.fromtimestamp(clock.now).hour == 23
        assert money.spent_today() == 1.0
        clock.now += 3600
        assert money.spent_today() == 0.0
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_day_pays_for_calls_that_are_still_under_way(database: Database, money: Money) -> None:
    """Four parts that go out at once are not in the ledger yet, and must not each take the last dollar."""
    DeepLedger(database).record(CALL._replace(usd=4.6)).result()
    estimate = Estimate(6_000, 0.1, 0.15)

    money.check(estimate, 0.1, 0, under_way_usd=0.1)
    with pytest.raises(CapReached, match=r"\$4\.90 of the day's \$5\.00"):
        money.check(estimate, 0.3, 0, under_way_usd=0.3)


def test_what_is_free_is_never_refused(database: Database, clock: Clock) -> None:
    """This machine's own time is the person's, whatever the caps say."""
    money = money_of(database, clock, max_usd_per_run=0.0, max_usd_per_day=0.0, max_tokens_per_run=1000)
    estimate = money.estimate("qwen3:4b", "high", "deep", "write", 90_000, 16_384, is_free=True)

    assert estimate == Estimate(90_000, 0.0, 0.0, is_free=True)
    money.check(estimate, 0.0, 90_000)
    # A router's free model costs nothing either, and a cap of 0 allows what costs nothing.
    free = money.estimate("z-ai/glm-9:free", "high", "deep", "write", 900, 16_384, is_free=False)
    money.check(free, 0.0, 0)


def test_an_unknown_price_is_said_and_bounded_by_tokens(database: Database, clock: Clock) -> None:
    """Nobody can promise dollars for it; a run can still not go on for ever."""
    estimate = Estimate(6_000)

    money = money_of(database, clock)
    money.check(estimate, 0.0, 194_000)
    sentence, remedy = refusal(money, estimate, run_tokens=194_001)
    assert "is not known" in sentence
    assert "200,001 tokens of the 200,000" in sentence
    assert "[prices]" in remedy

    bounded = money_of(database, clock, max_tokens_per_run=300_000)
    bounded.check(estimate, 0.0, 294_000)
    assert refusal(bounded, estimate, run_tokens=294_001) == (
        "this call sends 6,000 tokens; 294,001 of the run's 300,000 are used",
        "deep.max_tokens_per_run raises it, or /deep local asks here.",
    )
    for name in ("max_usd_per_run", "max_usd_per_day"):
        nothing = money_of(database, clock, None, **{name: 0.0})
        assert refusal(nothing, estimate)[0] == f"what this model costs is not known, and deep.{name} is 0"


def test_a_runs_tokens_are_bounded_where_its_price_is_known_too(database: Database, clock: Clock) -> None:
    """The setting says tokens, and means them."""
    money = money_of(database, clock, max_tokens_per_run=10_000)
    estimate = money.estimate(OWN, "high", "deep", "write", 6_000, 16_384, is_free=False)

    money.check(estimate, 0.0, 4_000)
    assert "max_tokens_per_run" in refusal(money, estimate, run_tokens=4_001)[1]


def test_a_store_that_refuses_costs_no_run(database: Database, clock: Clock) -> None:
    """Without it nothing is known of the day; the run's own cap still holds."""
    money = money_of(database, clock)
    database.close()

    estimate = money.estimate(OWN, "high", "deep", "write", 6_000, 16_384, is_free=False)
    money.check(estimate, 0.1, 0)
    refusal(money, estimate, run_usd=0.4)


def test_what_is_written_to_a_providers_cache_may_cost_more_than_reading(money: Money) -> None:
    """The most a call may cost has to hold when all of it is new to the cache."""
    opus = money.price_of(OPUS)
    assert opus is not None

    estimate = money.estimate(OPUS, "high", "deep", "write", 100_000, 1, is_free=False)

    assert estimate.usd == pytest.approx(opus.read / 10, rel=0.01)
    assert estimate.most_usd == pytest.approx(opus.cache_write / 10, rel=0.01)
