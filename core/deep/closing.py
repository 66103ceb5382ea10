"""The end of a run: what is kept of it, what the next one learns from it, and the last that is told."""

from core.deep.board import Board
from core.deep.doors import Doors, Order
from core.deep.feed import Feed
from core.deep.outcome import Outcome, kept
from core.deep.purse import Purse
from core.deep.question import Preset
from core.deep.requests import MOST_TOKENS
from core.deep.saving import Saving
from core.deep.status import RunState, StageKind
from core.events import StageState, TextDelta, TurnCancelled, TurnFailed, TurnFinished, UsageReported
from core.metrics.times import Times
from core.providers.base import options_hash_of
from core.store.conversations import Ending
from core.store.deep_journal import INTERRUPTED

_FINAL_KINDS = frozenset({"refusal", "filter", "context_full", "rejected", "length", "empty", "bug"})
"""Of errors that the same request would meet again."""


class Closing:
    """Closes one run, once."""

    def __init__(
        self, order: Order, doors: Doors, board: Board, feed: Feed, saving: Saving, purse: Purse
    ) -> None:
        self._order = order
        self._doors = doors
        self._board = board
        self._feed = feed
        self._saving = saving
        self._purse = purse

    async def close(self, outcome: Outcome, working_s: float) -> None:
        """Keep it, and tell it.

        Args:
            working_s: how long it took without what it waited for its turn.
        """
        if outcome.added:
            self._feed.tell(TextDelta(outcome.added))
        if outcome.state is RunState.COMPLETE:
            self._board.differs = self._compared(outcome.text)
            if self._is_typical():
                self._purse.close(self._saving.run, working_s, self._board.stages)
        times = self._board.stopwatch.times()
        has_answer = self._order.prepared.question.turn is not None
        self._board.kept = kept(self._board, outcome, has_answer=has_answer)
        self._board.may_resume = bool(self._saving.run) and self._may_go_on(outcome)
        await self._keep(outcome, times)
        self._board.error = outcome.error
        self._board.state = outcome.state
        self._tell(outcome, times.total_ms if times.ttft_ms is None else times.ttft_ms, times.total_ms)

    async def _keep(self, outcome: Outcome, times: Times) -> None:
        spent, depth = self._purse.status(self._board.stages), self._order.prepared.depth
        ending = Ending(
            outcome.answer,
            outcome.text,
            self._board.write.thinking,
            outcome.reason,
            outcome.error.message if outcome.error else "",
            model=depth.model,
            place=self._board.place,
            ttft_ms=times.ttft_ms,
            total_ms=times.total_ms,
            input_tokens=spent.input_tokens or None,
            output_tokens=spent.output_tokens or None,
            cached_tokens=spent.cached_tokens or None,
            usd=spent.usd,
            is_usd_exact=spent.is_exact,
            route=depth.route,
            provider=depth.provider,
            options_hash=options_hash_of(depth.num_ctx, MOST_TOKENS[StageKind.WRITE], depth.effort.value),
            thinking_ms=times.thinking_ms,
            itl_ms=times.itl_ms,
            starved_ms=times.starved_ms,
        )
        is_left = outcome.reason == INTERRUPTED or self._may_go_on(outcome)
        state = INTERRUPTED if is_left else outcome.state.value
        await self._saving.end(ending, state)

    def _may_go_on(self, outcome: Outcome) -> bool:
        """Whether what is finished would be paid for again, though it failed for what may pass."""
        paid = (StageKind.PLAN, StageKind.PART)
        has_finished = any(
            each.kind in paid and each.state is StageState.FINISHED for each in self._board.stages
        )
        return has_finished and outcome.error is not None and outcome.error.kind not in _FINAL_KINDS

    def _tell(self, outcome: Outcome, ttft_ms: float, total_ms: float) -> None:
        spent, started, error = self._purse.status(self._board.stages), self._saving.started, outcome.error
        if spent.input_tokens or spent.output_tokens:
            self._feed.tell(
                UsageReported(
                    spent.input_tokens,
                    spent.output_tokens,
                    spent.cached_tokens,
                    spent.thinking_tokens,
                    spent.usd,
                    spent.has_estimates,
                    self._order.prepared.depth.window,
                )
            )
        is_partial = bool(outcome.text)
        if outcome.state is RunState.COMPLETE:
            written, reason = spent.output_tokens, outcome.reason
            self._feed.tell(TurnFinished(started.turn, started.answer, ttft_ms, total_ms, written, reason))
        elif error is None:
            self._feed.tell(TurnCancelled(is_partial))
        else:
            turn, answer = started.turn or None, started.answer or None
            self._feed.tell(TurnFailed(error.kind, error.message, error.remedy, is_partial, turn, answer))

    def _is_typical(self) -> bool:
        """Whether it went as such runs go: from its beginning, and with parts where parts were wanted."""
        has_parts = bool(self._board.of(StageKind.PART))
        is_deeper = self._order.prepared.question.preset is Preset.DEEPER
        return self._order.left is None and has_parts == is_deeper

    def _compared(self, text: str) -> str:
        """The answer beside the draft that the turn had before."""
        turn = self._order.prepared.question.turn
        if turn is None:
            return ""
        try:
            draft = self._doors.conversations.turn(turn).current
            return self._doors.compare(draft.text, text) if draft is not None and draft.text else ""
        except Exception:  # noqa: BLE001  (a word beside the answer, and a bug in it, must not cost the answer)
            return ""
