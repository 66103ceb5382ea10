"""A deep call in the Messages protocol: the request with its depth, as path, headers and bytes."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from core.messages import Message, Role
from core.providers.anthropic.answer import MessagesReader
from core.providers.deep.calls import DeepCall, DeepRequest, Effort, Stance

VERSIONS = ("2023-06-01", "2026-10-21")
"""The wire versions that this reader has been tried with, the older first, which every server knows."""
PATH = "/v1/messages"

_EFFORTS = {Effort.MINIMAL: "low"}
# The share of the answer's tokens that an older model is given for thinking.
_SHARES = {
    Effort.MINIMAL: 0.125,
    Effort.LOW: 0.25,
    Effort.MEDIUM: 0.5,
    Effort.HIGH: 0.7,
    Effort.XHIGH: 0.8,
    Effort.MAX: 0.9,
}
_LEAST_BUDGET = 1024
_NO_ADAPTIVE = r"adaptive|thinking\.type|thinking: input tag|thinking\.display|\bdisplay\b"
_EFFORT = r"output_config|\beffort\b"
_NO_SUCH_FIELD = r"extra inputs|not permitted|does not support|not supported"
_NO_THINKING = r"does not support (extended )?thinking|thinking is not (supported|available)"


class AnthropicWire:
    """The protocol in one of its versions."""

    patience_s = 0.0

    def __init__(self, spoken_to: str, version: str = "", has_version_path: bool = False) -> None:
        self.spoken_to = spoken_to
        self._version = version or VERSIONS[0]
        self._path = PATH.removeprefix("/v1") if has_version_path else PATH

    def build(self, request: DeepRequest, stance: Stance) -> DeepCall:
        """The request as path, headers and bytes."""
        system = "\n\n".join(message.text for message in request.messages if message.role is Role.SYSTEM)
        body: dict[str, Any] = {
            "model": request.model,
            "max_tokens": max(1, request.max_tokens),
            "stream": True,
            "messages": _turns(request.messages),
        }
        if system:
            body["system"] = system
        if stance.takes_effort:
            body |= _depth(stance.effort(request.effort), request.max_tokens, stance)
        fields = {name: body[name] for name in body if name not in stance.omitted}
        headers = {"accept": "text/event-stream", "anthropic-version": self._version}
        return DeepCall(self._path, headers, json.dumps(fields).encode())

    def auth(self, key: str) -> dict[str, str]:
        """The headers that carry a key."""
        return {"x-api-key": key}

    def reader(self, request: DeepRequest) -> MessagesReader:
        """A new reader for the answer."""
        return MessagesReader(request, self.spoken_to)

    def adapt(self, request: DeepRequest, stance: Stance, refused: str) -> tuple[Stance, str] | None:
        """What to try after a refusal, and what to say of it; None when there is nothing to try."""
        if not stance.takes_effort:
            return None
        if not stance.is_older and re.search(_NO_ADAPTIVE, refused):
            return replace(stance, is_older=True), ""
        if re.search(_NO_THINKING, refused):
            return replace(stance, takes_effort=False), f"{request.model} does not think, asked without"
        effort = stance.effort(request.effort)
        if re.search(_EFFORT, refused) and "output_config" not in stance.omitted:
            if stance.most is not None or re.search(_NO_SUCH_FIELD, refused):
                said = f"{request.model} takes no effort, sent without"
                return replace(stance, omitted=stance.omitted | {"output_config"}), said
            if effort is not Effort.LOW:
                said = f"{request.model} has no effort {effort}, used {effort.step_down}"
                return replace(stance, most=effort.step_down), said
        return None


def _depth(effort: Effort, max_tokens: int, stance: Stance) -> dict[str, Any]:
    """How much to think; `display` is always said, as its default depends on the model."""
    if effort is Effort.NONE:
        return {"thinking": {"type": "disabled"}}
    if not stance.is_older:
        return {
            "thinking": {"type": "adaptive", "display": "summarized"},
            "output_config": {"effort": _EFFORTS.get(effort, effort.value)},
        }
    budget = max(_LEAST_BUDGET, int(max_tokens * _SHARES[effort]))
    if budget >= max_tokens:  # there would be no room for an answer
        return {}
    return {"thinking": {"type": "enabled", "budget_tokens": budget}}


def _turns(messages: Iterable[Message]) -> list[dict[str, str]]:
    """Messages of people and models, in turn: two of one role in a row are one."""
    turns: list[dict[str, str]] = []
    for message in messages:
        if message.role is Role.SYSTEM:
            continue
        if turns and turns[-1]["role"] == message.role.value:
            turns[-1]["content"] += "\n\n" + message.text
        else:
            turns.append({"role": message.role.value, "content": message.text})
    return turns
