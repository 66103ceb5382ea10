"""The row of sources and the list of candidates by themselves: what fits, what is cut, what a click means."""

import asyncio

import pytest
from textual.app import App, ComposeResult

from tui.widgets.candidates import Candidate, CandidateList
from tui.widgets.sources import Chip, SourceRow

CHIPS = (Chip("a", "a.py 1.2k tok"), Chip("run", "! make runs", is_removable=False), Chip("b", "b.py 3 tok"))


class Stage(App[None]):
    """Both widgets, and what they told."""

    def __init__(self) -> None:
        super().__init__()
        self.row = SourceRow()
        self.list = CandidateList()
        self.told: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.list
        yield self.row

    def on_source_row_removed(self, message: SourceRow.Removed) -> None:
        self.told.append(f"remove {message.key}")

    def on_source_row_opened(self, message: SourceRow.Opened) -> None:
        self.told.append(f"open {message.key}")


def row_of(chips: tuple[Chip, ...], width: int, *clicks: int) -> tuple[str, list[str]]:
    """What the row shows at a width, and what clicks on its columns told."""

    async def main() -> tuple[str, list[str]]:
        app = Stage()
        async with app.run_test(size=(width, 5)) as pilot:
            app.row.show(chips)
            await pilot.pause()
            for column in clicks:
                await pilot.click(app.row, offset=(column, 0))
                await pilot.pause()
                await pilot.pause()
            return app.row.render_line(0).text.rstrip() if app.row.display else "", app.told

    return asyncio.run(main())


def test_all_chips_stand_side_by_side_where_there_is_room() -> None:
    """A name, how much, and a mark to take it away."""
    assert row_of(CHIPS, 80)[0] == "▤ a.py 1.2k tok ✕ · ! make runs · b.py 3 tok ✕"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (40, "▤ a.py 1.2k tok ✕ · ! make runs · +1"),
        (30, "▤ a.py 1.2k tok ✕ · +2"),
        (20, "▤ a.py 1.2… ✕ · +2"),
    ],
)
def test_what_does_not_fit_is_counted_and_the_first_is_cut(width: int, shown: str) -> None:
    """Nothing goes along uncounted, however narrow the pane is."""
    text = row_of(CHIPS, width)[0]

    assert text == shown
    assert len(text) <= width - 2


def test_a_click_on_the_mark_removes_and_elsewhere_opens() -> None:
    """The mark is the only thing that takes something away."""
    text = row_of(CHIPS, 80)[0]
    at = [text.index("a.py"), text.index("✕"), text.index("make"), text.rindex("✕"), 0]

    told = row_of(CHIPS, 80, *(column + 1 for column in at))[1]

    assert told == ["open a", "remove a", "open run", "remove b", "open "]


def test_without_sources_there_is_no_row() -> None:
    """An empty row would cost the answer a line."""
    assert row_of((), 80) == ("", [])


def test_the_list_scrolls_with_the_highlight_and_cuts_a_path_at_its_beginning() -> None:
    """The end of a path says which file it is."""

    async def main() -> None:
        app = Stage()
        async with app.run_test(size=(24, 12)) as pilot:
            paths = [f"@a/very/long/way/down/to/file{number}.py" for number in range(9)]
            app.list.offer([Candidate(path) for path in paths])
            for _ in range(7):
                app.list.move(1)
            await pilot.pause()
            assert app.list.render_line(5).text.rstrip().endswith("/to/file7.py")
            assert app.list.render_line(5).text.startswith(" …")
            app.list.move(-8)
            assert app.list.current is not None
            assert app.list.current.text == paths[8]
            app.list.close()
            assert not app.list.is_open
            assert app.list.current is None

    asyncio.run(main())
