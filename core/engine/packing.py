"""A deep question with what goes along: read back from the store, packed, made to fit, asked about."""

from core.context.budget import answer_room
from core.deep.arming import asks
from core.deep.depth import Depth
from core.deep.money import Estimate
from core.deep.pack import build_pack, kinds_of, messages_of, refuse_too_large, tokens_of
from core.deep.pack_json import pack_from_json, pack_to_json
from core.deep.question import DeepQuestion, ItemKind, Pack
from core.engine.instructing import Instructing
from core.errors import StoreUnavailable
from core.messages import Message
from core.settings.model import Settings
from core.store.conversations import Conversations
from core.store.deep_journal import DeepJournal


class Packing:
    """Packs deep questions of one engine."""

    def __init__(
        self,
        settings: Settings,
        conversations: Conversations,
        journal: DeepJournal,
        instructing: Instructing,
    ) -> None:
        self._settings = settings
        self._conversations = conversations
        self._journal = journal
        self._instructing = instructing

    async def build(self, question: DeepQuestion, depth: Depth) -> Pack:
        """All that would be sent; what the window does not hold of earlier turns is struck.

        Raises:
            HouseError: There is no such turn, or it does not fit without any turn either.
        """
        text, attachments, conversation = question.text, question.attachments, question.conversation
        if question.turn is not None:
            turn = self._conversations.turn(question.turn)
            text, attachments, conversation = turn.question, turn.attachments, turn.conversation
        earlier = (
            self._conversations.turns(conversation, before=question.turn) if conversation is not None else ()
        )
        system = self._settings.fast.system if question.system is None else question.system
        instructions = self._instructing.for_question(conversation).found
        pack = await build_pack(text, system, instructions, earlier, attachments)
        return _fitted(pack, depth.window)

    def fits(self, pack: Pack, depth: Depth) -> bool:
        """Whether the window holds it, with room for an answer."""
        return _fits(pack, depth.window)

    def asks(self, question: DeepQuestion, pack: Pack, depth: Depth, estimate: Estimate) -> tuple[str, ...]:
        """Why the person is asked first; empty when the run may begin."""
        conversation = question.conversation
        try:
            if question.turn is not None:
                conversation = self._conversations.turn(question.turn).conversation
            before = frozenset() if conversation is None else self._journal.sent_before(conversation)
        except StoreUnavailable:
            before = frozenset()
        return asks(self._settings.deep, question, pack, depth, estimate, before)

    def messages(self, pack: Pack) -> tuple[Message, ...]:
        """The pack as it is sent."""
        return messages_of(pack)

    def tokens(self, pack: Pack) -> int:
        """About how many tokens are sent."""
        return tokens_of(pack)

    def kinds(self, pack: Pack) -> tuple[str, ...]:
        """Kinds of content that are sent."""
        return tuple(sorted(kinds_of(pack)))

    def to_json(self, pack: Pack) -> str:
        """The pack for the journal."""
        return pack_to_json(pack)

    def from_json(self, text: str) -> Pack:
        """The same pack again. Raises `HouseError`."""
        return pack_from_json(text)


def _fitted(pack: Pack, window: int) -> Pack:
    """The pack without the oldest turns that a small window has no room for; they are shown as struck."""
    turns = [item.id for item in pack.items if item.kind is ItemKind.TURN]
    for turn in turns:
        if _fits(pack, window):
            break
        pack = pack.toggled(turn)
    refuse_too_large(pack, window, _room(window))
    return pack


def _fits(pack: Pack, window: int) -> bool:
    return not window or tokens_of(pack) + _room(window) <= window


def _room(window: int) -> int:
    return answer_room(window) if window else 0
