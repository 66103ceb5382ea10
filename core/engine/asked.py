"""A question with everything that shapes its prompt: read back, made to fit, and made a request."""

from contextlib import suppress
from dataclasses import dataclass, replace

from core.context.budget import BYTES_PER_TOKEN, Fitted, answer_room, fit
from core.engine.following import Enclosed, Following
from core.engine.instructing import Instructed, Instructing
from core.engine.models import Models, Ready
from core.engine.past import Past, Pasts
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
        past: the earlier turns that have an answer; fewer as turns are dropped.
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
    past: Past
    instructed: Instructed
    dropped: int = 0
    before: Answer | None = None
    is_second_choice: bool = False
    messages: tuple[Message, ...] = ()

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The earlier turns themselves."""
        return self.past.turns

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
        self._pasts = Pasts(conversations)
        self._first_kept: dict[int, int] = {}

    async def gather(self, question: Question, ready: Ready) -> Asked:
        """Read back what a prompt is made of.

        Raises:
            NotStored: The turn to be answered again is not there.
            StoreUnavailable: The conversation cannot be read.
        """
        if question.again is None:
            past = Past() if question.conversation is None else self._past(question.conversation)
            instructed = self._instructing.for_question(question.conversation)
            enclosed = await self._following.enclose(question, past.turns)
            sent = enclosed.to_send(past.turns)
            return Asked(question, ready, question.text, enclosed, sent, past, instructed)
        turn = self._conversations.turn(question.again)
        past = self._past(turn.conversation).before(turn.id)
        instructed = self._instructing.for_question(turn.conversation)
        same = Enclosed((), turn.attachments)
        return Asked(
            question, ready, turn.question, same, turn.attachments, past, instructed, before=turn.current
        )

    async def drafted(self, question: Question, ready: Ready) -> Asked:
        """The same of a new question that is not asked yet: nothing is said, let go or remembered.

        Raises:
            StoreUnavailable: The conversation cannot be read.
        """
        conversation = question.conversation
        first_kept = 0 if conversation is None else self._first_kept.get(conversation, 0)
        past = Past() if conversation is None else await self._pasts.soon(conversation, first_kept)
        enclosed = await self._following.look(question, past.turns)
        sent = enclosed.to_send(past.turns)
        return Asked(question, ready, question.text, enclosed, sent, past, self._instructing.found())

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
        notes = [ready.note, asked.instructed.note, asked.enclosed.note, self._drop(asked, dropped)]
        asked.ready, asked.instructed = replace(ready, note=""), replace(asked.instructed, note="")
        asked.enclosed = replace(asked.enclosed, note="")
        return Attempt(
            self._request(ready, fitted), ready.remote_host, " · ".join(note for note in notes if note)
        )

    def draft(self, asked: Asked) -> Request:
        """The request that `attempt` would give; what was asked in earnest is not touched.

        Raises:
            ContextFull: As `attempt`.
        """
        fitted, _ = self._fit(asked, 0)
        return self._request(asked.ready, fitted)

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

    def _past(self, conversation: int) -> Past:
        return self._pasts.now(conversation, self._first_kept.get(conversation, 0))

    def _request(self, ready: Ready, fitted: Fitted) -> Request:
        return Request(
            ready.model,
            fitted.messages,
            ready.profile,
            fitted.num_predict,
            ready.think,
            self._settings.keep_alive,
            ready.usual_load_ms,
        )

    def _fit(self, asked: Asked, drop: int) -> tuple[Fitted, int]:
        """The prompt, and how many turns it is without; what only those had is sent along anew."""
        system = asked.instructed.behind(self.system_of(asked.question))
        while True:
            fitted = fit(
                system,
                asked.past.sized[drop:],
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
        gone, asked.past = asked.turns[count - 1], asked.past.without(count)
        asked.dropped += count
        self._first_kept[gone.conversation] = gone.id + 1
        turns = "turn is" if asked.dropped == 1 else f"{asked.dropped} turns are"
        return f"the oldest {turns} no longer sent to the model"


def _too_long(profile: Profile, turns: int) -> ContextFull:
    """What the server's refusal says: the prompt alone is larger than the window."""
    window = profile.num_ctx
    return ContextFull(window + answer_room(window), window, profile.largest, min(turns, 1))
