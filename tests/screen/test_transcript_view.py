"""The transcript on a real screen: it follows, stays where the reader is, and its work stays bounded."""

import asyncio

import pytest
from textual.pilot import Pilot

from core.messages import AnswerState
from tests.screen.markdown_texts import SAMPLE
from tests.screen.transcript_stage import Stage, ask, numbered, play, stored
from tui.transcript.view import Transcript


def test_a_turn_is_shown_with_all_its_parts() -> None:
    """Question, attachments, answer, label: what one looks at a hundred times a day."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.begin_turn(1, "why does\nit fail?", ("a.py", "b\x1b.py"))
        view.begin_answer(1)
        view.append(1, "Because of **x**")
        view.label(1, "qwen3:4b · 0.2 s")
        view.end_answer(1, AnswerState.PARTIAL)
        view.note(1, "the stream was cut\nAsk again.", "error")

        assert view.visible_text().rstrip() == (
            "› why does\n  it fail?\n  with a.py · b�.py\n\nBecause of x\nqwen3:4b · 0.2 s · stopped early\n"
            "the stream was cut\nAsk again."
        )

    play(scene)


def test_the_first_token_is_drawn_at_once_and_the_clock_stops_when_all_is_drawn() -> None:
    """The first token is what people wait for; an idle transcript must cost nothing."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.begin_turn(1, "q")
        view.begin_answer(1)
        view.append(1, "Hel")
        assert "Hel" in "\n".join(strip.text for strip in map(view.render_line, range(10)))
        view.append(1, "lo")
        assert "Hello" not in "\n".join(strip.text for strip in map(view.render_line, range(10)))
        while view._clock is not None:
            await pilot.pause(0.01)
        assert "Hello" in "\n".join(strip.text for strip in map(view.render_line, range(10)))

    play(scene)


def test_a_streamed_answer_ends_on_the_screen_as_one_that_was_stored() -> None:
    """Opening a conversation again must look like having watched it."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.begin_turn(1, "q")
        view.begin_answer(1)
        for at in range(0, len(SAMPLE), 7):
            view.append(1, SAMPLE[at : at + 7])
            if at % 5 == 0:
                view.visible_text()
        view.end_answer(1, AnswerState.COMPLETE)
        view.scroll_home()
        streamed = view.visible_text()
        view.clear()
        ask(view, 1, SAMPLE)
        view.scroll_home()

        assert view.visible_text().replace("question 1", "q") == streamed

    play(scene, (50, 90))


def test_the_view_follows_until_the_reader_scrolls_up_and_again_after_end() -> None:
    """A view that moves while someone reads is the worst habit of chat programs."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.begin_turn(1, "q")
        view.begin_answer(1)
        view.append(1, numbered(40))
        assert "line 39" in view.visible_text()
        assert view.lines_below_unseen == 0

        await pilot.press("pageup")
        await pilot.pause()
        before = view.visible_text()
        assert "line 39" not in before
        view.append(1, numbered(6, first=40))
        assert view.visible_text() == before
        assert view.lines_below_unseen == 12

        await pilot.press("down")
        await pilot.pause()
        assert view.lines_below_unseen == 12

        await pilot.press("end")
        await pilot.pause()
        assert view.lines_below_unseen == 0
        view.append(1, numbered(1, first=99))
        assert "line 99" in view.visible_text()

    play(scene)


def test_scrolling_down_to_the_end_follows_again() -> None:
    """Nobody should need to know a key for it."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        ask(view, 1, numbered(40))
        await pilot.press("pageup", "up")
        assert not view.is_following
        await pilot.press("pagedown", "pagedown")
        assert view.is_following

    play(scene)


def test_the_scrollbar_hides_no_character() -> None:
    """It stands on the last column, and appears only once the text is long."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        ask(view, 1, "```\n" + ("z" * 59 + "!\n") * 40 + "```")
        await pilot.pause()
        screen = "".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
        assert screen.count("!") >= 8

    play(scene)


def test_a_new_question_goes_to_the_end() -> None:
    """Who asks wants to see the answer."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        ask(view, 1, numbered(40))
        await pilot.press("home")
        view.begin_turn(2, "another")
        assert "› another" in view.visible_text()

    play(scene)


def test_text_that_comes_above_does_not_move_what_is_read() -> None:
    """Later an answer may still grow in an earlier turn while another is read."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.begin_turn(1, "first")
        view.begin_answer(1)
        view.append(1, numbered(20))
        ask(view, 2, numbered(40, first=100))
        await pilot.press("pageup")
        before = view.visible_text()
        assert "line 1" in before
        view.append(1, numbered(9, first=50))
        view.end_answer(1, AnswerState.COMPLETE)

        assert view.visible_text() == before

    play(scene)


