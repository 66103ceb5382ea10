"""What stands behind one loaded model: slots, their prefix cache, prefill in batches, decode, and who left.

It behaves as the model server's own runner does: one request a slot in the order they came; of a prompt only
what the slot does not hold is read, in batches; a reader that has gone is noticed before the next token, or,
while none comes, by a look once a second, and then a batch that is being worked on is still finished. All its
times are those of the running event loop, so that it runs on a virtual clock as well.

Source: ollama and llama.cpp as read in 2026 (slots by longest common prefix, 512-token batches, 1 s poll).
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

CHARS_PER_TOKEN = 4
"""Prompts are texts here; a token is four characters of them."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a machine is.

    Attributes:
        prefill_per_s: tokens of a prompt read in a second; 0 is at once.
        decode_per_s: tokens written in a second; 0 is at once.
        batch: tokens read between two looks at what has come up.
        poll_s: between two looks for a reader that has gone, while nothing is said.
        overhead_s: of every request, before anything of it is read.
        slots: requests answered at the same time.
        ram_prompts: prompts kept beside the slots, to come back to.
        is_hybrid: its layers cannot be cut back: a slot serves a prompt only if all of what it holds is the
            prompt's beginning, or up to a checkpoint (4 and 4 + `batch` tokens before the end of the prompt).
    """

    prefill_per_s: float = 0.0
    decode_per_s: float = 0.0
    batch: int = 512
    poll_s: float = 1.0
    overhead_s: float = 0.0
    slots: int = 1
    ram_prompts: int = 8
    is_hybrid: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A prompt has been read; the first piece of text follows at once.

    Attributes:
        cached, computed: tokens of it that the slot held, and that were read now.
        waited_s: for a slot, or for who left it too late.
        prefill_s: what reading took.
    """

    cached: int
    computed: int
    waited_s: float
    prefill_s: float


@dataclass(frozen=True, slots=True)
class Said:
    """Pieces of the answer that came since the last one, at most one token time late."""

    pieces: tuple[str, ...]


class Runner:
    """One model's runner. Used on one event loop."""

    def __init__(self, pace: Pace) -> None:
        raise NotImplementedError

    def run(
        self, prompt: str, pieces: Sequence[str], *, label: str = "", at_once: int = 1
    ) -> AsyncGenerator[Read | Said, None]:
        """Answer a prompt with these pieces; closing the generator is the reader that leaves.

        Args:
            prompt: as the model is given it, templates and all.
            pieces: the answer, one token each; the slot then holds the prompt and them.
            label: whose request it is, for `busy`.
            at_once: pieces that come together after the first one, each at its last one's time; more are
                cheaper to simulate. Who leaves is noticed at the next token all the same.
        """
        raise NotImplementedError

    def uncached(self, prompt: str) -> int:
        """How many tokens of a prompt would have to be read, if it came now and the slot were free."""
        raise NotImplementedError

    def busy_s(self, label: str) -> float:
        """How long slots worked for requests of this label so far, what went on after they left included."""
        raise NotImplementedError
