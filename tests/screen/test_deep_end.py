"""How deep runs end on the screen, and what is found of them afterwards."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from core.deep.status import RunState
from core.errors import HouseError
from core.messages import Answer, AnswerState, Route, Turn
from core.providers.deep.failures import Offline
from core.settings.model import UiSettings
from tests.screen.driving import NOBODY, Person, drive, settings_for
from tests.screen.scripted_deep import (
    DEEPER,
    LEFT,
    STATUS,
    ScriptedDeepening,
    deepened,
    depth_of,
    stored,
)
from tests.screen.transcript_stage import play
from tests.server import OllamaServer, Script
from tui.calling import call_sequence
from tui.transcript.view import Transcript

DRAFT = Script(reply="the draft")


def test_a_run_that_ends_while_nobody_asked_on_becomes_the_turns_answer(tmp_path: Path) -> None:
    """It is what is copied, and what the panel's one row says the end of."""
    deep = ScriptedDeepening(status=replace(DEEPER, differs="same cause as the draft"))

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        run.write("thought through")
        run.finish()
        await person.sees("deep ✓ 0:31 · ≈$0.07 · 4 findings · same cause as the draft")
        await person.until(lambda: person.chat.transcript.last_answer() == "thought through")
        await person.until(lambda: person.chat.depth.panel.size.height == 1)
        await person.press("shift+tab", "c")
        await person.sees("enter reads · b hides")

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_one_that_ends_behind_other_turns_waits_to_be_chosen(tmp_path: Path) -> None:
    """What the next question follows is never changed behind anybody's back."""
    deep = ScriptedDeepening()

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        await person.ask("meanwhile?")
        await person.has_answer("the draft")
        run.write("thought through")
        conversation = person.chat.docket.conversation
        assert conversation is not None
        drafts = person.chat.bridge.turns(conversation).page(None, 9)
        assert drafts[0].current is not None
        run.change(turn=1, answer=drafts[1].answers[0].id)  # an answer that this turn does not have
        run.finish()
        await person.sees("· /choose makes it the turn's answer")
        await person.ask("/choose")
        await person.is_told("answer of turn 1")  # the store's own word on that
        run.change(answer=drafts[0].answers[0].id)
        await person.ask("/choose")
        await person.is_told("the next questions follow the deep answer")
        assert "/choose" not in person.screen()

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url, size=(100, 40))


def test_what_was_ended_is_kept_and_said_to_be_no_whole_answer(tmp_path: Path) -> None:
    """A cut answer that looks whole is worse than none."""
    deep = ScriptedDeepening()

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        run.write("as far as")
        await person.ask("/end")
        await person.sees("≈$0.07 · stopped early")
        assert person.chat.transcript.last_answer() == "as far as"
        assert run.acts == [("end",)]

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_what_was_dropped_is_not_on_the_screen_any_more(tmp_path: Path) -> None:
    """Dropping is for what one does not want to see; the draft stays."""
    deep = ScriptedDeepening()

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        run.write("nonsense")
        await person.sees("nonsense")
        await person.ask("/drop")
        await person.sees("deep · dropped")
        assert "nonsense" not in person.screen()
        assert person.chat.transcript.last_answer() == "the draft"

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_the_panel_turns_from_a_dropped_run_to_one_that_goes_on(tmp_path: Path) -> None:
    """A row about what was thrown away would hide the run that still costs something."""
    deep = ScriptedDeepening()

    async def scene(person: Person) -> None:
        await deepened(person, deep)
        await person.ask("another?")
        await person.has_answer("the draft")
        await person.press("ctrl+t")
        await person.sees("deep · run 2")
        await person.ask("/panel")
        await person.sees("deep 2 ◐")
        await person.ask("/drop")
        await person.sees("deep ◐ 0:31")
        assert [run.acts for run in deep.runs] == [[], [("drop",)]]
        await person.ask("/drop")
        await person.until(lambda: person.chat.depth.panel.shape == "hidden")

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_a_failure_names_the_ways_that_are_left(tmp_path: Path) -> None:
    """Offline is no dead end: the machine itself can think, or the question waits."""
    deep = ScriptedDeepening()

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        run.finish(RunState.FAILED, Offline("no route to api.anthropic.com: offline", "Look at the network."))
        await person.sees("/deep local thinks here · /queue waits for a way · no route to")
        assert person.chat.transcript.last_answer() == "the draft"
        await person.ask("meanwhile?")
        await person.has_answer("the draft")
        await person.ask("/queue")
        await person.until(lambda: len(deep.runs) == 2)
        assert (deep.prepared[-1].text, deep.prepared[-1].queues) == ("why?", True)
        await person.ask("/queue")
        await person.is_told("no deep question has failed")

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url, size=(100, 30))


