"""Deep runs over a real socket: parts at the same time, every failure contained, sockets closed at once."""

import asyncio
import time
from dataclasses import replace
from statistics import quantiles

import pytest

from core.deep.question import Preset
from core.deep.run import Run
from core.deep.status import RunState, StageKind
from core.events import StageState, TextDelta
from core.messages import Route
from core.providers.deep.limits import DeepLimits
from core.providers.link import import_httpx
from tests.core.deep_calling import CHAT, PROTOCOLS, USUAL, caller
from tests.core.deep_runs import bench, heard, in_a_loop, text_of, until
from tests.core.deep_wire import MODEL, NAMES, four_parts, stages_of
from tests.server import Fault, OllamaServer, Script
from tests.server.faults import Refusal

import_httpx()  # its time is not the server's

EACH = pytest.mark.parametrize("protocol", PROTOCOLS)


@EACH
@in_a_loop
async def test_a_deeper_run_goes_through_every_protocol_with_its_parts_at_the_same_time(
    protocol: str,
) -> None:
    """The server's log proves that parts are under way together."""
    with OllamaServer(four_parts(8, 100.0)) as server:
        async with bench(caller(server, protocol, USUAL), model=MODEL) as deep:
            run = await deep.whole(preset=Preset.DEEPER)
            status = run.status()
            answer = deep.doors.conversations.turn(status.turn).answers[-1]
        log = server.requests(CHAT[protocol])
    assert status.state is RunState.COMPLETE
    assert answer.text == "".join(f"write{n} " for n in range(8))
    assert sorted(stages_of(log)) == sorted(["plan", *NAMES, "write"])
    parts = log[1:5]
    assert max(part.first_token_at or 0.0 for part in parts) < min(part.last_byte_at or 0.0 for part in parts)
    assert status.spending.output_tokens > 0
    assert not status.spending.has_estimates, "every protocol has counted"


@in_a_loop
async def test_four_equal_parts_take_little_longer_than_one() -> None:
    """Wall time is at most 1.3 times plan, one part and synthesis; the best of three on a shared machine."""
    ratios = []
    with OllamaServer(four_parts(20, 100.0)) as server:
        async with bench(caller(server, "anthropic", USUAL), model=MODEL) as deep:
            for _ in range(3):
                status = (await deep.whole(preset=Preset.DEEPER)).status()
                took = {stage.id: stage.elapsed_s or 0.0 for stage in status.stages}
                part = min(took[f"part-{n}"] for n in range(1, 5))
                ratios.append(status.elapsed_s / (took["plan"] + part + took["write"]))
                if ratios[-1] <= 1.3:
                    break
    assert min(ratios) <= 1.3, ratios


@EACH
@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (Refusal(403, {"error": "not for you"}), "refused"),
        (Refusal(402, {"error": "no money"}), "out_of_credit"),
        (Refusal(429, {"error": "slow down"}, {"retry-after": "99"}), "rate_limited"),
        (Refusal(529, {"error": "overloaded"}), "busy"),
    ],
)
@in_a_loop
async def test_a_refusal_ends_the_run_with_its_sentence_and_loses_nothing(
    protocol: str, refusal: Refusal, kind: str
) -> None:
    """Whatever a provider answers, the person reads why and what to do; the question stays."""
    script = replace(four_parts(4), fault=Fault.REFUSED, refused=refusal)
    with OllamaServer(script) as server:
        async with bench(caller(server, protocol, DeepLimits(retries=1)), model=MODEL) as deep:
            run = await deep.whole(preset=Preset.DEEPER)
            turn = deep.doors.conversations.turn(run.status().turn)
    error = run.status().error
    assert error is not None
    assert error.kind == kind
    assert error.remedy
    assert run.status().state is RunState.FAILED
    assert (turn.question, turn.answers[-1].route) == ("Why?", Route.DEEP_LOCAL)


