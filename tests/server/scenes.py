"""Requests that are answered differently from the others: by what is asked, or by their order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.server.faults import Fault, Refusal

Words = str | Sequence[str]
"""A text, cut into pieces the way tokens are; or the exact pieces."""

Reply = Words | Callable[[Mapping[str, object]], Words]
"""What is answered; a callable is given the parsed body of each request, and runs in the server's thread."""


@dataclass(frozen=True, slots=True)
class Scene:
    """How one request, or each with a mark, is answered; what is None is as in the script around it.

    The first scene that fits, and is not used up, takes a request. So a plan, its parts and their synthesis
    can each have an answer of their own, and a part can fail twice and then be well::

        Script(slots=8, scenes=(
            Scene("PLAN", reply=plan), Scene("part two", times=2, fault=Fault.OVERLOADED),
            Scene("part", reply="Found. " * 20, tokens_per_s=50), Scene(reply="All in all …"),
        ))

    Attributes:
        marker: stands anywhere in what is asked; empty fits every request.
        times: requests it takes, counted from when the script was set; None is all.
        fault: what goes wrong with them; None is nothing, whatever the script says.
    """

    marker: str = ""
    times: int | None = None
    reply: Reply | None = None
    thinking: Words | None = None
    tokens_per_s: float | None = None
    ttft_s: float | None = None
    cost_usd: float | None = None
    fault: Fault | None = None
    fault_after: int | None = None
    stall_s: float | None = None
    refused: Refusal | None = None
    raw_body: bytes | None = None


class Stage:
    """The scenes of one script, each with how often it was used."""

    def __init__(self, scenes: tuple[Scene, ...]) -> None:
        self._scenes = scenes
        self._used = [0] * len(scenes)

    def take(self, body: Mapping[str, object]) -> Scene | None:
        """The scene of this request, counted; None when none fits."""
        asked = "\n".join(_texts(body)) if self._scenes else ""
        for place, scene in enumerate(self._scenes):
            is_left = scene.times is None or self._used[place] < scene.times
            if is_left and scene.marker in asked:
                self._used[place] += 1
                return scene
        return None


def _texts(value: object) -> Iterator[str]:
    """Every text in a body, however deep."""
    match value:
        case str():
            yield value
        case Mapping():
            for each in value.values():
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)
