"""Streams killed in the middle: what of them is in the database afterwards.

`leadline ask` processes, several at once on one file, each killed at its own moment after its first text;
then one more question is asked, which is what opens the file again, and the file is looked at.
"""

import argparse
import json
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace

from tests.bench.dialect import Traits
from tests.bench.figures import Company, Figure, table
from tests.bench.product import MODEL, CannotRun, Product, add_options, product
from tests.bench.screen import Person
from tests.bench.terminal import Terminal, drawn
from tests.server import Loaded, Script

AT_ONCE = 8
RATE = 100.0
LONGEST_S = 1.6
SAVED_AFTER_S = 0.8
"""Text is written at most every 500 ms; with this much of a stream some must be there."""

WORDS = [f"word{number} " for number in range(3000)]
WHOLE = "".join(WORDS)


@dataclass(frozen=True, slots=True)
class Killed:
    """A stream that was cut.

    Attributes:
        lived_s: from its first text to the kill.
        has_spoken: it had shown some text.
    """

    question: str
    lived_s: float
    has_spoken: bool


def kill_one(where: Product, question: str, wait_s: float) -> Killed:
    """Ask, wait for the first text and a while longer, and kill."""
    process = subprocess.Popen(
        [*where.command, "ask", "--json", "--no-cache", question],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=where.directory,
        env=where.environ,
    )
    assert process.stdout is not None
    has_spoken = False
    for line in process.stdout:
        if json.loads(line)["event"] == "text":
            has_spoken = True
            break
    since = time.monotonic()
    time.sleep(wait_s)
    lived_s = time.monotonic() - since
    process.kill()
    process.wait()
    process.stdout.close()
    return Killed(question, lived_s, has_spoken)


def kill_screen(where: Product, wait_s: float) -> Killed:
    """The same on the screen: the first question of a sitting, and the terminal's program is killed."""
    with Terminal(
        where.command, where.environ, traits=Traits(kitty=True), directory=where.directory
    ) as terminal:
        person = Person(terminal, where, random.Random(1))
        person.come_in()
        _, request = person.ask(WORDS, RATE)
        terminal.wait_for(drawn("word0"))
        time.sleep(wait_s)
        terminal.kill()
    return Killed(asked_in(request.body), wait_s, True)


def asked_in(body: Mapping[str, object]) -> str:
    """The question of a chat request."""
    messages = body["messages"]
    assert isinstance(messages, list)
    return str(messages[-1]["content"])


def kill_many(where: Product, streams: int) -> list[Killed]:
    """Kill that many, several at a time."""
    chance = random.Random(9)
    todo = [(f"question {n}: what is a rebase?", chance.uniform(0.0, LONGEST_S)) for n in range(streams)]
    done: list[Killed] = []

    def work() -> None:
        while todo:
            try:
                question, wait_s = todo.pop()
            except IndexError:  # another thread was quicker
                return
            done.append(kill_one(where, question, wait_s))

    threads = [threading.Thread(target=work) for _ in range(min(AT_ONCE, streams))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def measure(command: tuple[str, ...], streams: int, screens: int) -> list[Figure]:
    """Kill, open again, and count.

    Raises:
        CannotRun: No answer streams, or the file cannot be opened again.
    """
    script = Script(
        loaded=(Loaded(MODEL, 8192),), slots=AT_ONCE + 1, reply=["ready "], tokens_per_s=RATE, ttft_s=0.01
    )
    with product(command, script) as where:
        _ask_once(where, "first of all?")
        where.server.script = replace(script, reply=WORDS)
        killed = kill_many(where, streams)
        killed += [kill_screen(where, 0.2 + 0.2 * number) for number in range(screens)]
        if not any(each.has_spoken for each in killed):
            raise CannotRun("no answer ever began to stream")
        where.server.script = script
        _ask_once(where, "and after all that?")
        return _count(where, killed)


def _ask_once(where: Product, question: str) -> None:
    done = subprocess.run(
        [*where.command, "ask", "--no-cache", question],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=where.directory,
        env=where.environ,
        timeout=30,
        check=False,
    )
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode or b"ready" not in done.stdout:
        raise CannotRun(f"`leadline ask` ended with {done.returncode}: {said[-800:]}")
    if "not saved" in said:
        raise CannotRun(f"`leadline ask` did not save: {said[-800:]}")


def _count(where: Product, killed: list[Killed]) -> list[Figure]:
    with closing(sqlite3.connect(where.database)) as connection:
        (integrity,) = connection.execute("PRAGMA integrity_check").fetchone()
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
        rows = connection.execute(
            "SELECT question, state, text FROM turn JOIN answer ON answer.turn_id = turn.id"
        ).fetchall()
    wanted = [each.question for each in killed]
    found = [(question, state, text) for question, state, text in rows if question in set(wanted)]
    there = sum(min(wanted.count(name), sum(row[0] == name for row in found)) for name in set(wanted))
    kept = [text for _, _, text in found if text]
    long_lived = sum(each.lived_s > SAVED_AFTER_S for each in killed)
    states = sorted({state for _, state, _ in found})
    total = len(killed)
    return [
        Figure("kill -9: questions there", there, f"of {total}", total, at_least=True),
        Figure(
            "kill -9: integrity and keys sound", float(integrity == "ok" and not broken), "", 1, integrity
        ),
        Figure(
            "kill -9: answers with their text so far",
            len(kept),
            f"of {total}",
            long_lived,
            f"{long_lived} lived longer than {SAVED_AFTER_S:g} s",
            at_least=True,
        ),
        Figure(
            "kill -9: texts that are not what was streamed",
            sum(not WHOLE.startswith(text) for text in kept),
            "",
            0,
        ),
        Figure(
            "kill -9: answers still marked as streaming",
            sum(state == "streaming" for _, state, _ in found),
            "",
            0,
            f"states: {', '.join(states)}",
        ),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; fails when something was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.kill9", description=__doc__)
    add_options(parser, 50)
    parser.add_argument("--screens", type=int, default=3, help="screens killed as well (default %(default)s)")
    given = parser.parse_args(arguments)
    company = Company()
    try:
        figures = measure(given.command, given.runs, given.screens)
    except CannotRun as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    print(company.words())
    print(table(figures))
    return 0 if all(figure.is_reached for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
