"""The label under an answer, whatever time it says: a busy machine answers late, and that is no failure."""

import re

USUAL = "qwen3.5:4b"
"""The model of a test's server that says nothing of models."""


def labels(shown: str, model: str = USUAL, under: str = "") -> int:
    """How many answers of a model stand whole on a screen.

    A label has the model's name and a figure; the words of a wait have no name, and a place is no figure.

    Args:
        under: how the text ends under which it stands.
    """
    before = " ".join(f"{under} {model} ·".split())
    return len(re.findall(re.escape(before) + r" \d", " ".join(shown.split())))
