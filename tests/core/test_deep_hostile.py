"""A provider, an answer or a moment that means no good: what a deep run costs, sends and holds."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.deep.answer_blocks import AnswerBlock
from core.deep.arming import Prepared
from core.deep.depth import Depth
from core.deep.diff_check import applied
from core.deep.draft import differs
from core.deep.money import CapReached, Estimate
from core.deep.pack import build_pack, messages_of
from core.deep.pack_json import PackDamaged, pack_from_json, pack_to_json
from core.deep.question import DeepQuestion, ItemKind, Pack, PackItem, Preset
from core.deep.status import RunState
from core.engine.depths import AfterOffline, OfflineWay
from core.events import Noted, TextDelta, ThinkingDelta
from core.messages import Attachment, Message, Role
from core.providers.anthropic.answer import MessagesReader
from core.providers.deep import failures
from core.providers.deep.calls import Effort, Failed, Finished, Reason, Retrying, Usage
from core.providers.deep.cleaning import Cleaning
from core.providers.openai.deep import OpenAIReader
from core.settings.model import DeepSettings
from tests.core.deep_door import ASKED, read
from tests.core.deep_runs import ScriptedCaller, Step, bench, heard, in_a_loop, until

TOKEN = "gh" + "p_aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"
OFFLINE = Failed(failures.Offline("no way to deep.example", "Look at the network."))
PRICE = {"big:1": "1 10"}


@in_a_loop
async def test_an_answer_that_nobody_counts_costs_what_it_holds() -> None:
    """Many gateways count nothing; a day's cap that sees zero dollars is none."""
    async with bench(ScriptedCaller(write=["x" * 40_000, Finished(Reason.STOP)]), prices=PRICE) as deep:
        run = await deep.whole()
        spent = deep.doors.ledger.spent_since(0)
    assert run.status().spending.output_tokens == 10_000
    assert spent.usd == pytest.approx(0.1, rel=0.01)


@in_a_loop
async def test_a_call_that_is_ended_costs_what_came_of_it() -> None:
    """Anthropic counts one token at the beginning and the rest at an end that an ended call never sees."""
    door = asyncio.Event()
    caller = ScriptedCaller(write=[Usage(input_tokens=1_000, output_tokens=1), "x" * 40_000, door])
    async with bench(caller, prices=PRICE) as deep:
        run = await deep.start()
        await caller.waiting("write").wait()
        run.end()
        await run.over()
        spent = deep.doors.ledger.spent_since(0)
    assert spent.usd == pytest.approx(0.101, rel=0.01)


@in_a_loop
async def test_a_try_that_fails_after_it_thought_costs_what_it_thought() -> None:
    """A provider that breaks off each time charges each time."""
    cut = failures.cut_off("deep.example", has_text=False)
    begun: list[Step] = [Usage(input_tokens=1_000, output_tokens=1), ThinkingDelta("x" * 40_000)]
    end: list[Step] = [Usage(input_tokens=1_000, output_tokens=100), "Use it.", Finished(Reason.STOP)]
    caller = ScriptedCaller(write=[*begun, Retrying(cut, 0.0, 1, 2), *end])
    async with bench(caller, prices=PRICE) as deep:
        await deep.whole()
        spent = deep.doors.ledger.spent_since(0)
    assert spent.usd == pytest.approx(0.1 + 0.001 + 0.002, rel=0.01)


def _remote(caller: ScriptedCaller) -> Depth:
    return Depth(caller, "small:1", Effort.HIGH, "ollama", "box.example", "REMOTE box.example")


@in_a_loop
async def test_without_a_way_nothing_goes_to_another_host_than_was_agreed() -> None:
    """The fast model may run at somebody else's too; the person said yes to one host, and not to that."""
    elsewhere = ScriptedCaller()
    async with bench(ScriptedCaller(write=[OFFLINE])) as deep:
        deep.places.after = AfterOffline(OfflineWay.LOCAL, _remote(elsewhere))
        packing = deep.deep._packing
        packing.asks = lambda *_: ("first time to box.example here",)  # type: ignore[method-assign]  # it asks
        run = await deep.whole(waits_for_plan=True)
        assert run.status().state is RunState.FAILED
        assert isinstance(run.status().error, failures.Offline)
    assert elsewhere.requests == []


@pytest.mark.parametrize("allows", [False, True])
@in_a_loop
async def test_in_a_pipe_a_detour_takes_no_secret_off_this_machine(allows: bool) -> None:
    """Nobody is asked there, and so nothing that looks secret leaves for a place that was not named."""
    elsewhere = ScriptedCaller()
    source = Attachment("a.py", f"token = '{TOKEN}'\n", "")
    async with bench(ScriptedCaller(write=[OFFLINE])) as deep:
        deep.places.after = AfterOffline(OfflineWay.LOCAL, _remote(elsewhere))
        question = DeepQuestion("Why?", attachments=(source,), allows_secrets=allows)
        item = PackItem("source-1", ItemKind.SOURCE, "a.py", 9, attachment=source, secrets=("a.py line 1",))
        pack = Pack("Why?", "Think.", (item,))
        at = deep.places.depth
        run = deep.deep.start(Prepared(question, at, pack, Estimate(9)), waits_for_plan=False)
        await run.over()
    assert bool(elsewhere.requests) is allows


