"""``leadline stats``: what was measured here, told to people and to programs."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.cache.acts import Act, record
from core.store.conversations import Conversations
from core.store.database import Database
from core.store.deep_ledger import WHOLE_RUN, DeepCallRecord, DeepLedger
from core.store.facts import Choice, Facts, ModelFact
from core.store.speculation import SpeculationStore
from tests.answers import answered
from tests.server import OllamaServer
from tests.shell.running import Done, Shell

DAY_S = 24 * 3600.0


def section(done: Done, name: str = "speculation") -> dict[str, Any]:
    """One of the objects that were printed, one a line."""
    assert (done.code, done.err) == (0, "")
    (found,) = (each for each in done.events() if each["section"] == name)
    return found


def lived_with(home: Path, name: str = "leadline.db") -> None:
    """Some use of last month, and some of today."""
    now = [time.time() - 30 * DAY_S]
    database = Database.open(home / name, lambda: now[0])
    store = SpeculationStore(database)
    store.count("typing", requests=100, tokens=100, busy_s=9.0)
    store.offer(1, [(1, "yes")])
    now[0] = time.time()
    for offers in (
        store.offer(1, [(1, "yes"), (2, "no")]).result(),
        store.offer(1, [(1, "explain")]).result(),
    ):
        store.taken(offers[0], "ready", 4.0)
    store.count("typing", requests=12, tokens=12, busy_s=2.0)
    store.count("submit", requests=3, tokens=90, wasted=30, adopted=2, saved_s=1.5)
    for ms in (5.0, 250.0, 10.0):
        store.delayed("http://127.0.0.1:11434", "m", ms, was_prefilling=False)
    database.close()


def test_what_was_made_ahead_is_told_in_words(shell: Shell) -> None:
    """Somebody asks whether it is worth the fan's noise."""
    lived_with(shell.home)
    done = shell.run("stats")

    assert (done.code, done.err) == (0, "")
    since, _, title, *rows = done.out.splitlines()
    assert since == f"since {time.strftime('%Y-%m-%d', time.localtime(time.time() - 7 * DAY_S))}"
    assert title == "made ahead"
    told = dict(row.strip().split("  ", 1) for row in rows)
    told = {label: words.strip() for label, words in told.items()}
    assert told["offered"] == "3 questions, 2 (67%) taken"
    assert told["sent at a pause"] == "2 questions that enter then took, of 3"
    assert told["each one used"] == "cost 26 tokens and 0.5 s of the device"
    assert told["waiting saved"] == "9.5 s"
    assert told["written ahead"] == "102 tokens, 30 of them used by nobody"
    assert told["device busy"] == "2.0 s"
    assert set(told["requests"].split(" · ")) == {"typing 12", "submit 3"}
    assert told["makes way in"] == "10 ms (p50), 250 ms (p95), measured 3 times"
    assert told["now"] == "warm, typed text read meanwhile, follow-up questions answered"


def test_figures_are_numbers_for_programs(shell: Shell) -> None:
    """One object a section, so that later sections break no reader."""
    lived_with(shell.home)
    figures = section(shell.run("stats", "--json"))

    assert figures.pop("since") == pytest.approx(time.time() - 7 * DAY_S, abs=60)
    assert figures == {
        "section": "speculation",
        "level": "all",
        "reason": "",
        "offered": 3,
        "taken": 2,
        "adopted": 2,
        "saved_s": 9.5,
        "tokens": {"typing": 12, "submit": 90},
        "wasted_tokens": 30,
        "busy_s": 2.0,
        "requests": {"typing": 12, "submit": 3},
        "sent": 3,
        "delays": 3,
        "delay_p50_ms": 10.0,
        "delay_p95_ms": 250.0,
    }
    older = section(shell.run("stats", "--json", "--since", "8w"))
    assert (older["offered"], older["requests"]["typing"], older["busy_s"]) == (4, 112, 11.0)


