"""``leadline ask --deep`` around a run: what is refused, what is said, what is printed, and the exit code."""

import asyncio
import json
import os
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TextIO, cast

import pytest

from core.deep.arming import Prepared
from core.deep.caller import Caller
from core.deep.depth import Depth
from core.deep.money import Estimate
from core.deep.question import DeepQuestion, ItemKind, Pack, PackItem, Preset
from core.deep.run import Run
from core.deep.status import RunState, RunStatus, Spending, StageKind, StageStatus
from core.engine.deepening import Deepening
from core.errors import HouseError
from core.events import (
    Noted,
    Routed,
    StageReported,
    StageState,
    TextDelta,
    TextRestarted,
    TurnEvent,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    UsageReported,
)
from core.messages import Route
from core.metrics.usual import Usual
from core.providers.deep.calls import Effort
from tui import deep_oneshot
from tui.deep_oneshot import thought_through
from tui.deep_progress import ended_text, progress_text
from tui.printing import JsonPrinter, Printer, TextPrinter

ARMING = "sends a.py, 6.2k tok, 0 secrets → api.example ≈$0.05"
ENDED = TurnFinished(1, 2, 900.0, 4000.0, 3)
NOBODY = cast(Caller, None)
REMOTE = Depth(NOBODY, "big-1", Effort.HIGH, "anthropic", "api.example", "REMOTE api.example")
HERE = Depth(
    NOBODY, "small:4b", Effort.HIGH, "ollama", "", "local", is_free=True, note="no remote model is set"
)
PACK = Pack("why?", "")
STATUS = RunStatus(
    1, Preset.DEEPER, RunState.RUNNING, "why?", "big-1", "high", "anthropic", "REMOTE api.example"
)


class ScriptedRun(Run):
    """Tells what was written; it then stands as it is, until somebody leaves."""

    def __init__(self, events: Sequence[TurnEvent], status: RunStatus) -> None:
        self.events, self.now = events, status
        self.is_left = False

    def status(self) -> RunStatus:
        return self.now

    async def listen(self) -> AsyncGenerator[TurnEvent, None]:
        try:
            for event in self.events:
                yield event
                if isinstance(event, TurnFinished | TurnFailed):
                    return
            await asyncio.Event().wait()
        finally:
            self.is_left = True


@dataclass
class ScriptedDeepening(Deepening):
    """Prepares what was written, and begins the runs that were written, in their order."""

    runs_to_come: list[ScriptedRun] = field(default_factory=list)
    depth: Depth = REMOTE
    pack: Pack = PACK
    asked: list[DeepQuestion] = field(default_factory=list)
    begun: list[Prepared] = field(default_factory=list)

    async def prepare(self, question: DeepQuestion) -> Prepared:
        self.asked.append(question)
        return Prepared(question, self.depth, self.pack, self._estimate(self.pack))

    def start(self, prepared: Prepared, *, waits_for_plan: bool = True) -> Run:
        assert not waits_for_plan, "nobody sees the plan"
        self.begun.append(prepared)
        return self.runs_to_come.pop(0)

    def _estimate(self, pack: Pack) -> Estimate:
        return Estimate(sum(item.tokens for item in pack.sent))