@in_a_loop
async def test_what_was_struck_is_not_kept_as_the_turn_s() -> None:
    """The next question would send it as a part of the conversation, without a word."""
    sources = (Attachment("a.py", "x = 1\n", "1"), Attachment("b.py", "y = 2\n", "2"))
    async with bench(ScriptedCaller()) as deep:
        prepared = await deep.deep.prepare(DeepQuestion("Why?", attachments=sources))
        run = deep.deep.start(deep.deep.strike(prepared, "source-2"))
        await run.over()
        turn = deep.doors.conversations.turn(run.status().turn)
    assert [each.name for each in turn.attachments] == ["a.py"]


@in_a_loop
async def test_a_hint_that_looks_secret_does_not_leave() -> None:
    """The row has said how many secrets go along; a paste behind it must not make that untrue."""
    door = asyncio.Event()
    plan = '{"parts": []}'
    caller = ScriptedCaller(plan=[door, plan])
    async with bench(caller) as deep:
        run = await deep.start(preset=Preset.DEEPER)
        await caller.waiting("plan").wait()
        run.hint(f"it is {TOKEN}")
        run.hint("only on Windows")
        door.set()
        events = await heard(run)
    said = caller.requests[-1].messages[-1].text
    assert "only on Windows" in said
    assert TOKEN not in repr(caller.requests)
    assert Noted("the hint was not added, it looks secret: GitHub token") in events


def test_a_secret_in_a_system_prompt_counts() -> None:
    """It leaves like all the rest."""
    pack = asyncio.run(build_pack("Why?", f"Use {TOKEN}.", None, (), ()))
    assert pack.secrets == (f"the system prompt line 1: GitHub token …{TOKEN[-4:]}",)


@in_a_loop
async def test_a_left_run_that_a_stranger_edited_is_refused_and_can_be_dropped(tmp_path: Path) -> None:
    """A word that is none of ours must not bring down the screen that offers to go on."""
    door = asyncio.Event()
    caller = ScriptedCaller(write=["x", door])
    async with bench(caller, tmp_path / "s.db") as deep:
        await deep.start()
        await caller.waiting("write").wait()
    async with bench(ScriptedCaller(), tmp_path / "s.db") as deep:
        edit = "UPDATE deep_run SET effort = 'vast'"
        await asyncio.wrap_future(deep.database.submit(lambda connection: connection.execute(edit)))
        (left,) = deep.deep.left()
        with pytest.raises(PackDamaged):
            await deep.deep.resume(left.run)
        await deep.deep.drop(left.run)
        await until(lambda: not deep.deep.left())


def _events(*fields: object) -> Iterator[bytes]:
    return (b"data: " + json.dumps(each).encode() + b"\n\n" for each in fields)


def _delta(**fields: str) -> dict[str, object]:
    return {"choices": [{"delta": fields}]}


@pytest.mark.parametrize("fields", [_delta(refusal="z" * 1_000), _delta(content=" " * 1_000)])
def test_what_never_becomes_an_answer_is_not_held(fields: dict[str, object]) -> None:
    """Refusals and space without end were kept and looked through again with every byte."""
    reader = OpenAIReader(ASKED, "box")
    begun = time.process_time()
    for part in _events(*[fields] * 5_000):
        list(reader.feed(part))
    assert time.process_time() - begun < 2.0
    assert len(reader._refusal) + len(reader._splitter._held) <= 1_000


def test_an_answer_that_begins_with_much_space_is_still_an_answer() -> None:
    """Only thoughts are told from it by how it begins."""
    parts = [*_events(_delta(content=" " * 2_000), _delta(content="Use it.")), b"data: [DONE]\n\n"]
    assert read(OpenAIReader(ASKED, "box"), parts).text.strip() == "Use it."


def test_counts_of_names_that_nobody_knows_are_not_held() -> None:
    """They can be others in every event."""
    reader = MessagesReader(ASKED, "box")
    for n in range(100):
        usage = {f"x{n}": n, "output_tokens": n}
        for part in _events({"type": "message_delta", "delta": {}, "usage": usage}):
            list(reader.feed(part))
    assert list(reader._counts) == ["output_tokens"]


def test_a_comparison_with_the_draft_takes_no_time() -> None:
    """It is made where the keys are met, of two texts that two servers chose."""
    draft = "\n".join(f"`git add {n}`" for n in range(15_000))
    begun = time.process_time()
    assert differs(draft, "`git fetch`" + "git add " * 30_000) == ""
    assert time.process_time() - begun < 1.0


