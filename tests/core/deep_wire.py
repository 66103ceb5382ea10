"""What the tests of runs over a real socket share: a server that answers each stage in its own words."""

import json
from collections.abc import Mapping

from tests.server import Script
from tests.server.journal import Record

MODEL = "qwen3.5:4b"
NAMES = ("alpha", "beta", "gamma", "delta")
FOUR = json.dumps({"parts": [{"title": name, "question": f"What of {name}?"} for name in NAMES]})


def stage_asked(body: Mapping[str, object]) -> str:
    """Which stage a request's body is of."""
    said = json.dumps(body)
    if "Take it apart" in said:
        return "plan"
    if "answered in parts" in said:
        return next(name for name in NAMES if f"What of {name}?" in said.rpartition("elsewhere:")[2])
    return "write"


def four_parts(words: int, tokens_per_s: float = 0.0, plan_pieces: int = 8, write_words: int = 0) -> Script:
    """A server that plans four parts, and answers each call with so many words."""

    def reply(body: Mapping[str, object]) -> list[str]:
        stage = stage_asked(body)
        if stage == "plan":
            size = max(1, len(FOUR) // plan_pieces)
            return [FOUR[at : at + size] for at in range(0, len(FOUR), size)]
        return [f"{stage}{n} " for n in range(write_words if stage == "write" and write_words else words)]

    return Script(reply=reply, tokens_per_s=tokens_per_s, slots=16)


def stages_of(records: tuple[Record, ...]) -> list[str]:
    """The stages that were asked for."""
    return [stage_asked(record.body) for record in records]