@pytest.fixture(autouse=True)
def arming(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row is another room's; here it only has to be said."""
    monkeypatch.setattr(deep_oneshot, "arming_text", lambda prepared: ARMING)


def one(*events: TurnEvent, **more: object) -> ScriptedDeepening:
    """A deepening with one run."""
    return ScriptedDeepening([ScriptedRun(events, STATUS)], **more)  # type: ignore[arg-type]  # by their names


def ask(deepening: Deepening, printer: Printer, *, allows: bool = False, fits: bool = False) -> int:
    """The whole way of the events; the exit code."""

    async def play() -> None:
        question = DeepQuestion("why?", allows_secrets=allows)
        async with aclosing(thought_through(deepening, question, printer.pass_by, fits=fits)) as events:
            async for event in events:
                printer.take(event)

    asyncio.run(play())
    return printer.exit_code


def stage(name: str, state: StageState, **more: object) -> StageReported:
    return StageReported(name, name, 2, 3, state, 1234.56, **more)  # type: ignore[arg-type]  # by their names


ROUTED = Routed(Route.DEEP, "big-1", "anthropic", "REMOTE api.example")
WHOLE = (ROUTED, TurnStarted(1, 1, 2), TextDelta("Because"), TextDelta(" so."), ENDED)


def test_stdout_has_the_answer_and_stderr_what_left(capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing is asked, it is at least said."""
    deepening = one(*WHOLE)
    code = ask(deepening, TextPrinter(extract=False))
    told = capsys.readouterr()

    assert (code, told.out, told.err) == (0, "Because so.\n", f"leadline: {ARMING}\n")
    assert len(deepening.begun) == 1


def test_without_a_remote_model_nothing_is_said_of_leaving(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is said of it instead is the run's note."""
    assert ask(one(Noted(HERE.note), *WHOLE, depth=HERE), TextPrinter(extract=False)) == 0
    assert capsys.readouterr().err == "leadline: no remote model is set\n"


def test_a_secret_is_refused_before_anything_begins(capsys: pytest.CaptureFixture[str]) -> None:
    """An earlier turn or the instructions may hold one; in a pipe nobody can be asked."""
    pack = Pack(
        "why?", "", (PackItem("turn-3", ItemKind.TURN, "turn 3", 9, secrets=("turn 3 line 2: key",)),)
    )
    deepening = one(*WHOLE, pack=pack)
    with pytest.raises(HouseError) as caught:
        ask(deepening, TextPrinter(extract=False))
    assert caught.value.kind == "secrets"
    assert caught.value.message == "this looks secret: turn 3 line 2: key; nothing was sent"
    assert "--allow-secrets" in caught.value.remedy
    assert deepening.begun == []

    assert capsys.readouterr().out == ""
    assert ask(deepening, TextPrinter(extract=False), allows=True) == 0


def test_a_cap_prints_what_is_finished_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """A script must see that it is not all; a person keeps what was paid for."""
    cap = TurnFailed("cap", "this call may cost ≈$0.31", "deep.max_usd_per_run raises it", True, 1, 2)
    code = ask(one(ROUTED, TextDelta("## Part 1\nfound"), cap), TextPrinter(extract=False))
    told = capsys.readouterr()

    assert (code, told.out) == (1, "## Part 1\nfound\n")
    assert "≈$0.31" in told.err
    assert "deep.max_usd_per_run" in told.err


def test_a_question_that_is_queued_is_not_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    """A script would hang for as long as the network is away."""
    stands = ScriptedRun((ROUTED,), replace(STATUS, state=RunState.QUEUED, turn=7))
    assert ask(ScriptedDeepening([stands]), JsonPrinter()) == 1
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in events] == ["routed", "failed"]
    assert events[-1]["kind"] == "queued"
    assert stands.is_left


def test_json_has_stages_with_exactly_these_fields(capsys: pytest.CaptureFixture[str]) -> None:
    """A renamed field breaks a program that nobody here has ever seen."""
    stages = (
        stage("plan", StageState.STARTED),
        stage("plan", StageState.FINISHED, usual_ms=4200.0, usd=0.0123456),
        stage("part-1", StageState.FAILED, note="the provider is overloaded"),
    )
    usage = UsageReported(10, 20, 5, 15, usd=0.07)
    assert ask(one(ROUTED, *stages, TextRestarted("cut off"), usage, ENDED), JsonPrinter()) == 0
    told = capsys.readouterr()
    events = [json.loads(line) for line in told.out.splitlines()]

    assert [event["event"] for event in events] == [
        *("routed", "stage", "stage", "stage", "restarted", "usage", "finished")
    ]
    fields = {"event": "stage", "id": "plan", "name": "plan", "index": 2, "count": 3}
    assert events[1] == fields | {"state": "started", "elapsed_ms": 1234.6}
    assert events[2] == fields | {
        "state": "finished", "elapsed_ms": 1234.6, "usual_ms": 4200.0, "usd": 0.0123456,
    }  # fmt: skip
    assert events[3]["state"] == "failed"
    assert events[4] == {"event": "restarted", "reason": "cut off"}
    assert events[5]["usd"] == 0.07
    assert "without part-1: the provider is overloaded" in told.err


def test_what_was_written_again_is_no_part_of_a_code_block(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe may run it."""
    again = (TextDelta("```sh\nrm"), TextRestarted("cut off"), TextDelta("```sh\nls\n```\n"), ENDED)
    assert ask(one(*again), TextPrinter(extract=True)) == 0
    assert capsys.readouterr().out == "ls\n"

    assert ask(one(*again), TextPrinter(extract=False)) == 0
    told = capsys.readouterr()
    assert told.out == "```sh\nrm\n```sh\nls\n```\n"
    assert "the answer begins again: cut off" in told.err


def test_what_the_answer_was_held_against_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Evidence that nobody sees is none; of nothing to check, nothing is said."""
    checked = stage("check", StageState.FINISHED, note="block 1 (python) parses · ! a.py:9: it has 3 lines")
    assert ask(one(TextDelta("so"), checked, ENDED), TextPrinter(extract=False)) == 0
    told = capsys.readouterr()
    assert told.out == "so\n"
    assert told.err.endswith("leadline: check: block 1 (python) parses · ! a.py:9: it has 3 lines\n")
    assert ask(one(TextDelta("so"), stage("check", StageState.FINISHED), ENDED), JsonPrinter()) == 0
    assert "check" not in capsys.readouterr().err


def test_turns_are_left_out_only_when_that_was_said(capsys: pytest.CaptureFixture[str]) -> None:
    """As on the fast path: nothing is cut silently."""
    turn = PackItem("turn-1", ItemKind.TURN, "turn 1", 3000, is_struck=True)
    deepening = one(*WHOLE, pack=Pack("why?", "", (turn,)), depth=replace(REMOTE, window=4096))
    with pytest.raises(HouseError) as caught:
        ask(deepening, TextPrinter(extract=False))
    assert (caught.value.kind, deepening.begun) == ("context_full", [])
    assert caught.value.message == "turn 1 would not fit: the window holds 4,096 tokens"
    assert "--fit" in caught.value.remedy

    assert ask(deepening, TextPrinter(extract=False), fits=True) == 0
    assert "left out so that it fits: turn 1" in capsys.readouterr().err


def test_who_leaves_leaves_the_run_to_those_who_keep_it() -> None:
    """Ctrl+C ends what is printed; the run itself is kept by the engine as it closes."""
    run = ScriptedRun((ROUTED, TextDelta("Be")), STATUS)

    async def leave() -> list[TurnEvent]:
        deepening = ScriptedDeepening([run])
        async with aclosing(thought_through(deepening, DeepQuestion("why?"), lambda text: None)) as events:
            return [await anext(events) for _ in range(3)]

    assert asyncio.run(leave()) == [Noted(ARMING), ROUTED, TextDelta("Be")]
    assert run.is_left


def running(*stages: StageStatus, **more: object) -> RunStatus:
    return replace(STATUS, stages=stages, **more)  # type: ignore[arg-type]  # by their names


PLAN = StageStatus("plan", StageKind.PLAN, "plan", StageState.FINISHED, 4.2)
PARTS = tuple(
    StageStatus(f"part-{n}", StageKind.PART, f"part {n}", StageState.FINISHED, 9.0) for n in range(4)
)
WRITE = StageStatus("write", StageKind.WRITE, "write", StageState.STARTED, 7.3, tokens=412)


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (
            running(PLAN, *PARTS, WRITE, spending=Spending(usd=0.07)),
            "plan 4.2 s · 4 parts · write 0:07 · 412 tokens · ≈$0.07",
        ),
        (
            running(PLAN, *PARTS[:2], replace(PARTS[2], state=StageState.STARTED, elapsed_s=61.0)),
            "plan 4.2 s · 2 of 3 parts 1:01",
        ),
        (
            running(
                PLAN,
                replace(PARTS[0], tokens=900),
                replace(PARTS[1], state=StageState.STARTED, tokens=350),
                spending=Spending(output_tokens=900),
            ),
            "plan 4.2 s · 1 of 2 parts 0:09 · 1.2k tokens",
        ),
        (
            running(replace(WRITE, usual=Usual(9, 20.0, 60.0, 38.0, 50.0)), silent_s=12.0),
            "write 0:07/~0:38 · 412 tokens · silent 0:12",
        ),
        (running(spending=Spending(usd=0.0042, is_exact=True)), "$0.004"),
        (running(WRITE, spending=Spending(usd=0.0, is_free=True)), "write 0:07 · 412 tokens"),
        (running(state=RunState.QUEUED, elapsed_s=70.0), "queued 1:10"),
    ],
    ids=["parts done", "parts run", "tokens of what runs", "usual and silent", "exact", "free", "queued"],
)
def test_the_line_that_passes(status: RunStatus, line: str) -> None:
    """What a person in front of it wants to know, and never a percentage."""
    assert progress_text(status) == line


