"""``leadline stats``: whether what is made ahead is of use, told to people and to programs."""

import time
from pathlib import Path

import pytest

from core.store.conversations import Conversations
from core.store.database import Database
from core.store.facts import Choice, Facts, ModelFact
from core.store.speculation import SpeculationStore
from tests.server import OllamaServer
from tests.shell.running import Shell

DAY_S = 24 * 3600.0


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
    title, *rows = done.out.splitlines()
    assert title == f"made ahead, since {time.strftime('%Y-%m-%d', time.localtime(time.time() - 7 * DAY_S))}"
    told = dict(row.strip().split("  ", 1) for row in rows)
    told = {label: words.strip() for label, words in told.items()}
    assert told["offered"] == "3 questions, 2 (67%) taken"
    assert told["sent at a pause"] == "2 questions that enter then took"
    assert told["waiting saved"] == "9.5 s"
    assert told["written ahead"] == "102 tokens, 30 of them used by nobody"
    assert told["device busy"] == "2.0 s"
    assert set(told["requests"].split(" · ")) == {"typing 12", "submit 3"}
    assert told["makes way in"] == "10 ms (p50), 250 ms (p95), measured 3 times"
    assert told["now"] == "warm, typed text read meanwhile, follow-up questions answered"


def test_figures_are_numbers_for_programs(shell: Shell) -> None:
    """One object a section, so that later sections break no reader."""
    lived_with(shell.home)
    (figures,) = shell.run("stats", "--json").events()

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
        "delays": 3,
        "delay_p50_ms": 10.0,
        "delay_p95_ms": 250.0,
    }
    (older,) = shell.run("stats", "--json", "--since", "8w").events()
    assert (older["offered"], older["requests"]["typing"], older["busy_s"]) == (4, 112, 11.0)


def test_where_nothing_was_made_ahead_yet_it_says_so(shell: Shell) -> None:
    """The first look comes before the first use, and what was not measured has no figure."""
    done = shell.run("stats")
    assert (done.code, "nothing was done ahead" in done.out) == (0, True)

    (figures,) = shell.run("stats", "--json").events()
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
    (figures,) = shell.run("stats", "--json", env=env).events()
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

    (figures,) = shell.run("stats", "--json").events()

    assert (figures["level"], figures["reason"]) == ("off", "the model runs at far.example")
    assert "off: the model runs at far.example" in shell.run("doctor").out


def test_the_demo_has_figures_of_its_own(shell: Shell) -> None:
    """What it makes ahead is theatre, and no measure of this machine."""
    lived_with(shell.home, "leadline-demo.db")
    away = {"OLLAMA_HOST": "box.lan"}

    for arguments in (("--demo", "stats", "--json"), ("stats", "--demo", "--json")):
        (figures,) = shell.run(*arguments, env=away).events()
        assert (figures["level"], figures["offered"]) == ("all", 3)
    assert shell.run("stats", "--json").events()[0]["offered"] == 0


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

    assert (done.code, done.out.startswith("made ahead, since 1970-01-01")) == (0, True)
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
