"""What a reader does with a transcript: finding words, folding what is long, taking code and links."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.sanitise import clean_line
from tui.transcript.answer import Answer
from tui.transcript.column import Place
from tui.transcript.entry import Entry
from tui.transcript.find import Finder, Match
from tui.transcript.stack import Part, Tall
from tui.transcript.surface import Surface

AnswerKey = int | tuple[int, int]
"""A turn's key names its first answer; with a number behind it, the answer that was begun as such."""

_MOST_COUNTED = 16_000


@dataclass(frozen=True, slots=True)
class _Hit:
    path: tuple[Tall, ...]
    part: Part
    match: Match

    @property
    def line(self) -> int:
        return self.match.marks[0][0] if self.match.marks else 0


class Reading(Surface):
    """A surface whose turns can be searched and folded."""

    # Finding

    def find(self, text: str, backwards: bool = False) -> int:
        """Mark a text wherever it is in the turns that are here, and go to the next one; how many there are.

        What is folded and holds it is unfolded. The same text again goes on from where the last call went.
        """
        words = clean_line(text).strip()
        if not words or not self._column.width:
            self.clear_find()
            return 0
        if self._finder is None or self._finder.text != words:
            self._finder, self._found = Finder(words), None
        place = self._place()
        hits = list(self._hits(self._finder))
        self._column.measure_all()
        self._arrange(place)
        if hits:
            self._go_to_hit(self._next_hit(hits, backwards))
        self.refresh()
        return len(hits)

    def clear_find(self) -> None:
        """Mark nothing any more."""
        self._finder = self._found = None
        self.refresh()

    def _hits(self, finder: Finder) -> Iterator[_Hit]:
        for page in self._column.items:
            for entry in page.items:
                for answer in entry.answers:
                    if answer.has_pending and finder.may_be_in(answer.text):
                        answer.flush(is_whole=True)
                for section, part in entry.all_parts():
                    for match in self._matches_in(finder, section, part):
                        yield _Hit((page, entry, section, part), part, match)

    def _matches_in(self, finder: Finder, section: Tall, part: Part) -> list[Match]:
        """Where it is in a part; what is folded and may hold it is unfolded."""
        width = self._column.width
        code = section.code_of(part) if isinstance(section, Answer) else 0
        found = None if code else finder.known(part, width)
        if found is None and not finder.may_be_in(part.source):
            finder.is_nowhere_in(part, width)
            found = []
        if found == []:
            return found
        if isinstance(section, Answer):
            section.fold(False)
            if code:
                section.fold_code(code, False)
        if found is None:
            laid: list[Part] = []
            part.lay_out(0, 0, width, laid)
            self._column.hold(laid)
            found = finder.matches(part)
        return found

    def _next_hit(self, hits: list[_Hit], backwards: bool) -> _Hit:
        known = [index for index, hit in enumerate(hits) if (hit.part, hit.match) == self._found]
        if known:
            return hits[(known[0] + (-1 if backwards else 1)) % len(hits)]
        top = self.scroll_offset.y
        lines = [self._column.start_of_path(hit.path) + hit.line for hit in hits]
        if backwards:
            above = [hit for hit, line in zip(hits, lines, strict=True) if line < top + self.size.height]
            return above[-1] if above else hits[-1]
        below = [hit for hit, line in zip(hits, lines, strict=True) if line >= top]
        return below[0] if below else hits[0]

    def _go_to_hit(self, hit: _Hit) -> None:
        self._found = hit.part, hit.match
        top, height = self.scroll_offset.y, self.size.height
        y = self._column.start_of_path(hit.path) + hit.line
        if top <= y < top + height:
            return
        self._is_following = False
        self._arrange(Place(hit.path, hit.line, height // 3, hit.part.height, hit.part.width))
        self._is_following = self.scroll_offset.y >= self.max_scroll_y

    def go_to(self, key: int) -> bool:
        """Bring a turn to the top of the view; whether it is here."""
        entry = self._column.find(key)
        if entry is None or not self._column.width:
            return False
        self._is_following = False
        self._arrange(Place(self._column.path_to(entry), 0, 0, 0, 0))
        self._is_following = self.scroll_offset.y >= self.max_scroll_y
        return True

    # Folding

    @property
    def last_answered(self) -> int | None:
        """The key of the last turn that has an answer; None without one."""
        entry, _ = self._last_answered()
        return None if entry is None else entry.key

    def toggle_fold(self, key: AnswerKey | None = None, code: int | None = None) -> bool:
        """Fold an answer, or one of its code blocks, to one line; or unfold it. Whether there is one.

        Args:
            key: whose answer; None takes the last answer there is.
            code: the number of a code block, as it is shown.
        """
        entry, answer = self._last_answered() if key is None else self._answer(key)
        if entry is None or answer is None or not answer.text.strip():
            return False
        if not self._column.width:
            return False
        start = self._column.start_of_path(self._column.path_to(entry))
        if code is not None:
            if not answer.fold_code(code):
                return False
        else:
            self._measure_whole(answer)
            answer.fold(not answer.is_folded)
        self._column.changed(entry, answer)
        place = None
        if start < self.scroll_offset.y + self.size.height:
            place = Place(self._column.path_to(entry), 0, max(0, start - self.scroll_offset.y), 0, 0)
        self._arrange(place if code is None else self._place())
        return True

    def _measure_whole(self, answer: Answer) -> None:
        """Lay out an answer of usual length, so that the number of its lines is right."""
        if answer.is_folded or len(answer.text) > _MOST_COUNTED:
            return
        answer.flush()
        laid: list[Part] = []
        while answer.lay_out(0, answer.height, self._column.width, laid):
            pass
        self._column.hold(laid)

    # Which answer

    def _answer(self, key: AnswerKey, *, to_change: bool = True) -> tuple[Entry | None, Answer | None]:
        turn, number = key if isinstance(key, tuple) else (key, 0)
        entry = self._column.find(turn, to_change=to_change)
        if entry is None or number >= len(entry.answers):
            return entry, None
        return entry, entry.answers[number]

    def _last_answered(self) -> tuple[Entry | None, Answer | None]:
        for entry in self._column.entries():
            if answer := entry.answered():
                return entry, answer
        return None, None

    def _forget(self) -> None:
        """Begin with nothing."""
        self._column.clear()
        self._finder = self._found = None
        self._pointed_at = ""
        self._is_following = True
        self._drawn = []
        self.lines_below_unseen = 0