def test_the_line_behind_an_answer() -> None:
    """The label that the screen would put on it."""
    status = replace(STATUS, elapsed_s=41.0, spending=Spending(usd=0.11))
    assert ended_text(status) == "deeper · big-1 · REMOTE api.example · 0:41 · ≈$0.11"


@pytest.mark.skipif(os.name != "posix", reason="there is no pty elsewhere")
def test_progress_is_shown_on_a_terminal_and_wiped(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A line that stays would look like a part of what follows."""
    main, side = os.openpty()
    with os.fdopen(side, "w") as terminal:
        monkeypatch.setattr("sys.stderr", cast(TextIO, terminal))
        printer = TextPrinter(extract=False)
        printer.pass_by("write 0:07 · " + "x" * 200)
        printer.take(TextDelta("so"))
        printer.pass_by("write 0:08")
        printer.take(ENDED)
        terminal.write("$")
        terminal.flush()
        shown = b""
        while not shown.endswith(b"$"):  # a terminal passes on what is written in pieces of its own
            shown += os.read(main, 4096)
    os.close(main)
    first, wiped, *rest = re.split("\r", shown.decode().removesuffix("$"))
    assert first.startswith("write 0:07 · x")
    assert len(first) < 80
    assert wiped == " " * len(first)
    assert rest == ["write 0:08", " " * len("write 0:08"), ""]