def test_a_hidden_run_tells_its_end(tmp_path: Path) -> None:
    """Who hid it still waits for it."""
    deep = ScriptedDeepening()

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        await person.ask("/hide")
        await person.sees("deep 1 write 0:31/~0:38 · qwen3.5:4b")
        run.finish()
        await person.is_told("deep ✓ 0:31 · ≈$0.07")
        await person.until(lambda: "/~0:38" not in person.screen())

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


@pytest.mark.parametrize("notify", [True, False])
def test_who_looks_elsewhere_is_called_where_that_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, notify: bool
) -> None:
    """A bell and a notice for another window; nothing for the one in front, and nothing unwanted."""
    monkeypatch.delenv("STY", raising=False)
    deep = ScriptedDeepening()
    written: list[str] = []

    async def scene(person: Person) -> None:
        assert person.app._driver is not None
        monkeypatch.setattr(person.app._driver, "write", written.append)
        run = await deepened(person, deep)
        await person.ask("another?")
        await person.has_answer("the draft")
        await person.press("ctrl+t")
        await person.until(lambda: len(deep.runs) == 2)
        run.finish()
        await person.sees("≈$0.07")
        calls = [text for text in written if "\a" in text]
        assert calls == []
        person.app.app_focus = False
        deep.runs[1].finish()
        await person.until(lambda: person.chat.depth.board.under_way() == 0)
        await person.settle()
        calls = [text for text in written if "\a" in text]
        assert calls == (["\a\x1b]9;leadline: deep 2 ✓ 0:31 · ≈$0.07\a"] if notify else [])

    with OllamaServer(DRAFT) as server, depth_of(deep):
        settings = replace(settings_for(server.url), ui=UiSettings(notify=notify))
        drive(scene, tmp_path, settings=settings)


def test_inside_tmux_the_bell_is_all() -> None:
    """Without passthrough tmux would print what it does not know."""
    assert call_sequence("done", {"TMUX": "/tmp/tmux-1"}) == "\a"
    assert call_sequence("done", {"STY": "1.pts"}) == "\a"
    assert re.fullmatch("\a\x1b\\]9;leadline: a.*b\a", call_sequence("a\x1b]52;x\x07\nb", {}))


def test_a_conversation_that_is_left_and_opened_again_finds_its_run(tmp_path: Path) -> None:
    """A run belongs to its turn, not to what happens to be on the screen."""
    deep = ScriptedDeepening()

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        conversation = person.chat.docket.conversation
        assert conversation is not None
        stored(run, conversation, 1)
        run.write("the beginning")
        await person.sees("the beginning")
        await person.press("ctrl+n")
        run.write(" goes on unseen")
        await person.ask("something else")
        await person.has_answer("the draft")
        assert "unseen" not in person.screen()
        person.chat.open_conversation(conversation, None)
        await person.sees("the beginning goes on unseen")
        run.write(" and seen")
        run.finish()
        await person.sees("unseen and seen")

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


@pytest.mark.parametrize("is_hidden", [True, False])
def test_one_that_ends_in_another_conversation_says_which_and_is_opened_there(
    tmp_path: Path, is_hidden: bool
) -> None:
    """Minutes later nobody knows which question a bare "deep" was, or where its answer is."""
    deep = ScriptedDeepening()
    question = "why does the pool leak connections?"

    async def scene(person: Person) -> None:
        run = await deepened(person, deep, question)
        conversation = person.chat.docket.conversation
        assert conversation is not None
        stored(run, conversation, 1)
        if is_hidden:
            await person.ask("/hide")
        await person.press("ctrl+n")
        await person.ask("something else")
        await person.has_answer("the draft")
        run.finish()
        told = f'deep ✓ 0:31 · "{question if not is_hidden else question[:27]}'
        await (person.is_told(told) if is_hidden else person.sees(f'{told}" · /runs 1'))
        if is_hidden:
            await person.is_told('…" · /runs 1')
        await person.ask("/runs 1")
        await person.sees(f"› {question}")
        assert person.chat.docket.conversation == conversation
        assert "something else" not in person.screen()
        await person.ask("/panel")
        await person.sees("deep ✓ 0:31 · ≈$0.07")

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_a_run_is_not_opened_over_an_answer_that_is_being_made(tmp_path: Path) -> None:
    """Looking at one run must not stop what is being written elsewhere."""
    deep = ScriptedDeepening()

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        conversation = person.chat.docket.conversation
        assert conversation is not None
        stored(run, conversation, 1)
        await person.press("ctrl+n")
        server.script = replace(server.script, reply="word\n\n" * 2000, tokens_per_s=200)
        await person.ask("something else")
        await person.until(lambda: person.is_answering)
        await person.ask("/runs 1")
        await person.is_told("its answer is in another conversation")
        assert person.is_answering
        await person.press("escape")

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_leaving_says_that_a_run_can_be_gone_on_with(tmp_path: Path) -> None:
    """Nothing is lost by ctrl+q, and one should know it."""
    deep = ScriptedDeepening()

    async def scene(person: Person) -> None:
        await deepened(person, deep)
        await person.press("ctrl+q")

    with OllamaServer(DRAFT) as server, depth_of(deep):
        app = drive(scene, tmp_path, server.url)
    assert app.left.endswith(
        "a deep run was under way: /resume goes on with it when leadline is started again here"
    )


