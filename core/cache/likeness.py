"""Is one word the other with a slip of the finger? Only then may two different words be one."""


def is_slip(left: str, right: str) -> bool:
    """Whether the words differ by one slip (two in long words), begin alike and keep their prefixes."""
    if left == right:
        return True
    short, long = sorted((len(left), len(right)))
    if short < 4 or left[0] != right[0] and not (left[1::-1] == right[:2]):
        return False
    from rapidfuzz.distance import OSA

    allowed = 1 if long < 8 else 2
    if OSA.distance(left, right, score_cutoff=allowed) > allowed:
        return False
    if left.startswith(right) or right.startswith(left):
        return long - short == 1
    return left[-1:] == right[-1:] or long >= 6
