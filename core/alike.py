"""How far two texts are alike."""


def common_length(one: str, other: str) -> int:
    """How many characters two texts begin with in common; found by halves, since they can be long."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