def test_where_nothing_was_made_ahead_yet_it_says_so(shell: Shell) -> None:
    """The first look comes before the first use, and what was not measured has no figure."""
    done = shell.run("stats")
    assert (done.code, done.out.count("\n")) == (0, 1)
    assert "nothing was asked, so there is nothing to tell; --since looks further back" in done.out

    figures = section(shell.run("stats", "--json"))
    assert (figures["delay_p95_ms"], figures["offered"], figures["requests"]) == (None, 0, {})


@pytest.mark.parametrize(
    ("env", "reason"),
    [
        ({"LEADLINE_SPECULATION__ENABLED": "false"}, "speculation.enabled is false"),
        ({"OLLAMA_HOST": "box.lan"}, "the model runs at box.lan, which is not among speculation.own_hosts"),
        ({"OLLAMA_HOST": "box.lan", "LEADLINE_SPECULATION__OWN_HOSTS": "BOX.LAN:11434"}, ""),
        ({"LEADLINE_FAST__MODEL": "qwen3:cloud"}, "the model runs at ollama.com"),
        (
            {"LEADLINE_FAST__MODEL": "qwen3:cloud", "LEADLINE_SPECULATION__OWN_HOSTS": "ollama.com"},
            "the model runs at ollama.com",
        ),
    ],
)
def test_why_nothing_is_made_ahead_now_is_said(
    shell: Shell, server: OllamaServer, env: dict[str, str], reason: str
) -> None:
    """From settings and store alone: a look at figures asks no server anything."""
    figures = section(shell.run("stats", "--json", env=env))
    assert not server.log

    assert (figures["level"], figures["reason"]) == ("off" if reason else "all", reason)


def test_a_chosen_cloud_model_is_known_from_the_store(shell: Shell) -> None:
    """Its name need not tell: what the server once said of it does."""
    url = shell.url if "://" in shell.url else f"http://{shell.url}"
    database = Database.open(shell.home / "leadline.db", time.time)
    facts = Facts(database)
    facts.pin(Choice(url, "big", "chosen by you", 1.0)).result()
    facts.remember(ModelFact(url, "big", "d", 8192, 8192, None, "", "https://far.example:443")).result()
    database.close()

    figures = section(shell.run("stats", "--json"))

    assert (figures["level"], figures["reason"]) == ("off", "the model runs at far.example")
    assert "off: the model runs at far.example" in shell.run("doctor").out


def test_the_demo_has_figures_of_its_own(shell: Shell) -> None:
    """What it makes ahead is theatre, and no measure of this machine."""
    lived_with(shell.home, "leadline-demo.db")
    away = {"OLLAMA_HOST": "box.lan"}

    for arguments in (("--demo", "stats", "--json"), ("stats", "--demo", "--json")):
        figures = section(shell.run(*arguments, env=away))
        assert (figures["level"], figures["offered"]) == ("all", 3)
    assert section(shell.run("stats", "--json"))["offered"] == 0


@pytest.mark.parametrize(
    "since", ["", "d", "7", "0d", "-7d", "7y", "7 d", "٣d", "1.5h", "9" * 30 + "d", "\x1b[2Jd"]
)
def test_a_time_that_is_none_is_refused_in_a_sentence(shell: Shell, since: str) -> None:
    """Nothing is guessed, and what was typed cannot play with the screen."""
    done = (
        shell.run("stats", "--since", since)
        if not since.startswith("-")
        else shell.run("stats", f"--since={since}")
    )

    assert (done.code, done.out) == (2, "")
    assert "a time such as 24h, 7d or 4w is wanted" in done.err
    assert "\x1b" not in done.err


def test_a_very_long_time_is_all_there_is(shell: Shell) -> None:
    """Whoever wants everything says a large number."""
    lived_with(shell.home)
    done = shell.run("stats", "--since", "9" * 18 + "w")

    assert (done.code, done.out.startswith("since 1970-01-01")) == (0, True)
    assert "4 questions" in done.out


