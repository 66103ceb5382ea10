"""One stage of a run while it goes on: what came, how long it takes, and what is shown and kept of it."""

from core.deep.status import StageKind, StageStatus
from core.events import StageState
from core.metrics.usual import Usual
from core.providers.deep.calls import Usage
from core.store.deep_journal import StageRecord

_CHARS_PER_TOKEN = 4


class Stage:
    """A stage; it knows no clock but the moments it is given.

    Attributes:
        question: of a part.
        note: the last concrete fact of it.
        finding: what to read of it, where that is not its text as it came.
        request_sha256: of what was sent for it.
        is_whole: it ended by the provider's own word.
        is_estimate: its tokens are ours, because the provider has not counted them.
        lost: what tries have used that were made again.
    """

    def __init__(self, name: str, kind: StageKind, title: str) -> None:
        self.id = name
        self.kind = kind
        self.title = title
        self.question = ""
        self.state = StageState.WAITS
        self.usual: Usual | None = None
        self.note = ""
        self.finding = ""
        self.request_sha256 = ""
        self.usage = Usage()
        self.usd: float | None = None
        self.is_whole = self.is_estimate = False
        self.first_event_at: float | None = None
        self.first_text_at: float | None = None
        self.began_at: float | None = None
        self._took_s: float | None = None
        self._text: list[str] = []
        self._thinking: list[str] = []
        self._size = 0
        self.lost: list[Usage] = []

    @property
    def text(self) -> str:
        """What has come of it."""
        return _joined(self._text)

    @property
    def thinking(self) -> str:
        """What was thought aloud."""
        return _joined(self._thinking)

    @property
    def tokens(self) -> int:
        """Written so far; an estimate until the provider has counted."""
        return max(self.rough_tokens if not self.is_whole else 0, self.usage.output_tokens)

    @property
    def rough_tokens(self) -> int:
        """Written so far, by what came of it, whatever the provider counts."""
        return self._size // _CHARS_PER_TOKEN

    @property
    def has_ended(self) -> bool:
        """Whether nothing happens in it any more."""
        return self.state not in (StageState.WAITS, StageState.STARTED)

    def begin(self, now: float, usual: Usual | None) -> None:
        """It goes on from now."""
        self.state, self.began_at, self.usual = StageState.STARTED, now, usual

    def end(self, now: float, state: StageState, note: str = "") -> None:
        """It is over."""
        self.state, self._took_s = state, self.elapsed_s(now)
        self.note = note or self.note

    def take_over(self, record: StageRecord) -> None:
        """Be what a run before has finished."""
        self.state, self.note = StageState.FINISHED, record.note
        self.request_sha256, self.is_whole = record.request_sha256, True
        self._text, self._thinking = [record.text], [record.thinking]
        self._took_s = (record.elapsed_ms or 0.0) / 1000
        usage = record.usage
        self.usage = Usage(
            usage.get("input", 0),
            usage.get("cached", 0),
            usage.get("cache_write", 0),
            usage.get("thinking", 0),
            usage.get("output", 0),
        )
        self.is_estimate = bool(usage.get("is_estimate"))
        self.usd = record.usd

    def write(self, text: str, now: float) -> None:
        """A piece of its text."""
        if self.first_text_at is None:
            self.first_text_at = now
        self._text.append(text)
        self._size += len(text)

    def think(self, text: str) -> None:
        """A piece of its thinking."""
        self._thinking.append(text)
        self._size += len(text)

    def restart(self) -> None:
        """Nothing of what came is part of it; that it was written is counted."""
        if self._size or self.usage.input_tokens:
            written = max(self.rough_tokens, self.usage.output_tokens)
            self.lost.append(self.usage._replace(output_tokens=written))
            self.usage = Usage()
        self._text, self._thinking, self._size = [], [], 0
        self.first_text_at = None

    def elapsed_s(self, now: float) -> float | None:
        """How long it has taken; None before it has begun."""
        if self._took_s is not None:
            return self._took_s
        return None if self.began_at is None else now - self.began_at

    def progress(self, now: float) -> str:
        """What it has written, in words; empty while that is nothing."""
        if not self.tokens:
            return ""
        elapsed = self.elapsed_s(now) or 0.0
        rate = f", {self.tokens / elapsed:.0f}/s" if elapsed >= 1 else ""
        return f"{self.tokens:,} tokens{rate}"

    def status(self, now: float) -> StageStatus:
        """It at this moment."""
        note = self.note
        if self.state is StageState.STARTED:
            note = note or self.progress(now)
        finding = self.finding or (self.text if self.kind is StageKind.PART else "")
        return StageStatus(
            self.id,
            self.kind,
            self.title,
            self.state,
            self.elapsed_s(now),
            self.usual,
            self.tokens,
            self.usd,
            note,
            finding,
        )

    def record(self, position: int, now: float) -> StageRecord:
        """It as it is kept."""
        usage = self.usage
        elapsed = self.elapsed_s(now)
        return StageRecord(
            self.id,
            position,
            self.kind.value,
            self.title,
            self.state.value,
            self.text,
            self.thinking,
            self.note,
            self.request_sha256,
            None if elapsed is None else elapsed * 1000,
            {
                "input": usage.input_tokens,
                "cached": usage.cached_tokens,
                "cache_write": usage.cache_write_tokens,
                "thinking": usage.thinking_tokens,
                "output": usage.output_tokens,
                **({"is_estimate": 1} if self.is_estimate else {}),
            },
            self.usd,
        )


def _joined(pieces: list[str]) -> str:
    """All pieces as one, which they are from then on."""
    if len(pieces) > 1:
        pieces[:] = ["".join(pieces)]
    return pieces[0] if pieces else ""
