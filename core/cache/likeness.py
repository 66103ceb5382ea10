"""Is one word the other with a slip of the finger? Only then may two different words be one."""

_VOWELS = frozenset("aeiouy")


def is_slip(unknown: str, known: str) -> bool:
    """Whether the unknown word is the known one with letters swapped, lost or doubled, or a vowel mistaken.

    One slip, two in long words; the first letter is nearly always right, and a changed consonant is another
    word.
    """
    long = max(len(unknown), len(known))
    if min(len(unknown), len(known)) < 4 or unknown[0] != known[0]:
        return False
    if unknown.startswith(known):
        return unknown == known + known[-1]
    from rapidfuzz import distance

    allowed = 1 if long < 8 else 2
    slips = distance.OSA.distance(unknown, known, score_cutoff=allowed)
    if slips > allowed or (slips > 1 and unknown[-2:] != known[-2:]):
        return False
    if unknown[-1] != known[-1] and not known.startswith(unknown) and sorted(unknown) != sorted(known):
        return False
    if len(unknown) != len(known) or sorted(unknown) == sorted(known):
        return True
    changed = [(one, other) for one, other in zip(unknown, known, strict=True) if one != other]
    return all(one in _VOWELS and other in _VOWELS for one, other in changed) and unknown[-1] == known[-1]