@in_a_loop
async def test_one_part_that_fails_at_the_provider_is_contained() -> None:
    """The plan is whole, one of four parts is cut; the answer comes with three."""
    with OllamaServer(four_parts(6, 60.0)) as server:
        async with bench(caller(server, "openai", DeepLimits(retries=0)), model=MODEL) as deep:
            run = await deep.start(preset=Preset.DEEPER, waits_for_plan=True)
            await until(lambda: run.status().state is RunState.PLANNED)
            server.script = replace(server.script, fault=Fault.OVERLOADED, fault_times=1)
            await run.over()
            status = run.status()
    assert status.state is RunState.COMPLETE
    assert [stage.state for stage in status.stages].count(StageState.FAILED) == 1
    failed = next(stage for stage in status.stages if stage.state is StageState.FAILED)
    assert "overloaded" in failed.note or "more to do" in failed.note


async def end_once(server: OllamaServer, protocol: str, moment: str) -> tuple[float, Run, str]:
    """End a run in a moment; how long until the server has seen the last socket close, and what was kept."""
    stage = {"plan": StageKind.PLAN, "parts": StageKind.PART, "write": StageKind.WRITE}[moment]
    before = len(server.log)

    def is_there(run: Run) -> bool:
        stages = [each for each in run.status().stages if each.kind is stage]
        return bool(stages) and all(each.tokens > 3 for each in stages)

    async with bench(caller(server, protocol, USUAL), model=MODEL) as deep:
        run = await deep.start(preset=Preset.DEEPER)
        listening = asyncio.ensure_future(heard(run))
        await until(lambda: is_there(run))
        pressed = time.monotonic()
        run.end()
        await run.over()
        calls = 4 if moment == "parts" else 1
        gone = await asyncio.to_thread(
            server.wait_for,
            lambda each: each.id > before and each.client_gone_at is not None,
            count=calls,
        )
        closed = max(each.client_gone_at or 0.0 for each in server.log[before:])
        assert gone.client_gone_at is not None
        events = await listening
        answer = deep.doors.conversations.turn(run.status().turn).answers[-1]
        assert answer.text == text_of(events)
    return closed - pressed, run, answer.text


def _slow(moment: str) -> Script:
    """Long where the run is to be ended, short before."""
    return four_parts(
        500 if moment == "parts" else 4,
        100.0,
        plan_pieces=200 if moment == "plan" else 8,
        write_words=500,
    )


@EACH
@pytest.mark.parametrize("moment", ["plan", "parts", "write"])
@in_a_loop
async def test_ending_closes_every_socket_at_once_and_keeps_what_came(protocol: str, moment: str) -> None:
    """What nobody waits for is not computed, nor paid for; what was paid for is kept."""
    with OllamaServer(_slow(moment)) as server:
        took, run, text = await end_once(server, protocol, moment)
    assert run.status().state is RunState.PARTIAL
    assert took < 2.0  # measured at some milliseconds, see below; it would have gone on for longer
    findings = [
        stage.finding for stage in run.status().stages if stage.finding and stage.kind is StageKind.PART
    ]
    assert all(finding.strip() in text for finding in findings)
    assert bool(text) == (moment != "plan")


@EACH
@in_a_loop
async def test_the_loop_turns_twice_until_the_sockets_of_a_run_are_closed(protocol: str) -> None:
    """A caller's connections are left open for nobody."""
    with OllamaServer(four_parts(300, 100.0)) as server:
        async with bench(caller(server, protocol, USUAL), model=MODEL) as deep:
            run = await deep.start()
            async for event in run.listen():
                if isinstance(event, TextDelta):
                    break
            run.end()
            run.drop()
            run.end()
            await run.over()
            assert run.status().state is RunState.DROPPED
            assert run.status().alive_s is None
            assert deep.doors.conversations.counts().answers == 0


def measure(runs: int = 10) -> dict[str, float]:
    """p95 in milliseconds from `end` to the last socket closed, by protocol and moment."""

    async def series(protocol: str, moment: str) -> list[float]:
        took = []
        with OllamaServer(_slow(moment)) as server:
            for _ in range(runs):
                took.append((await end_once(server, protocol, moment))[0] * 1000)
        return took

    return {
        f"{protocol} {moment}": quantiles(asyncio.run(series(protocol, moment)), n=20)[-1]
        for protocol in PROTOCOLS
        for moment in ("plan", "parts", "write")
    }


if __name__ == "__main__":
    for name, p95_ms in measure().items():
        print(f"{name:<20} p95 {p95_ms:6.1f} ms")