@pytest.mark.parametrize("width", [30, 100])
def test_a_resize_keeps_the_place(width: int) -> None:
    """Turning a pane must not throw the reader out of the paragraph."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        for key in range(8):
            ask(view, key, "\n\n".join(f"place {key}.{part} " + "word " * 40 for part in range(8)))
        for _ in range(4):
            await pilot.press("pageup")
        place = next(line for line in view.visible_text().split("\n") if "place" in line)[:9]
        await pilot.resize_terminal(width, 21)
        await pilot.pause()

        assert place in view.visible_text()
        assert max(map(len, view.visible_text().split("\n"))) <= width

    play(scene)


def test_a_resize_at_the_end_stays_at_the_end() -> None:
    """Following goes on whatever the size."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        ask(view, 1, numbered(30) + "word " * 100 + "the end")
        for size in ((30, 12), (90, 40), (60, 10)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert "the end" in view.visible_text()
            assert view.is_following

    play(scene)


def test_a_long_stored_conversation_opens_by_its_end_only() -> None:
    """Ten thousand turns must open as fast as ten."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.show([stored(number) for number in range(10_000)])
        assert view.visible_text().rstrip().endswith("answer 9999\nqwen3:4b · 0.2 s")
        assert view.laid_out_lines < 200

        await pilot.press("pageup", "pageup", "pageup", "pageup")
        assert "question 9982" in view.visible_text()
        await pilot.press("home")
        assert view.visible_text().startswith(
            "› question 0\n\nanswer 0\nqwen3:4b · 0.2 s\n\n› question 1\n  with a.py 1 tok"
        )
        assert view.laid_out_lines < 800

    play(scene)


def test_paging_up_through_guessed_heights_skips_no_line() -> None:
    """What was never laid out is guessed, and a wrong guess must not swallow a line."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.show(
            [stored(number, "short\n\n- a\n- b\n" + "long " * (number % 7) * 30) for number in range(60)]
        )
        seen = set[str]()
        for _ in range(200):
            seen |= set(view.visible_text().split("\n"))
            if view.scroll_offset.y == 0:
                break
            await pilot.press("pageup")

        assert {f"› question {number}" for number in range(60)} <= seen

    play(scene)


def test_an_answer_of_20000_tokens_is_laid_out_about_once() -> None:
    """The cost of a token must not grow with the length of the answer."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.begin_turn(1, "q")
        view.begin_answer(1)
        text = SAMPLE * 90
        pieces = [text[at : at + 4] for at in range(0, len(text), 4)][:20_000]
        tenth = len(pieces) // 10
        work = []
        for number, piece in enumerate(pieces):
            view.append(1, piece)
            if number % 8 == 7:
                view._tick()
            if number % tenth == tenth - 1:
                work.append(view.laid_out_lines)
        view.end_answer(1, AnswerState.COMPLETE)

        assert view.answer_text(1) == "".join(pieces)
        assert work[-1] - work[-2] < 1.3 * work[0]

    play(scene)


@pytest.mark.parametrize(
    ("opening", "line", "limit"),
    [
        ("```python\n", "x = 1  # code\n", 200),
        ("| a | b |\n|---|---|\n", "| cell | cell |\n", 150),
        ("", "word " * 3, 50),
    ],
)
def test_a_block_that_does_not_end_costs_a_bounded_work(opening: str, line: str, limit: int) -> None:
    """Code grows line by line; a table or a paragraph without an end must not stop the screen."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.begin_turn(1, "q")
        view.begin_answer(1)
        view.append(1, opening)
        for _ in range(300):
            view.append(1, line)
            view._tick()
        work = view.laid_out_lines
        view.end_answer(1, AnswerState.COMPLETE)

        assert view.answer_text(1) == opening + line * 300
        assert work < 300 * limit

    play(scene)


def test_code_blocks_are_numbered_as_they_are_shown() -> None:
    """`/copy 2` must copy what stands below [2]."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        ask(view, 1, "```sh\nold\n```")
        ask(view, 2, "```python title=a.py\na\tb\n\n```\n\n- x\n  ```\n  in list\n  ```\n\ntext `no`")

        assert view.code_blocks() == [("python", "a\tb\n"), ("", "in list")]
        assert view.code_blocks(1) == [("sh", "old")]
        assert "[1] python title=a.py\na   b\n\n\n• x\n  [2]\n  in list" in view.visible_text()
        assert view.last_answer().endswith("`no`")

    play(scene)


def test_no_markup_of_the_model_is_acted_upon() -> None:
    """`[/nope]` ended other programs, and `[@click=…]` made a button of a text."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        text = "[/nope] [@click=app.quit]x[/] &#x202e;[b]"
        ask(view, 1, text)
        view.note(1, text, "error")
        view.label(1, text)
        assert view.visible_text().count("[/nope] [@click=app.quit]x[/]") == 3
        assert "\u202e" not in view.visible_text()
        await pilot.click(Transcript, offset=(20, 2))
        assert pilot.app.is_running

    play(scene)


