"""A question with everything that shapes its prompt: read back, made to fit, and made a request."""

from contextlib import suppress
from dataclasses import dataclass, replace

from core.context.budget import BYTES_PER_TOKEN, Fitted, answer_room, fit
from core.engine.following import Enclosed, Following
from core.engine.instructing import Instructed, Instructing
from core.engine.models import Models, Ready
from core.engine.turn import Attempt
from core.errors import ContextFull, HouseError, ModelMissing, PromptTooLong, ProviderError
from core.messages import Answer, AnswerState, Attachment, Message, Question, Turn
from core.providers.base import Profile, Request
from core.settings.model import FastSettings
from core.store.conversations import Conversations


@dataclass(slots=True)
class Asked:
    """A question on its way to a model.

    Attributes:
        enclosed: what goes along with it.
        attachments: what of it is sent; more as turns are dropped that had some.
        turns: the earlier ones that have an answer; fewer as turns are dropped.
        instructed: by what the project tells the model of itself.
        dropped: how many of them are no longer sent because of this question.
        before: the turn's current answer, where it is asked again and has one.
        is_second_choice: its model was chosen because the one before is gone.
        messages: what was sent last for it.
    """

    question: Question
    ready: Ready
    text: str
    enclosed: Enclosed
    attachments: tuple[Attachment, ...]
    turns: tuple[Turn, ...]
    instructed: Instructed
    dropped: int = 0
    before: Answer | None = None
    is_second_choice: bool = False
    messages: tuple[Message, ...] = ()

    @property
    def has_whole(self) -> bool:
        """Whether the turn has a whole answer already."""
        return self.before is not None and self.before.state is AnswerState.COMPLETE


class Preparing:
    """Makes questions requests; remembers which turns each conversation no longer sends."""

    def __init__(
        self,
        conversations: Conversations,
        models: Models,
        following: Following,
        instructing: Instructing,
        settings: FastSettings,
    ) -> None:
        self._conversations = conversations
        self._models = models
        self._following = following
        self._instructing = instructing
        self._settings = settings
        self._first_kept: dict[int, int] = {}

    async def gather(self, question: Question, ready: Ready) -> Asked:
        """Read back what a prompt is made of.

        Raises:
            NotStored: The turn to be answered again is not there.
            StoreUnavailable: The conversation cannot be read.
        """
        if question.again is None:
            turns = () if question.conversation is None else self._history(question.conversation)
            instructed = self._instructing.for_question(question.conversation)
            enclosed = await self._following.enclose(question, turns)
            sent = enclosed.to_send(turns)
            return Asked(question, ready, question.text, enclosed, sent, turns, instructed)
        turn = self._conversations.turn(question.again)
        earlier = tuple(t for t in self._history(turn.conversation) if t.id < turn.id)
        instructed = self._instructing.for_question(turn.conversation)
        same = Enclosed((), turn.attachments)
        return Asked(
            question, ready, turn.question, same, turn.attachments, earlier, instructed, before=turn.current
        )

    async def known(self, question: Question, ready: Ready | None) -> Asked | None:
        """The same as `gather`, where everything for it is at hand; None where something is missing."""
        with suppress(HouseError):
            return None if ready is None else await self.gather(question, ready)
        return None

    def system_of(self, question: Question) -> str:
        """The system prompt, without what the project adds; empty for the built-in one."""
        return self._settings.system if question.system is None else question.system

    def attempt(self, asked: Asked, drop: int = 0) -> Attempt:
        """The request that goes out, and what is said of it.

        Args:
            drop: turns that must go, whatever the estimate says.

        Raises:
            ContextFull: It does not fit, and dropping turns is not allowed or does not help.
        """
        ready = asked.ready
        fitted, dropped = self._fit(asked, drop)
        asked.messages = fitted.messages
        request = Request(
            ready.model,
            fitted.messages,
            ready.profile,
            fitted.num_predict,
            ready.think,
            self._settings.keep_alive,
            ready.usual_load_ms,
        )
        notes = [ready.note, asked.instructed.note, asked.enclosed.note, self._drop(asked, dropped)]
        asked.ready, asked.instructed = replace(ready, note=""), replace(asked.instructed, note="")
        asked.enclosed = replace(asked.enclosed, note="")
        return Attempt(request, ready.remote_host, " · ".join(note for note in notes if note))

    async def another(self, asked: Asked, error: ProviderError) -> Attempt | None:
        """What else can be tried when nothing came: another choice of ours, or fewer turns where allowed.

        Raises:
            ContextFull: The server counts more tokens than fit, as our own estimate might have found.
            HouseError: There is no other choice.
        """
        ready = asked.ready
        if isinstance(error, ModelMissing) and ready.is_pinned_auto and not asked.is_second_choice:
            asked.is_second_choice = True
            asked.ready = await self._models.choose_again(ready.model)
            return self.attempt(asked)
        if isinstance(error, PromptTooLong):
            if asked.question.fit and asked.turns:
                # Some at once: each try costs the server a look at the whole prompt.
                return self.attempt(asked, drop=max(1, len(asked.turns) // 4))
            raise _too_long(ready.profile, len(asked.turns))
        return None

    def _history(self, conversation: int) -> tuple[Turn, ...]:
        last = None
        if first_kept := self._first_kept.get(conversation):
            last = sum(turn >= first_kept for turn in self._conversations.turn_ids(conversation))
        turns = self._conversations.turns(conversation, last)
        return tuple(t for t in turns if t.current is not None and t.current.text)

    def _fit(self, asked: Asked, drop: int) -> tuple[Fitted, int]:
        """The prompt, and how many turns it is without; what only those had is sent along anew."""
        system = asked.instructed.behind(self.system_of(asked.question))
        while True:
            fitted = fit(
                system,
                asked.turns[drop:],
                asked.text,
                asked.attachments,
                asked.ready.profile.num_ctx,
                asked.ready.profile.largest,
                asked.question.fit,
                asked.ready.bytes_per_token or BYTES_PER_TOKEN,
            )
            drop += fitted.dropped
            sent, asked.attachments = asked.attachments, asked.enclosed.to_send(asked.turns[drop:])
            if asked.attachments == sent:
                return fitted, drop

    def _drop(self, asked: Asked, count: int) -> str:
        """Turns that were dropped stay dropped, so that the prompt's beginning stays the same."""
        if not count:
            return ""
        gone, asked.turns = asked.turns[:count], asked.turns[count:]
        asked.dropped += count
        self._first_kept[gone[-1].conversation] = gone[-1].id + 1
        turns = "turn is" if asked.dropped == 1 else f"{asked.dropped} turns are"
        return f"the oldest {turns} no longer sent to the model"


def _too_long(profile: Profile, turns: int) -> ContextFull:
    """What the server's refusal says: the prompt alone is larger than the window."""
    window = profile.num_ctx
    return ContextFull(window + answer_room(window), window, profile.largest, min(turns, 1))
