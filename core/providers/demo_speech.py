"""What the demo model says to a request: an answer, the rest of one, or what may be asked next."""

import json

from core.messages import Message, Role
from core.providers.demo_answers import LONGEST_QUESTION, Repertoire, load_repertoire
from core.providers.demo_failures import explain_failure
from core.providers.demo_follow_ups import FollowUps, follow_up, load_follow_ups, next_questions

# How a prompt marks where the files end and the question begins.
_END_OF_FILES = "</file>\n\n"
_MOST_NEXT = 3

_GET_A_MODEL = """\
To get a real model:

1. Install Ollama from <https://ollama.com/download>.
2. Start it, if it does not run already: `ollama serve`
3. Fetch a small model: `leadline pull qwen3:4b`
4. Run `leadline`, without `--demo`."""


class Speaker:
    """Knows what was prepared; made in a thread, as reading it takes longer than a frame."""

    def __init__(self, repertoire: Repertoire, follow_ups: FollowUps) -> None:
        self._repertoire = repertoire
        self._follow_ups = follow_ups

    def say(self, messages: tuple[Message, ...], schema: str = "") -> str:
        """The whole text that answers a conversation; behind a beginning of it, what is left.

        Behind words that it would not have said there is nothing to say.
        """
        if messages and messages[-1].role is Role.ASSISTANT:
            said, whole = messages[-1].text, self.say(messages[:-1], schema)
            return whole[len(said) :] if whole.startswith(said) else ""
        if schema:
            # What is asked about comes last; the conversation is what stands before it.
            return json.dumps(next_questions(self._repertoire, messages[:-1], _most(schema)))
        said_before = follow_up(self._repertoire, self._follow_ups, messages)
        return said_before or compose(self._repertoire, last_question(messages))


def load_speaker() -> Speaker:
    """Read all that was prepared; some 25 ms."""
    return Speaker(load_repertoire(), load_follow_ups())


def compose(repertoire: Repertoire, message: str) -> str:
    """Give the prepared answer or what a failing test says of itself, or say honestly that there is none."""
    files, _, question = message.rpartition(_END_OF_FILES)
    if files and (said := explain_failure(question, files)) is not None:
        return said
    known = repertoire.find(question)
    if known is not None and files:
        return f"What you sent along I cannot read; this is what I had prepared.\n\n{known.text}"
    if known is not None:
        return known.text
    parts = ["I am the demo model: I only know some thirty prepared answers, and this is not one of them."]
    if files or carries_more(question):
        parts.append("If you sent a file or pasted text along: I cannot read it.")
    proposals = "\n".join(f"- {ask}" for ask in repertoire.nearest(question, 3))
    return f"{' '.join(parts)}\n\n{_GET_A_MODEL}\n\nThree questions that I do know:\n\n{proposals}"


def last_question(messages: tuple[Message, ...]) -> str:
    """Find what the person said last; empty when they said nothing."""
    return next((message.text for message in reversed(messages) if message.role is Role.USER), "")


def carries_more(question: str) -> bool:
    """Say whether a message looks as if a file or pasted text came along with the question."""
    return len(question) > LONGEST_QUESTION or "\n" in question.strip() or "```" in question


def _most(schema: str) -> int:
    """How many strings a list of this shape may have."""
    most = json.loads(schema).get("maxItems")
    return min(most, _MOST_NEXT) if isinstance(most, int) and most >= 0 else _MOST_NEXT
