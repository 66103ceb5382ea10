"""Which questions wait, which one runs, and which turn of the store each of them became."""

from collections import deque
from dataclasses import dataclass, field, replace

from core.messages import Question

MOST_TRIES = 3


@dataclass(slots=True)
class Pending:
    """A question on its way.

    Attributes:
        key: the screen's own number for its turn.
        text: what was typed, also when it is now asked again by its turn's number.
        tries: how often it was sent to a server that seemed well.
        is_looked_up: it was given to the engine once, so a stored answer would have been found.
    """

    key: int
    text: str
    question: Question
    tries: int = 0
    is_looked_up: bool = False


@dataclass(slots=True)
class Docket:
    """The questions of one conversation, in order; one runs at a time."""

    conversation: int | None = None
    running: Pending | None = None
    last: Pending | None = None
    _waiting: deque[Pending] = field(default_factory=deque)
    _unasked: list[str] = field(default_factory=list)
    _turns: dict[int, int] = field(default_factory=dict)
    _keys: int = 0

    def anew(self) -> "Docket":
        """The docket of a new conversation; keys go on, so that late events find no other turn."""
        self.drop_waiting()
        return Docket(_keys=self._keys, _unasked=self._unasked)

    def add(self, question: Question) -> Pending:
        """Queue a new question; its turn gets the next key."""
        pending = Pending(self.new_key(), question.text, question)
        self._waiting.append(pending)
        return pending

    def new_key(self) -> int:
        """A key for what stands among the turns and is none."""
        self._keys += 1
        return self._keys

    def not_asked(self, text: str) -> None:
        """A question did not even come here; `unasked` remembers it."""
        self._unasked.append(text)

    def add_again(self, *, fit: bool = False) -> Pending | None:
        """Queue the last question once more, in its own turn; None when there is none that could be."""
        if self.last is None or self.running is not None:
            return None
        if self.last in self._waiting:  # in its own time, and once
            self.last.question = replace(self.last.question, fit=fit, use_cache=False)
            return self.last
        again = Question("", again=self._turns.get(self.last.key), fit=fit, use_cache=False)
        if again.again is None:  # stopped before the store had it
            again = replace(self.last.question, fit=fit, use_cache=False)
        pending = Pending(self.last.key, self.last.text, again)
        self._waiting.appendleft(pending)
        return pending

    def know(self, turn: int, text: str) -> None:
        """A stored turn is shown under its own number, and is the last one so far."""
        self._turns[turn] = turn
        self._keys = max(self._keys, turn)
        self.last = Pending(turn, text, Question(text))

    def turn_of(self, key: int) -> int | None:
        """The store's turn behind a turn of the screen's; None while the store does not have it."""
        return self._turns.get(key)

    def key_of(self, turn: int) -> int:
        """The screen's key of a stored turn; stored turns that are shown have their own number."""
        return next((key for key, known in self._turns.items() if known == turn), turn)

    def begin(self, *, is_missing: bool = False) -> Pending | None:
        """Take the next waiting question; None while one runs or none waits.

        Args:
            is_missing: the server is: take only what the engine has not had yet, for a stored answer needs
                no server. Such a look is no try.
        """
        if self.running is not None:
            return None
        pending = next((one for one in self._waiting if not (is_missing and one.is_looked_up)), None)
        if pending is None:
            return None
        self._waiting.remove(pending)
        self.running = self.last = pending
        pending.is_looked_up = True
        pending.tries += not is_missing
        if pending.question.again is None:
            pending.question = replace(pending.question, conversation=self.conversation)
        return pending

    def started(self, key: int, conversation: int, turn: int) -> None:
        """The store has the running question; a late word of another changes nothing."""
        if self.running is not None and self.running.key == key:
            self._turns[key] = turn
            self.conversation = conversation

    def is_last(self, key: int) -> bool:
        """Whether no later question was asked."""
        return self.last is not None and self.last.key == key

    def has(self, key: int) -> bool:
        """Whether the question of a turn runs or waits."""
        return (self.running is not None and self.running.key == key) or any(
            pending.key == key for pending in self._waiting
        )

    def became(self, key: int, conversation: int, turn: int) -> None:
        """A question that is answered in depth alone is stored now."""
        self._turns[key] = turn
        self.conversation = self.conversation or conversation

    def asked_deep(self, text: str) -> int:
        """A question that is answered in depth alone, and is the last one so far; the key of its turn."""
        self.last = Pending(self.new_key(), text, Question(text, conversation=self.conversation))
        return self.last.key

    def end(self) -> None:
        """The running question is over."""
        self.running = None

    def put_back(self, turn: int | None) -> bool:
        """Let the running question wait again, in its place; False when it was tried often enough."""
        pending, self.running = self.running, None
        if pending is None or pending.tries >= MOST_TRIES:
            return False
        if turn is not None:
            pending.question = replace(pending.question, again=turn)
        place = sum(1 for one in self._waiting if one.key < pending.key)
        self._waiting.insert(place, pending)
        return True

    @property
    def has_new(self) -> bool:
        """Whether one waits that the engine has not had yet."""
        return any(not pending.is_looked_up for pending in self._waiting)

    def waiting(self) -> tuple[Pending, ...]:
        """What waits, in order."""
        return tuple(self._waiting)

    def take_waiting(self) -> tuple[Pending, ...]:
        """Take out what waits, to be asked elsewhere."""
        taken = tuple(self._waiting)
        self._waiting.clear()
        return taken

    def drop_waiting(self) -> tuple[Pending, ...]:
        """Let nothing wait any more; what waited, which `unasked` remembers."""
        dropped = self.take_waiting()
        self._unasked += (pending.text for pending in dropped)
        return dropped

    def unasked(self) -> tuple[str, ...]:
        """What was typed and no store has, newest first: what waits, and what was dropped while it did."""
        return tuple(pending.text for pending in reversed(self._waiting)) + tuple(reversed(self._unasked))
