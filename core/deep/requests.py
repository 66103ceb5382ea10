"""The requests of a run: what each stage asks, and by what a stage finished before is known again."""

import hashlib
import json
from collections.abc import Sequence

from core.deep.doors import Order
from core.deep.prompts import with_task
from core.deep.stage import Stage
from core.deep.status import StageKind
from core.events import StageState
from core.providers.deep.calls import DeepRequest, Effort

MOST_TOKENS = {StageKind.PLAN: 8_192, StageKind.PART: 12_288, StageKind.WRITE: 16_384}
"""Of a stage, thinking included, which may be many times the text: a plan is short, a part one of several."""


class Requests:
    """Makes one run's requests, and takes over what a run before has finished with the same ones."""

    def __init__(self, order: Order) -> None:
        self._depth = order.prepared.depth
        self._messages = order.messages
        self._records = {each.id: each for each in order.left.stages} if order.left else {}

    def request(self, kind: StageKind, task: str, hints: Sequence[str]) -> DeepRequest:
        """What a stage asks."""
        effort = self._depth.effort
        if kind is not StageKind.WRITE:
            ladder = tuple(Effort)
            effort = min(effort, Effort.MEDIUM, key=ladder.index)
        return DeepRequest(
            self._depth.model,
            with_task(self._messages, task, hints),
            effort,
            MOST_TOKENS[kind],
            self._depth.num_ctx,
            self._depth.keep_alive,
        )

    def take_over(self, stage: Stage, task: str, hints: Sequence[str]) -> bool:
        """Whether the stage was finished before, by the same request; then it is what it was.

        Hints came one after another, so a stage may have gone without the last ones.
        """
        record = self._records.get(stage.id)
        if record is None or record.state != StageState.FINISHED.value:
            return False
        for count in range(len(hints), -1, -1):
            if sha256_of(self.request(stage.kind, task, hints[:count])) == record.request_sha256:
                stage.take_over(record)
                return True
        return False

    def was_struck(self, stage: Stage) -> bool:
        """Whether the person had struck it."""
        record = self._records.get(stage.id)
        return record is not None and record.state == StageState.STRUCK.value

    @property
    def had_begun_parts(self) -> bool:
        """Whether the plan had gone on before."""
        return any(
            each.kind == StageKind.PART.value
            and each.state not in (StageState.WAITS.value, StageState.STRUCK.value)
            for each in self._records.values()
        )


def sha256_of(request: DeepRequest) -> str:
    """Of all that shapes its answer."""
    said = [request.model, request.effort.value, request.max_tokens, request.num_ctx]
    spoken = [[message.role.value, message.text] for message in request.messages]
    return hashlib.sha256(json.dumps([said, spoken]).encode()).hexdigest()
