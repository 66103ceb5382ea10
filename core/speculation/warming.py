"""The model is loaded and what comes before the next question is read, while nobody waits."""

from core.speculation.ports import Answered


class Warming:
    """Preloads the model, then the system prompt; after an answer, the conversation up to the next question.

    A thinking model's slot does not hold its last answer as the next prompt has it, so that is read again, in
    slices of at most `Speeds.slice_tokens`.
    """

    async def preload(self, conversation: int | None) -> None:
        """Load the model, and read what stands before the first question; returns when that is done."""
        raise NotImplementedError

    async def after(self, answered: Answered) -> None:
        """Read what the next question's prompt will have before it; returns when that is done."""
        raise NotImplementedError
