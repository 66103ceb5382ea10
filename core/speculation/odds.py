"""How likely a chip is taken, and how many tokens ahead that is worth: the price list of what is made ahead.

The goal is at most 2,000 tokens made ahead in vain for each chip that is taken. What decides is arithmetic:
a chip that is taken once in ten offers is worth 200 tokens, of which its question costs some 15, its head 64,
and the rest of a usual answer some 120 on the average (many answers end sooner, some people begin to type
before): 180 in vain, as one in ten is not. Three questions of a model, their heads and one whole answer would
cost 230 for the same one in ten. So there are as many chips as pay for themselves, and that is one until this
person is seen to take chips more often.

How often chips are taken differs from one person to the next by more than anything else; so all chips
together say what is to be expected, and a kind in its place moves that by its own offers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt

from core.store.speculation import KindCount

TOKENS_PER_HIT = 1900
"""Of the 2,000 that the goal allows; the rest is left to texts that are sent while still, in vain."""
TAKEN = 0.10
"""How often one of the chips under an answer is taken, before anything is known (mails: 10-12 %)."""
SPLIT = (0.60, 0.25, 0.15)
"""Of those taken, by place."""
WEIGHT = 30.0
"""So many offers of this person's count as much as what was expected before them."""

HEAD_TOKENS = 64
SIDE_HEAD_TOKENS_PER_HIT = 600
"""The heads of all but the best chip are shorter, as their chance is: enough to bridge the continuation's own
first token, and cheaper for each hit than anything else that is made ahead."""
FEWEST_HEAD_TOKENS = 8

CALL_TOKENS = (14, 24, 34)
"""What the model writes for so many questions."""
EXTENSION_TOKENS = 120
"""What the rest of an answer costs behind its head, on the average (bench: 150 where it is begun)."""
WHOLE_WITHIN_TOKENS = 256
"""No answer is made ahead beyond so many: it is a long one then, and most of it would still be to come."""
EXTEND_AFTER_S = 16.0
"""Who has not begun to type after so long is reading or thinking; one in three has begun by then, and
the head was enough for them. An answer begun later is wasted less often, so that it may be a longer one."""


@dataclass(frozen=True, slots=True)
class Odds:
    """What chips are worth to this person.

    Attributes:
        kinds: what became of earlier chips.
        is_free: tokens cost nothing (the demo model).
    """

    kinds: Sequence[KindCount] = field(default=())
    is_free: bool = False

    @property
    def offers(self) -> float:
        """How many answers had chips; older ones count less."""
        return sum(each.offered for each in self.kinds if each.place == 1)

    @property
    def any_taken(self) -> float:
        """How often one of an answer's chips is taken."""
        taken = sum(each.taken for each in self.kinds)
        return (TAKEN * WEIGHT + taken) / (WEIGHT + max(self.offers, taken))

    @property
    def doubt(self) -> float:
        """How far off `any_taken` may well be: one standard deviation."""
        expected = min(self.any_taken, 1.0)
        return sqrt(expected * (1 - expected) / (WEIGHT + self.offers))

    def chance(self, kind: str, place: int, of: int) -> float:
        """How likely this chip is taken, where so many are offered."""
        expected = self.any_taken * SPLIT[place - 1] / sum(SPLIT[:of])
        offered = sum(each.offered for each in self.kinds if (each.kind, each.place) == (kind, place))
        taken = sum(each.taken for each in self.kinds if (each.kind, each.place) == (kind, place))
        return (expected * WEIGHT + taken) / (WEIGHT + max(offered, taken))

    def worth_offering(self, most: int) -> int:
        """How many questions are offered, at most so many.

        The more there are the less likely each is, so the more is prepared for each that is taken. More than
        one only when it is certain enough that so many are taken that the first one can still be answered
        whole.
        """
        if self.is_free:
            return most
        sure = self.any_taken - self.doubt
        for count in range(most, 1, -1):
            heads = HEAD_TOKENS + (count - 1) * FEWEST_HEAD_TOKENS
            if sure * TOKENS_PER_HIT >= CALL_TOKENS[count - 1] + heads + EXTENSION_TOKENS:
                return count
        return min(1, most)

    def head_tokens(self, chance: float, *, is_best: bool) -> int:
        """How long a head is worth writing for a chip of this chance; 0 for none."""
        if self.is_free:
            return HEAD_TOKENS
        if is_best and (chance + self._doubt_of(chance)) * TOKENS_PER_HIT >= HEAD_TOKENS:
            return HEAD_TOKENS
        tokens = min(HEAD_TOKENS, round(chance * SIDE_HEAD_TOKENS_PER_HIT))
        return tokens if tokens >= FEWEST_HEAD_TOKENS else 0

    def pays_whole(self, chances: Sequence[float], spent: int, *, is_first: bool = True) -> bool:
        """Whether one more answer may be written to its end.

        In doubt the first one is: a person who has been offered nothing worth taking never teaches us that
        they would take it. What they pass by does, soon enough.

        Args:
            chances: of all chips whose answers have been begun under this answer.
            spent: tokens written ahead under it so far.
        """
        total = sum(chances)
        doubt = self._doubt_of(total) if is_first else 0.0
        return self.is_free or (total + doubt) * TOKENS_PER_HIT >= spent + EXTENSION_TOKENS

    def _doubt_of(self, chance: float) -> float:
        """The doubt, as far as it is about a part of all chances."""
        return self.doubt * min(1.0, chance / self.any_taken) if self.any_taken else 0.0