def test_what_a_crash_left_is_offered_and_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was paid for is not lost, and not paid for again."""
    monkeypatch.setenv("TEST_API_KEY", "x")  # so that it is looked for at all
    deep = ScriptedDeepening()

    async def first(person: Person) -> None:
        await person.ask("why?")
        await person.has_answer("the draft")

    async def later(person: Person) -> None:
        await person.sees(
            "/resume · /accept · /drop · deep was interrupted in write, 3 of 5 stages done (1 of 2)"
        )
        await person.ask("/accept")
        await person.is_told("kept as far as it came")
        await person.sees("› why?")
        assert not any("/history" in toast for toast in person.toasts())
        await person.until(lambda: "(1 of 2)" not in person.screen())
        await person.sees("/resume · /accept · /drop · deep was interrupted in write, 3 of 5 stages done")
        await person.ask("/resume")
        await person.sees("› why?")
        await person.sees("deep · run 1")
        deep.runs[0].write("goes on")
        await person.sees("goes on")
        assert deep.settled == [("keep", 7), ("resume", 7)]
        await person.until(lambda: "interrupted" not in person.screen())

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(first, tmp_path, server.url)
        deep.left_runs = [LEFT, LEFT]
        drive(later, tmp_path, server.url, size=(100, 24))


def test_what_is_kept_behind_another_conversation_says_where_it_is(tmp_path: Path) -> None:
    """What is being talked about is not pushed off the screen; where the other is must be said then."""
    deep = ScriptedDeepening()

    async def scene(person: Person) -> None:
        await person.ask("something else")
        await person.has_answer("the draft")
        deep.left_runs = [replace(LEFT, conversation=7)]
        await person.ask("/accept")
        await person.is_told("the deep run of “why?” is kept as far as it came; /history finds it")
        assert "› something else" in person.screen()

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_who_never_asks_deep_is_told_nothing_of_it(tmp_path: Path) -> None:
    """No key at hand, nothing left: nothing deep is even looked for."""

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.outlook is not None)
        assert not person.chat.is_deep

    drive(scene, tmp_path, NOBODY)


def _answer(number: int, route: Route, text: str, **more: object) -> Answer:
    model = "qwen3:4b" if route in (Route.FAST, Route.DEEP_LOCAL) else "claude-opus-4-1"
    place = "REMOTE api.anthropic.com" if route is Route.DEEP else "local"
    base = Answer(number, 1, route, model, "", place, AnswerState.COMPLETE, text, 0.0, 200.0, 41_000.0)
    return replace(base, **more)  # type: ignore[arg-type]  # by their names


def test_a_stored_turn_shows_its_draft_and_its_deep_answers_with_their_labels() -> None:
    """What stood on the screen stands there again tomorrow."""
    answers = (
        _answer(1, Route.FAST, "the first try"),
        _answer(2, Route.FAST, "the draft"),
        _answer(3, Route.DEEP, "from afar", usd=0.11),
        _answer(4, Route.DEEP_LOCAL, "from here", state=AnswerState.PARTIAL),
        _answer(5, Route.DEEP, "being written", state=AnswerState.STREAMING),
    )
    turn = Turn(1, 1, "why?", 0.0, answers=answers, current=answers[2])

    seen: list[str] = []

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.show([turn])
        await pilot.pause()
        seen.extend((view.visible_text(), view.last_answer()))

    play(scene)
    shown, last = seen
    assert last == "from afar"
    assert [line.strip() for line in shown.splitlines() if line.strip()] == [
        "› why?",
        "the draft",
        "qwen3:4b · 0.2 s",
        "from afar",
        "deep · claude-opus-4-1 · REMOTE · 0:41 · ≈$0.11",
        "from here",
        "deep · qwen3:4b thinking · local · 0:41 · stopped early",
    ]


def test_a_run_whose_error_is_no_failure_says_it_too(tmp_path: Path) -> None:
    """A cap that was reached is why an answer is not whole."""
    deep = ScriptedDeepening(status=STATUS)

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        run.write("a half")
        run.finish(RunState.PARTIAL, HouseError("deep.max_usd_per_run is reached", "Raise it."))
        await person.sees("deep ! 0:31 · not whole · deep.max_usd_per_run is reached")
        await person.sees("deep.max_usd_per_run is reached Raise it")

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_while_a_deep_answer_is_being_written_the_stored_draft_stands_alone() -> None:
    """What a run still writes is told by the run, and by nobody twice."""
    answers = (
        _answer(1, Route.FAST, "the draft"),
        _answer(2, Route.DEEP, "half", state=AnswerState.STREAMING),
    )
    seen: list[str] = []

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        for current in answers:
            view.show([Turn(1, 1, "why?", 0.0, answers=answers, current=current)])
            await pilot.pause()
            seen.append(view.visible_text())

    play(scene)
    assert len(seen) == 2
    for shown in seen:
        assert "the draft" in shown
        assert "half" not in shown


def test_a_run_that_was_quit_goes_on_in_the_next_leadline(tmp_path: Path) -> None:
    """With the real engine: local depth, left in the middle, resumed in its turn, told once."""

    async def quits(person: Person) -> None:
        await person.until(lambda: person.chat.outlook is not None)
        await person.ask("/deep why so slow?")
        await person.sees("word word word")

    async def goes_on(person: Person) -> None:
        await person.sees("/resume · /accept · /drop · deep was interrupted in write, 1 of 3 stages done")
        await person.ask("/resume")
        await person.sees("› why so slow?")
        await person.until(lambda: person.chat.is_deep and person.chat.depth.board.current is not None)
        await person.until(lambda: person.chat.runs_under_way() == 0)
        await person.sees("deep · qwen3.5:4b thinking · local")
        assert person.chat.transcript.last_answer().split() == ["word"] * 60
        assert person.screen().count("deep · qwen3.5:4b thinking · local") == 1

    with OllamaServer(Script(reply="word " * 60, tokens_per_s=60)) as server:
        drive(quits, tmp_path, server.url)
        drive(goes_on, tmp_path, server.url)


def test_what_is_over_is_left_behind_with_its_conversation(tmp_path: Path) -> None:
    """A row that speaks of another conversation takes room from this; what still runs stays in sight."""
    deep = ScriptedDeepening()

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        await person.press("ctrl+n")
        await person.until(lambda: "› why?" not in person.screen())
        assert person.chat.depth.panel.shape == "open"
        run.finish()
        await person.sees("deep ✓")
        await person.press("ctrl+n")
        await person.until(lambda: "deep ✓" not in person.screen())
        await person.ask("/runs")
        await person.sees("deep · run 1")

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_a_run_that_was_ended_while_it_waited_waits_no_more(tmp_path: Path) -> None:
    """What is over must not read as if something were still to come."""
    deep = ScriptedDeepening(
        status=replace(STATUS, state=RunState.QUEUED, fact="waits for the run before it")
    )

    async def scene(person: Person) -> None:
        await deepened(person, deep)
        await person.sees("waits for the run before it")
        await person.press("shift+tab", "e")
        await person.sees("ended early; what came is kept")
        assert "waits for" not in person.screen()

    with OllamaServer(DRAFT) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


@pytest.mark.parametrize(
    ("route", "label"),
    [
        (Route.EXACT_HIT, "cached · 2 days ago · deep · claude-opus-4-1"),
        (Route.SEMANTIC_HIT, 'cached · from "why?" · 2 days ago · deep'),
    ],
)
def test_a_stored_answer_that_was_thought_through_says_so(route: Route, label: str) -> None:
    """Who paid for depth must see that this is it, now and when the conversation is opened again."""
    answer = _answer(
        1, route, "thought", model="claude-opus-4-1", source="why?", source_at=-2 * 86_400.0, preset="deep"
    )
    seen: list[str] = []

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.show([Turn(1, 1, "why?", 0.0, answers=(answer,), current=answer)])
        await pilot.pause()
        seen.append(view.visible_text())

    play(scene)
    assert label in seen[0]
