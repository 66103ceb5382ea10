"""Behind every failure of a deep run: the sentence, what of it is kept, and what can be typed."""

import asyncio
import json

import pytest

from core.deep.question import Preset
from core.deep.status import RunState, RunStatus
from core.providers.deep import endings, failures
from core.providers.deep.calls import Failed, Reason
from core.providers.deep.refusals import About, from_status, key_missing
from core.settings.model import DeepSettings
from tests.core.deep_runs import PLAN, Answer, ScriptedCaller, bench, in_a_loop
from tui.deep_ways import trouble_text
from tui.run_wording import fact_text, summary

HOST = "api.deep.example"
ABOUT = About(HOST, "big:1", "lumen.CANARY+7f3a/92bd", "ANTHROPIC_API_KEY")
NOTHING = "nothing came of it; the answer before it stands"
HERE = "/deep local thinks here"
AGAIN = "/deep asks again"
RESUME = "/resume goes on behind what is paid for"
OFFLINE = failures.Offline(f"no way to {HOST}: offline", "Look at the network.")
BUSY = failures.Overloaded(f"{HOST} is overloaded", "Ask again in a moment.")
CUT = failures.cut_off(HOST, has_text=True)


def refused(status: int, said: str, **headers: str) -> Answer:
    """A response that is not 200."""
    body = json.dumps({"error": {"message": said}}).encode()
    return [Failed(from_status(status, {n.replace("_", "-"): v for n, v in headers.items()}, body, ABOUT))]


async def ended(preset: Preset, answers: dict[str, Answer], dollars: float = 9.0) -> RunStatus:
    """How a run of a question that has an answer stands at its end."""
    settings = DeepSettings(max_usd_per_run=dollars, max_usd_per_day=9.0)
    caller = ScriptedCaller(**{"plan": [PLAN], **answers})
    async with bench(caller, settings=settings, prices={"big:1": "1 10"}) as deep:
        turn = (await deep.asked()).turn
        return (await deep.whole(preset=preset, turn=turn)).status()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ([Failed(OFFLINE)], (f"no way to {HOST}: offline", NOTHING, HERE, "/queue waits for a way")),
        (
            [Failed(key_missing(ABOUT))],
            (f"no key for {HOST}", NOTHING, "Give it one: leadline keys set", HERE),
        ),
        (
            refused(401, "bad"),
            (
                f"{HOST} refuses the key …92bd from ANTHROPIC_API_KEY (HTTP 401)",
                NOTHING,
                "Set ANTHROPIC_API_KEY to another, or unset it and give one: leadline keys set",
                HERE,
            ),
        ),
        (
            refused(402, "no credit"),
            (
                f"out of credit at {HOST}: no credit",
                NOTHING,
                "Add credit or raise the limit there, or choose another provider or a local model",
                HERE,
            ),
        ),
        (
            refused(429, "slow down", retry_after="90"),
            (f"rate limited at {HOST}: slow down", NOTHING, "Wait 90 s and ask again", AGAIN, HERE),
        ),
        (refused(529, "so busy"), (f"{HOST} is overloaded: so busy", NOTHING, AGAIN, HERE)),
        (
            ["Half.", Failed(CUT)],
            (f"{HOST} was cut off in the middle of the answer", "what was written is kept", AGAIN),
        ),
        (
            ["Half.", endings.finished(Reason.FILTER, "filter", HOST, 9, "violence")],
            (f"stopped by the filter of {HOST}: violence", "what was written is kept", HERE),
        ),
        (
            [endings.finished(Reason.REFUSAL, "refusal", HOST, 9, "cyber")],
            (f"{HOST} declines to answer: cyber", NOTHING, HERE),
        ),
        (
            ["Half.", endings.finished(Reason.LENGTH, "length", HOST, 8192)],
            ("the answer reached its limit of 8,192 tokens", "what was written is kept", AGAIN),
        ),
        (
            refused(400, "prompt is too long"),
            (
                f"this is more than big:1 at {HOST} can read: prompt is too long",
                NOTHING,
                "Leave out files or earlier turns, or take a model with a larger window",
                HERE,
            ),
        ),
        (
            refused(404, "no such model"),
            (f"{HOST} has no model big:1", NOTHING, "Set deep.model to one that it has", HERE),
        ),
    ],
)
@in_a_loop
async def test_every_failure_says_what_is_kept_and_what_can_be_typed(
    answer: Answer, told: tuple[str, ...]
) -> None:
    """A sentence that leads nowhere leaves the person with nothing; a promise that is not kept is worse."""
    status = await ended(Preset.DEEP, {"write": answer})
    assert trouble_text(status).split(" · ") == list(told)
    assert fact_text(status) == trouble_text(status)


@pytest.mark.parametrize(
    ("answers", "state", "kept", "ways"),
    [
        ({"write": [Failed(BUSY)]}, RunState.PARTIAL, "what 3 parts found is kept", [RESUME, AGAIN, HERE]),
        (
            {"write": ["Half.", Failed(CUT)]},
            RunState.PARTIAL,
            "what was written and what 3 parts found are kept",
            [RESUME, AGAIN],
        ),
        (
            {part: [Failed(BUSY)] for part in ("one", "two", "three")},
            RunState.FAILED,
            NOTHING,
            [RESUME, AGAIN, HERE],
        ),
        ({"write": [Failed(OFFLINE)]}, RunState.PARTIAL, "what 3 parts found is kept", [RESUME, HERE]),
    ],
)
@in_a_loop
async def test_what_parts_have_found_is_kept_and_not_paid_for_again(
    answers: dict[str, Answer], state: RunState, kept: str, ways: list[str]
) -> None:
    """The writing failed, or all the parts: the way on is the one that costs nothing twice."""
    status = await ended(Preset.DEEPER, answers)
    assert status.error is not None
    assert status.state is state
    assert trouble_text(status).split(" · ")[1:] == [kept, *ways]


@in_a_loop
async def test_a_cap_says_which_one_and_what_raises_it() -> None:
    """What was found before it is kept, and the run can go on when there is more to spend."""
    status = await ended(Preset.DEEPER, {}, dollars=0.11)
    message, *rest = trouble_text(status).split(" · ")
    assert message.endswith("of the run's $0.11 are spent")
    assert rest == [NOTHING, "deep.max_usd_per_run raises it, or /deep local asks here", RESUME]


@pytest.mark.parametrize(("text", "kept"), [("Half.", "what was written is kept"), ("", NOTHING)])
@in_a_loop
async def test_who_ends_a_run_is_told_what_there_is_of_it(text: str, kept: str) -> None:
    """It was the person's own wish: nothing is wrong, and nothing is proposed."""
    door = asyncio.Event()
    caller = ScriptedCaller(write=[text, door] if text else [door])
    async with bench(caller) as deep:
        run = await deep.start(turn=(await deep.asked()).turn)
        await caller.waiting("write").wait()
        run.end()
        await run.over()
    assert fact_text(run.status()) == kept
    assert summary(run.status()).endswith(f"not whole · {kept}")
