"""What one run spends: asked for before each call, counted after it, remembered for the next run."""

import math
from collections.abc import Sequence

from core.deep.arming import Prepared
from core.deep.doors import Doors
from core.deep.money import Estimate
from core.deep.stage import Stage
from core.deep.status import Spending, StageKind
from core.errors import StoreUnavailable
from core.metrics.usual import Usual, usual
from core.providers.deep.calls import DeepRequest, Usage
from core.store.deep_journal import StoredDeepRun
from core.store.deep_ledger import WHOLE_RUN, DeepCallRecord, PastTimes, Spent

NO_TIMES = PastTimes()


class Purse:
    """The money, the tokens and the times of one run."""

    def __init__(self, prepared: Prepared, doors: Doors, left: StoredDeepRun | None = None) -> None:
        self._prepared = prepared
        self._doors = doors
        self._depth = prepared.depth
        self._preset = prepared.question.preset.value
        self._before = Spent(0.0, 0, 0)
        if left is not None:
            from core.deep.spent_before import spent_before  # few runs go on

            self._before = spent_before(left, prepared, doors)
        self._reserved: dict[str, Estimate] = {}

    def reserve(self, calls: Sequence[tuple[Stage, DeepRequest]], stages: Sequence[Stage]) -> None:
        """Set aside what these calls may cost, all of them or none.

        Args:
            stages: all of the run, for what it has spent so far.

        Raises:
            CapReached: They would probably go beyond a cap.
        """
        estimates = [self._estimate(stage.kind, request) for stage, request in calls]
        reserved = tuple(self._reserved.values())
        spent_usd = (
            self._before.usd
            + sum(stage.usd or 0.0 for stage in stages)
            + sum(_most(each) for each in reserved)
        )
        spent_tokens = self._before.tokens + sum(
            each.usage.input_tokens + each.usage.output_tokens for each in stages
        )
        spent_tokens += sum(each.tokens for each in reserved)
        under_way = sum(self._doors.under_way.values())
        self._doors.money.check(_sum(estimates), spent_usd, spent_tokens, under_way_usd=under_way)
        for (stage, _), estimate in zip(calls, estimates, strict=True):
            self._reserved[stage.id] = estimate
            self._doors.under_way[self, stage.id] = _most(estimate)

    def check(self) -> None:
        """Refuse to begin what would probably not be paid for to its end. Raises `CapReached`."""
        if not self._depth.is_free:  # it may be done elsewhere than it was prepared for
            under_way = sum(self._doors.under_way.values())
            self._doors.money.check_run(self._prepared.estimate, under_way)

    def pay(self, run: int, stage: Stage, request: DeepRequest, now: float) -> None:
        """A call is over: what it has cost, as far as that is known, is the stage's and the ledger's."""
        self.give_back(stage)
        if stage.first_event_at is not None and (counted := _at_least(stage, request)) != stage.usage:
            stage.usage, stage.is_estimate = counted, True
        if stage.lost and not self._depth.is_free:
            stage.usage, stage.is_estimate = _with_lost(stage, request), True
        usage = stage.usage
        if self._depth.is_free:
            stage.usd = 0.0
        elif usage.input_tokens or usage.output_tokens or usage.usd is not None:
            stage.usd = self._doors.money.cost(request.model, usage)
        began = stage.began_at or now
        self._record(
            DeepCallRecord(
                run,
                self._depth.provider,
                self._depth.caller.address,
                request.model,
                self._depth.effort.value,
                self._preset,
                stage.kind.value,
                size_of(request.rough_tokens),
                (now - began) * 1000,
                None if stage.first_event_at is None else (stage.first_event_at - began) * 1000,
                None if stage.first_text_at is None else (stage.first_text_at - began) * 1000,
                usage.input_tokens,
                usage.cached_tokens,
                usage.thinking_tokens,
                usage.output_tokens,
                stage.usd,
                stage.is_whole,
            )
        )

    def give_back(self, stage: Stage) -> None:
        """A call is over, or never went out."""
        self._reserved.pop(stage.id, None)
        self._doors.under_way.pop((self, stage.id), None)

    def close(self, run: int, total_s: float, stages: Sequence[Stage]) -> None:
        """A whole run is over: how long such a one takes."""
        spent = self.status(stages)
        self._record(
            DeepCallRecord(
                run,
                self._depth.provider,
                self._depth.caller.address,
                self._depth.model,
                self._depth.effort.value,
                self._preset,
                WHOLE_RUN,
                size_of(self._prepared.estimate.tokens),
                total_s * 1000,
                input_tokens=spent.input_tokens,
                cached_tokens=spent.cached_tokens,
                thinking_tokens=spent.thinking_tokens,
                output_tokens=spent.output_tokens,
                usd=spent.usd,
            )
        )

    def past(self, stage: str = WHOLE_RUN) -> PastTimes:
        """How long such a stage, or the whole run, took before; nothing where the store cannot be read."""
        try:
            return self._doors.ledger.past(self._depth.model, self._depth.effort.value, self._preset, stage)
        except StoreUnavailable:
            return NO_TIMES

    def usual(self, kind: StageKind) -> Usual | None:
        """What may be said of how long a stage takes."""
        past = self.past(kind.value)
        return usual(past.seconds, is_pooled=past.is_pooled)

    def status(self, stages: Sequence[Stage]) -> Spending:
        """All of it so far."""
        asked = [stage for stage in stages if stage.usage.input_tokens or stage.usage.output_tokens]
        is_known = all(stage.usd is not None for stage in asked if stage.has_ended)
        usd = sum(stage.usd or 0.0 for stage in asked) if is_known else None
        expected = self._prepared.estimate.usd
        return Spending(
            sum(stage.usage.input_tokens for stage in asked),
            sum(stage.usage.cached_tokens for stage in asked),
            sum(stage.usage.thinking_tokens for stage in asked),
            sum(stage.usage.output_tokens for stage in asked),
            0.0 if self._depth.is_free else usd,
            bool(asked) and all(stage.usage.usd is not None for stage in asked),
            None if expected is None else max(expected, usd or 0.0),
            self._doors.settings.max_usd_per_run,
            self._depth.is_free,
            any(stage.is_estimate for stage in asked),
        )

    def _estimate(self, kind: StageKind, request: DeepRequest) -> Estimate:
        return self._doors.money.estimate(
            request.model,
            self._depth.effort.value,
            self._preset,
            kind.value,
            request.rough_tokens,
            request.max_tokens,
            self._depth.is_free,
        )

    def _record(self, call: DeepCallRecord) -> None:
        # A store that refuses costs the next run a figure, and this one nothing.
        self._doors.ledger.record(call)