def test_strange_words_in_the_file_are_harmless(shell: Shell) -> None:
    """The file may have been written by anyone, and this goes to a terminal."""
    database = Database.open(shell.home / "leadline.db", time.time)
    SpeculationStore(database).count("a\x1b]0;x\x07b", requests=1, tokens=1).result()
    assert Conversations(database).recent(1) == ()
    database.close()

    for arguments in (("stats",), ("stats", "--json")):
        out = shell.run(*arguments).out
        assert "\x1b" not in out
        assert "\\u001b" not in out


def test_a_database_that_cannot_be_read_is_named(shell: Shell) -> None:
    """A sentence and what to do, as everywhere."""
    (shell.home / "leadline.db").write_text("not a database\n" * 9)
    done = shell.run("stats")

    assert (done.code, done.out) == (1, "")
    assert "leadline.db" in done.err


def asked_around(home: Path) -> None:
    """Answers of some hours, stored ones among them, and a deep run."""
    now = time.time()
    database = Database.open(home / "leadline.db", lambda: now)
    for hour in range(6):
        for ttft in (100.0, 300.0, 2_500.0):
            at = now - hour * 3600 - 60
            answered(
                database,
                at=at,
                ttft_ms=ttft,
                total_ms=ttft + 5000,
                paint_ms=ttft + 9,
                decode_ms=4000.0,
                output_tokens=100,
                text="never read",
            )
    answered(database, at=now - 5, route="exact-hit", ttft_ms=2.0, total_ms=3.0, door="ask")
    answered(database, at=now - 5, state="failed", total_ms=50.0, model="")

    def acts(connection):  # type: ignore[no-untyped-def]  # a job of the writer's
        for act, outcome in (
            (Act.SERVED, "exact"),
            (Act.SHOWN, "maybe"),
            (Act.SHOWN, "maybe"),
            (Act.KEPT, "maybe"),
        ):
            record(connection, act, now - 9, outcome=outcome, seconds=4.0 if act is Act.SERVED else 0.0)
        record(connection, Act.AFRESH, now - 8, outcome="exact")
        record(connection, Act.SERVED, now - 30 * DAY_S, outcome="sure")

    database.submit(acts).result()
    for stage in ("write", WHOLE_RUN):
        call = DeepCallRecord(
            1, "anthropic", "a", "big", "high", "deep", stage, 9, 38_000.0, output_tokens=900, usd=0.11
        )
        DeepLedger(database).record(call).result()
    database.close()


def test_waits_and_times_are_told_in_words_and_charts(shell: Shell) -> None:
    """The whole of it on eighty columns, in plain text: what a person sends to somebody who asks."""
    asked_around(shell.home)
    done = shell.run("stats")

    assert (done.code, done.err) == (0, "")
    lines = [line.strip() for line in done.out.splitlines()]
    assert "in all        20: 19 complete · 1 failed" in lines
    assert "in the shell  1 of them to leadline ask" in lines
    assert any(line.startswith("within 0.2 s   35.0%  ██") for line in lines)
    assert any(line.startswith("within 2 s     65.0%  ██") for line in lines)
    assert any(line.startswith("above 10 s      0.0%") for line in lines)
    assert any(line.startswith("without text    5.0%") for line in lines)
    assert "fast                     18   0.30   2.50   0.31   2.51   5.30   7.50     25" in lines
    assert "same question  1 (5% of all answers)" in lines
    assert "other wording  0 (0% of all answers)" in lines
    assert "maybe kept     1 (50% of those shown)" in lines
    assert "objected       1 (100% of those served) (asked afresh, or not this)" in lines
    assert "whole runs  1, 0:38 (p50), 0:38 (p95)" in lines
    assert "estimates   none was made: from 9 earlier runs of the kind on" in lines
    assert "cost        ≈$0.11, ≈$0.11 a run (p50)" in lines
    assert "first token (● p50, ○ p95), each hour" in lines
    assert done.out.count("●") == 2 + 2 * 6
    assert max(map(len, done.out.splitlines())) <= 80
    assert "\x1b" not in done.out