def test_the_mouse_selects_what_is_laid_out() -> None:
    """A command is taken from an answer with the mouse as often as with a key."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        ask(view, 1, numbered(30) + "take **this** 日本 text")
        row = next(y for y, line in enumerate(view.visible_text().split("\n")) if line.startswith("take"))
        await pilot.mouse_down(Transcript, offset=(5, row))
        await pilot.hover(Transcript, offset=(14, row))
        await pilot.mouse_up(Transcript, offset=(14, row))
        assert pilot.app.screen.get_selected_text() == "this 日本"

        await pilot.mouse_down(Transcript, offset=(0, row - 2))
        await pilot.hover(Transcript, offset=(3, row))
        await pilot.mouse_up(Transcript, offset=(3, row))
        assert pilot.app.screen.get_selected_text() == "line 29\n\ntake"
        view.visible_text()

    play(scene)


def test_code_that_was_broken_to_the_width_is_copied_whole() -> None:
    """A command with an arrow and a line break in its middle does something else, or nothing."""
    command = "run " + " ".join(f"--option-{number}=value" for number in range(12))

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        ask(view, 1, f"```sh\n{command}\n```")
        assert "↪" in view.visible_text()
        view.text_select_all()
        assert command in (pilot.app.screen.get_selected_text() or "")

    play(scene)


def test_everything_can_be_selected_though_not_everything_is_laid_out() -> None:
    """Copying all must copy all."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.show([stored(number) for number in range(300)])
        view.text_select_all()
        text = pilot.app.screen.get_selected_text() or ""
        assert all(f"answer {number}\n" in text for number in range(300))

    play(scene)


def test_again_takes_the_place_of_the_answer_before() -> None:
    """Answering once more shows one answer, the new one, and errors of the old are gone."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        ask(view, 1, "old words")
        view.note(1, "went wrong", "error")
        view.begin_answer(1)
        view.append(1, "new words")
        assert view.visible_text().rstrip() == "› question 1\n\nnew words"

    play(scene)


def test_clear_empties_the_view_and_late_text_is_not_shown() -> None:
    """After ctrl+l nothing of before comes back, and nothing fails."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        view.begin_turn(1, "q")
        view.begin_answer(1)
        view.append(1, "text")
        view.clear()
        view.append(1, "late")
        view.label(1, "late")
        view.end_answer(1, AnswerState.COMPLETE)
        assert view.visible_text().strip() == ""
        assert view.last_answer() == ""
        assert view.answer_text(1) == ""
        assert view.code_blocks() == []
        view.note(7, "no model is installed", "note")
        assert view.visible_text().strip() == "no model is installed"

    play(scene)


def test_text_that_comes_before_the_screen_is_there_is_kept() -> None:
    """An answer from the cache can be quicker than the first layout."""

    async def main() -> None:
        app = Stage()
        view = Transcript()
        view.begin_turn(1, "q")
        view.begin_answer(1)
        view.append(1, "early")
        view.end_answer(1, AnswerState.COMPLETE)
        async with app.run_test() as pilot:
            await app.mount(view, before=0)
            await pilot.pause()
            assert "early" in view.visible_text()

    asyncio.run(main())


def test_another_theme_changes_the_colours_of_what_is_there() -> None:
    """Lines are laid out once, but their colours belong to the theme."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        ask(view, 1, "text")
        await pilot.pause()
        before = view.render_line(0)
        pilot.app.theme = "textual-light"
        await pilot.pause()
        assert view.render_line(0).text == before.text
        assert list(view.render_line(0)) != list(before)

    play(scene)


def test_only_theme_colours_are_used_and_muted_text_is_muted() -> None:
    """A colour of our own would be unreadable in somebody's theme."""

    async def scene(view: Transcript, pilot: Pilot[None]) -> None:
        ask(view, 1, "plain")
        view.label(1, "dim")
        await pilot.pause()
        plain, dim = (next(iter(view.render_line(y))).style for y in (2, 3))
        assert plain is not None
        assert dim is not None
        assert plain.color != dim.color
        assert plain.bgcolor == dim.bgcolor

    play(scene)
