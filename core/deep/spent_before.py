"""What a run that goes on has cost before, beyond what is taken over of it: caps hold across its restarts."""

from core.deep.arming import Prepared
from core.deep.doors import Doors
from core.errors import StoreUnavailable
from core.events import StageState
from core.providers.deep.calls import Usage
from core.store.deep_journal import StageRecord, StoredDeepRun
from core.store.deep_ledger import DeepCallRecord, Spent

_CHARS_PER_TOKEN = 4
_NOTHING = Spent(0.0, 0, 0)


def spent_before(left: StoredDeepRun, prepared: Prepared, doors: Doors) -> Spent:
    """Money and tokens of calls that were cut; of one that a crash cut, the ledger hears only now."""
    if prepared.depth.is_free:
        return _NOTHING
    try:
        known = doors.ledger.spent_since(left.created_at, left.id)
    except StoreUnavailable:
        return _NOTHING
    usd, tokens = known.usd, known.tokens
    for stage in left.stages:
        if stage.state == StageState.FINISHED.value:  # counted with the stages of the run that goes on
            usd -= stage.usd or 0.0
            tokens -= stage.usage.get("input", 0) + stage.usage.get("output", 0)
        elif stage.state == StageState.STARTED.value:
            call = _crashed(left, stage, prepared, doors)
            doors.ledger.record(call)
            usd += call.usd or 0.0
            tokens += call.input_tokens + call.output_tokens
    return Spent(max(0.0, usd), max(0, tokens), 0)


def _crashed(left: StoredDeepRun, stage: StageRecord, prepared: Prepared, doors: Doors) -> DeepCallRecord:
    """A call whose leadline died: what was sent is known about, and what came of it."""
    written = (len(stage.text) + len(stage.thinking)) // _CHARS_PER_TOKEN
    usage = Usage(input_tokens=prepared.estimate.tokens, output_tokens=written)
    return DeepCallRecord(
        left.id,
        left.provider,
        left.address,
        left.model,
        left.effort,
        left.preset,
        stage.kind,
        0,
        stage.elapsed_ms or 0.0,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        usd=doors.money.cost(left.model, usage),
        is_whole=False,
    )