def test_where_only_ascii_is_taken_the_charts_are_in_ascii(shell: Shell) -> None:
    """A log, a mail, a terminal of old: question marks would be no chart."""
    asked_around(shell.home)
    done = shell.run("stats", env={"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})

    assert done.code == 0
    assert done.out.isascii()
    assert "first token (o p50, . p95)" in done.out
    assert "?" not in done.out


def test_the_same_are_numbers_for_programs(shell: Shell) -> None:
    """Each section has its own object; a time that was not measured is null."""
    asked_around(shell.home)
    done = shell.run("stats", "--json")

    assert [each["section"] for each in done.events()] == [
        "answers",
        "history",
        "stored",
        "speculation",
        "deep",
        "ips",
    ]
    answers = section(done, "answers")
    assert answers["counted"] == {
        "answers": 20,
        "asked": 1,
        "complete": 19,
        "partial": 0,
        "failed": 1,
        "cancelled": 0,
    }
    assert answers["limits_ms"] == [200.0, 2000.0, 3000.0, 10000.0]
    assert answers["all"]["within"] == [7, 13, 19, 19]
    assert answers["all"]["paint_ms"] == {"count": 18, "p50": 309.0, "p95": 2509.0}
    assert [(each["model"], each["route"], each["answers"]) for each in answers["made"]] == [
        ("qwen3:4b", "fast", 18),
        ("", "fast", 1),
        ("qwen3:4b", "exact-hit", 1),
    ]
    assert answers["made"][1]["ttft_ms"] is None
    history = section(done, "history")
    assert sum(moment["ttft_ms"]["count"] for moment in history["moments"]) == 19
    assert section(done, "stored")["hits"] == {"exact": 1, "sure": 0, "maybe": 1}
    assert section(shell.run("stats", "--json", "--since", "8w"), "stored")["hits"]["sure"] == 1
    deep = section(done, "deep")
    assert (deep["runs"], deep["usd"], deep["models"]["big"]["tokens"]) == (1, 0.11, 900)
    assert deep["estimates"] == {"told": 0, "half": 0, "most": 0}


def test_with_few_points_there_is_no_chart(shell: Shell) -> None:
    """Two dots are told sooner in words."""
    database = Database.open(shell.home / "leadline.db", time.time)
    answered(database, at=time.time() - 9, ttft_ms=100.0, total_ms=200.0)
    database.close()
    out = shell.run("stats").out

    assert "1: 1 complete" in out
    assert "┤" not in out


def test_names_of_strangers_are_plain_words_in_the_table(shell: Shell) -> None:
    """A model is named by whoever made it, and this goes to a terminal."""
    database = Database.open(shell.home / "leadline.db", time.time)
    for model in ("\x1b]0;x\x07" + "長い名前" * 30, "[b]x[/b]\n\tb"):
        answered(database, at=time.time() - 9, model=model, route="\x1b[2J\n", place="\x9b31m", ttft_ms=1.0)
    database.close()

    for arguments in (("stats",), ("stats", "--json")):
        out = shell.run(*arguments).out
        assert not set(out) & {"\x1b", "\x07", "\x9b"}
        assert "\\u001b" not in out
    assert "[b]x[/b]" in shell.run("stats").out


def test_sums_that_nobody_can_have_counted_break_nothing(shell: Shell) -> None:
    """A cell that holds infinity, or more than there is, once ended the command with a traceback."""
    lived_with(shell.home)
    with closing(sqlite3.connect(shell.home / "leadline.db")) as stranger, stranger:
        stranger.execute("UPDATE offer SET saved_s = 9e999")
        stranger.execute("UPDATE speculated SET saved_s = 1e308, busy_s = -9e999")
        stranger.execute("UPDATE delay SET ms = 9e999")
    told = shell.run("stats")
    assert (told.code, told.err) == (0, "")
    done = shell.run("stats", "--json")
    assert "Infinity" not in done.out
    assert section(done)["saved_s"] == 0.0
