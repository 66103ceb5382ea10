"""Which parts of a text were pasted and not typed, as it goes on being edited."""

from core.alike import common_length

Span = tuple[int, int]


class Pasted:
    """Follows a text from change to change; what is put into a pasted part by hand is typed."""

    def __init__(self) -> None:
        self._text = ""
        self._spans: list[Span] = []
        self._is_coming = False

    @property
    def spans(self) -> tuple[Span, ...]:
        """The parts that were pasted: the first character of each, and the first behind it."""
        return tuple(self._spans)

    def restore(self, text: str, spans: tuple[Span, ...]) -> None:
        """A text is back that was followed before."""
        self._text, self._spans, self._is_coming = text, list(spans), False

    def expect(self) -> None:
        """The next change is a paste."""
        self._is_coming = True

    def follow(self, text: str) -> None:
        """The text is another now."""
        before, self._text = self._text, text
        is_paste, self._is_coming = self._is_coming, False
        if not is_paste and not self._spans:
            return
        start = common_length(before, text)
        behind = common_length(before[start:][::-1], text[start:][::-1])
        end, new_end = len(before) - behind, len(text) - behind
        kept: list[Span] = []
        for first, last in self._spans:
            kept += [(first, min(last, start))] if first < start else []
            kept += [(max(first, end) + new_end - end, last + new_end - end)] if last > end else []
        if is_paste and new_end > start:
            kept.append((start, new_end))
        self._spans = [(first, last) for first, last in kept if first < last]


def holds(spans: tuple[Span, ...], at: int) -> bool:
    """Whether what stands there was pasted."""
    return any(first <= at < last for first, last in spans)


def without_sigils(text: str, spans: tuple[Span, ...]) -> str:
    """The text, as long as it was, with no ``@`` in what was pasted: nothing there is even looked for."""
    for first, last in spans:
        text = f"{text[:first]}{text[first:last].replace('@', 'a')}{text[last:]}"
    return text
