"""What every speculative request teaches and costs: speeds, delays, what is held, and the day's counts."""

from collections import deque
from collections.abc import Callable

from core.providers.base import Ended, ModelInfo, Request
from core.speculation.background import Background, Job, Purpose
from core.speculation.delays import Delays
from core.speculation.held import Held
from core.speculation.kept import kept_s
from core.speculation.modesty import Modesty
from core.speculation.speeds import Speeds
from core.store.speculation import SpeculationStore

LATELY_S = 3.0
"""A request of the person's that goes out so soon after one of ours was closed may have waited for it."""
THINKS = "thinking"
UNEXPLAINED_MS = 300.0
"""A wait beyond it, with nothing of ours at the server, is somebody else's doing."""
_USUAL_OF = 7


class Accounts:
    """Learns from what is over, and keeps the books.

    Args:
        is_elsewhere: told of a model that turned out to run on another host.
    """

    def __init__(
        self,
        store: SpeculationStore,
        modesty: Modesty,
        speeds: Speeds,
        held: Held,
        delays: Delays,
        is_elsewhere: Callable[[str, str], None],
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._modesty = modesty
        self._speeds = speeds
        self._held = held
        self._delays = delays
        self._is_elsewhere = is_elsewhere
        self._clock = clock
        self._usual_waits: deque[float] = deque(maxlen=_USUAL_OF)
        self._asked: Request | None = None
        self._asked_uncached = 0
        self._was_closed: bool | None = None
        self._is_explained = False
        self._used_at = float("inf")
        self._kept_s = float("inf")

    def found(self, model: ModelInfo) -> None:
        """What the server says of the model.

        Raises:
            StoreUnavailable: What was measured of it before cannot be read; all else is known.
        """
        self._speeds.guess(model)
        self._held.loses_answers = model.capabilities is None or THINKS in model.capabilities
        self._delays.of(model.name)

    def asked(self, request: Request, background: Background, *, is_alone: bool) -> None:
        """The person's own request goes out, and nothing was made ahead for it.

        Args:
            is_alone: nothing else of theirs is at the server.
        """
        left = background.job
        self._was_closed = background.closed_lately(LATELY_S)
        self._is_explained = not is_alone or left is not None
        self._asked = request
        self._asked_uncached = self._held.uncached_tokens(request) if self._held.knows(request) else 0

    def wake(self) -> None:
        """Something happens again: after a long rest the server has unloaded the model, and holds nothing."""
        if self._clock() - self._used_at > self._kept_s:
            self._held.empty()

    def queued(self) -> None:
        """The person's request waits at the server: for somebody else, unless it is what we closed there."""
        if self._was_closed is None and not self._is_explained:
            self._modesty.others()

    def passed(self, *, is_lost: bool) -> None:
        """The person's request came to no end, or nothing went out for their question.

        Args:
            is_lost: the model, or the server, may be another than before.
        """
        asked, self._asked = self._asked, None
        if is_lost:
            self._held.forget()
        elif asked is not None:
            self._held.take_partly(asked)

    def answered(self, request: Request, text: str, ended: Ended | None) -> None:
        """The person's request has ended well."""
        asked, self._asked = self._asked, None
        self._use(request)
        self._held.take(request, text)
        if ended is None:
            return
        if ended.remote_host:
            self._is_elsewhere(request.model, ended.remote_host)
        if asked != request:
            return
        self._speeds.learn(ended, self._asked_uncached)
        if ended.server_ms:
            waited_ms = ended.server_ms - ended.load_ms - ended.prefill_ms - ended.decode_ms
            self._learn_wait(max(waited_ms, 0.0), is_loaded=ended.load_ms < UNEXPLAINED_MS)

    def over(self, job: Job, is_adopted: bool) -> None:
        """A speculative request is over."""
        ended = job.ended
        was_known = job.request is not None and self._held.knows(job.request)
        if job.purpose is Purpose.PRELOAD and ended is not None and ended.load_ms >= UNEXPLAINED_MS:
            self._held.empty()
        if job.request is not None:
            self._use(job.request)
            if job.first_at is None:
                self._held.take_partly(job.request)
            else:
                self._held.take(job.request, job.text)
            if ended is not None and ended.remote_host:
                self._is_elsewhere(job.request.model, ended.remote_host)
        if ended is not None:
            self._speeds.learn(ended, job.uncached_tokens if was_known else 0)
        tokens = job.said if ended is None else max(ended.output_tokens, job.said)
        busy_s = 0.0 if is_adopted else _busy_s(job)
        self._modesty.busy(busy_s)
        is_counted_here = job.purpose.only_reads or job.purpose is Purpose.SUBMIT
        self._store.count(
            job.purpose.value,
            requests=1,
            tokens=tokens,
            wasted=tokens if is_counted_here and not is_adopted else 0,
            busy_s=busy_s,
        )

    def adopted(self, purpose: Purpose, saved_s: float) -> None:
        """The person took over what was sent ahead, so much earlier than their Enter."""
        self._asked = None
        self._store.count(purpose.value, adopted=1, saved_s=max(saved_s, 0.0))

    def _use(self, request: Request) -> None:
        self._used_at, self._kept_s = self._clock(), kept_s(request.keep_alive)

    def _learn_wait(self, waited_ms: float, *, is_loaded: bool) -> None:
        """What a request waited for that is none of the model's work."""
        usual_ms = sorted(self._usual_waits)[len(self._usual_waits) // 2] if self._usual_waits else 0.0
        if self._was_closed is not None and not self._is_explained:
            self._delays.note(max(waited_ms - usual_ms, 0.0), was_prefilling=self._was_closed)
        elif self._was_closed is None and not self._is_explained and is_loaded:
            if waited_ms > usual_ms + UNEXPLAINED_MS:
                self._modesty.others()
            else:
                self._usual_waits.append(waited_ms)


def _busy_s(job: Job) -> float:
    """How long the device worked for it: as the server says, or else for as long as it ran."""
    ended = job.ended
    if ended is not None and ended.prefill_ms + ended.decode_ms > 0:
        return (ended.prefill_ms + ended.decode_ms) / 1000
    if job.purpose is Purpose.PRELOAD or job.over_at is None:
        return 0.0
    return job.over_at - job.begun_at
