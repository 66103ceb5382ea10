"""What a question has to do with the one before it: the same in other words, the same topic, or another.

Told from letters alone, so it is told only where that is plain. Measured on 1,368 follow-ups of developers
(each is in its conversation, and most are on its topic).
"""

import re

REPHRASED_FROM = 70.0
"""Of 100, as rapidfuzz counts what two texts have in common (the study's figure)."""
APART_BELOW = 45.0
"""Of 100, the same of the words that count: so little of them is common to two topics."""
FEWEST_WORDS = 4
"""That count; fewer do not say what a text is about."""
_MOST_CHARACTERS = 2_000
_WORD = re.compile(r"[^\W_]+(?:[-.'][^\W_]+)*")
_POINTS_BACK = re.compile(
    r"""
    \b(?: it|its|this|that|these|those|they|them|he|she | no|nope|wrong|still|again|same|instead|also|too|but
      | above|below|previous|earlier|before|last|first|second|other|another|else|more|now|next|then|so|and|or
      | why|ok|okay|yes|yeah|thanks|thank|sorry|please | error|errors|fails?|failed|failing|doesn|didn|isn|not
      | continue|go|fix|change|update|remove|add|rewrite|explain|improve|your|you|what\ about|how\ about
      | there|here|we|our|let|let's|the\ code|the\ answer )\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_OPENS_BACK = 8
"""Within so many words from its beginning a question points back, if it does."""
_COMMON = frozenset(
    {
        *("a", "an", "the", "of", "to", "in", "on", "at", "for", "from", "by", "with", "as", "is", "are"),
        *("was", "were", "be", "been", "do", "does", "did", "done", "have", "has", "had", "can", "could"),
        *("should", "would", "will", "may", "might", "must", "i", "me", "my", "mine", "what", "which"),
        *("who", "whom", "when", "where", "how", "if", "any", "some", "all", "each", "one", "two", "use"),
        *("using", "used", "get", "make", "way", "want", "need", "give", "show", "write", "tell", "create"),
        *("code"),
    }
)


def is_rephrased(before: str, after: str) -> bool:
    """Whether a question is the one before it in other words, and not in the very same."""
    from rapidfuzz import fuzz

    one, other = _plain(before), _plain(after)
    return one != other and fuzz.ratio(one, other) >= REPHRASED_FROM


def is_same(before: str, after: str) -> bool:
    """Whether two questions are word for word the same."""
    return _plain(before) == _plain(after)


def is_another_topic(before: str, after: str, answer: str = "", *, is_new: bool = False) -> bool:
    """Whether a question is plainly about something else than the one before it and its answer.

    Args:
        is_new: it begins a conversation, which says something by itself: words may be shared, if few are.
    """
    words = _words(after)
    counting = {_stem(word) for word in words} - _COMMON
    known = {_stem(word) for word in (*_words(before), *_words(answer))} - _COMMON
    if is_new:
        from rapidfuzz import fuzz

        alike = fuzz.token_set_ratio(" ".join(sorted(counting)), " ".join(sorted(known)))
        shared = len(counting & known)
        return bool(counting) and shared * 5 <= len(counting) and alike < APART_BELOW
    if min(len(counting), len(known)) < FEWEST_WORDS or _POINTS_BACK.search(" ".join(words[:_OPENS_BACK])):
        return False
    return not counting & known


def _stem(word: str) -> str:
    """What of a word its forms have in common, roughly; a name and its genitive among them."""
    return word if word in _COMMON else word[:5]


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text[:_MOST_CHARACTERS])]


def _plain(text: str) -> str:
    return " ".join(text[:_MOST_CHARACTERS].lower().split())