def test_a_diff_that_is_one_long_line_takes_no_time(tmp_path: Path) -> None:
    """The pattern that finds its files tried every end of a name at every end of the line."""
    block = AnswerBlock(1, "diff", "--- a\n+++ b\n--- " + "a" * 512 + "\t" + "b" * 120_000)
    begun = time.process_time()
    asyncio.run(applied((block,) * 4, tmp_path, {"PATH": "/usr/bin:/bin"}, 1.0))
    assert time.process_time() - begun < 0.4


def test_git_s_own_folder_is_never_copied(tmp_path: Path) -> None:
    """Copies of its files would be a repository, with settings that git obeys."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("[core]\n\tbare = false\n")
    diff = "--- a/.git/config\n+++ b/.git/config\n@@ -1,1 +1,1 @@\n-[core]\n+[user]\n"
    (found,) = asyncio.run(applied((AnswerBlock(1, "diff", diff),), tmp_path, {"PATH": "/usr/bin:/bin"}, 1.0))
    assert not found.is_ok
    assert "outside the project" in found.what


@in_a_loop
async def test_a_text_delta_of_a_key_in_pieces_is_whole_again_where_it_was_none() -> None:
    """What may begin a key is held back, and must not be lost."""
    cleaning = Cleaning(("Canary.7f3b9d21",))
    pieces = ["I saw Can", "ary.7f", "3b9", " and Canary.7f3b9d2", "1! Ca"]
    told = [each for piece in pieces for each in cleaning.cleaned(TextDelta(piece))]
    told += cleaning.cleaned(Finished(Reason.STOP))[:-1]
    text = "".join(each.text for each in told if isinstance(each, TextDelta))
    assert text == "I saw Canary.7f3b9 and C…9d21! Ca"


@in_a_loop
async def test_what_was_struck_once_is_asked_about_before_it_goes_the_next_time() -> None:
    """The same host and the same kind of thing are nothing new; the thing itself was refused."""
    sources = (Attachment("a.py", "x = 1\n", "1"), Attachment("b.py", "y = 2\n", "2"))
    async with bench(ScriptedCaller()) as deep:
        question = DeepQuestion("Why?", attachments=sources)
        first = await deep.deep.prepare(question)
        assert first.asks == ()
        await deep.deep.start(deep.deep.strike(first, "source-2")).over()
        again = await deep.deep.prepare(question)
        assert again.asks == ("b.py: struck before",)
        assert deep.deep.strike(again, "source-2").asks == ()
        await deep.deep.start(again).over()
        assert (await deep.deep.prepare(question)).asks == ()


def test_what_was_struck_is_not_journalled() -> None:
    """Whoever finds the database finds what was sent, and no more."""
    turn = (Message(Role.USER, "my secret"), Message(Role.ASSISTANT, "is safe"))
    items = (
        PackItem("turn-1", ItemKind.TURN, "turn 1", 9, turn, is_struck=True),
        PackItem("source-1", ItemKind.SOURCE, "a.py", 9, attachment=Attachment("a.py", "my secret", "")),
    )
    pack = Pack("Why?", "Think.", items).toggled("source-1")
    assert "my secret" not in pack_to_json(pack)
    assert messages_of(pack_from_json(pack_to_json(pack))) == messages_of(pack)


@in_a_loop
async def test_a_run_s_cap_holds_over_all_of_its_beginnings(tmp_path: Path) -> None:
    """Quit and resumed again and again, it would otherwise spend as much each time."""
    dollars = DeepSettings(max_usd_per_run=0.17)
    for _ in range(2):
        caller = ScriptedCaller(write=["x" * 40_000, asyncio.Event()])
        async with bench(caller, tmp_path / "s.db", settings=dollars, prices=PRICE) as deep:
            left = deep.deep.left()
            run = await (deep.deep.resume(left[0].run) if left else deep.start())
            if not left:
                await caller.waiting("write").wait()
                continue
            await run.over()
            assert caller.requests == []
            assert isinstance(run.status().error, CapReached)


@in_a_loop
async def test_what_a_crash_cut_is_paid_for_by_its_day(tmp_path: Path) -> None:
    """Killed in the middle of a call, a leadline has told nobody what that cost."""
    caller = ScriptedCaller(write=["x" * 40_000, asyncio.Event()])
    async with bench(caller, tmp_path / "s.db", prices=PRICE) as deep:
        run = await deep.start()
        await caller.waiting("write").wait()
        run.leave()
        await run.over()

        def forget(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE deep_stage SET state = 'started' WHERE kind = 'write'")
            connection.execute("DELETE FROM deep_call")

        await asyncio.wrap_future(deep.database.submit(forget))
    async with bench(ScriptedCaller(), tmp_path / "s.db", prices=PRICE) as deep:
        (left,) = deep.deep.left()
        await (await deep.deep.resume(left.run)).over()
        assert deep.doors.ledger.spent_since(0).usd == pytest.approx(0.1003, rel=0.01)