def size_of(tokens: int) -> int:
    """Tokens as their rounded log2, by which times are comparable."""
    return round(math.log2(max(tokens, 1)))


def _at_least(stage: Stage, request: DeepRequest) -> Usage:
    """What a call has used, where its provider did not count it to its end, or not at all."""
    usage = stage.usage
    if not usage.input_tokens:
        usage = usage._replace(input_tokens=request.rough_tokens)
    # What was counted at a call's beginning says little of one that was cut; money was spent on the rest.
    if not stage.is_whole or not usage.output_tokens:
        usage = usage._replace(output_tokens=max(usage.output_tokens, stage.rough_tokens))
    return usage


def _with_lost(stage: Stage, request: DeepRequest) -> Usage:
    """The same with tries that failed after they had begun, which a provider charges too."""
    read = sum(each.input_tokens or request.rough_tokens for each in stage.lost)
    written = sum(each.output_tokens for each in stage.lost)
    usage = stage.usage
    return usage._replace(input_tokens=usage.input_tokens + read, output_tokens=usage.output_tokens + written)


def _most(estimate: Estimate) -> float:
    return estimate.usd or 0.0 if estimate.most_usd is None else estimate.most_usd


def _sum(estimates: Sequence[Estimate]) -> Estimate:
    """Several calls as one."""
    is_known = all(each.usd is not None for each in estimates)
    return Estimate(
        sum(each.tokens for each in estimates),
        sum(each.usd or 0.0 for each in estimates) if is_known else None,
        sum(_most(each) for each in estimates) if is_known else None,
        all(each.is_free for each in estimates),
    )
