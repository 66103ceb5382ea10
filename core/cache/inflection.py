"""One form for a word however it is bent: "deleting", "deletes" and "deleted" are "delet"."""

from functools import lru_cache

from core.cache.known import known
from core.cache.vocabulary import words

IRREGULAR = {
    "children": "child", "men": "man", "women": "woman", "people": "person", "mice": "mouse", "feet": "foot",
    "indices": "index", "indexes": "index", "matrices": "matrix", "vertices": "vertex", "data": "data",
    "ran": "run", "wrote": "write", "written": "write", "found": "find", "made": "make", "built": "build",
    "sent": "send", "got": "get", "gotten": "get", "kept": "keep", "left": "left", "given": "give",
    "gave": "give", "took": "take", "taken": "take", "went": "go", "gone": "go", "saw": "see", "seen": "see",
    "began": "begin", "begun": "begin", "chose": "choose", "chosen": "choose", "broke": "break",
    "broken": "break", "held": "hold", "hidden": "hide", "lost": "lose", "meant": "mean", "read": "read",
    "thought": "think", "knew": "know", "known": "know", "bought": "buy", "said": "say", "told": "tell",
    "goes": "go", "does": "do", "alias": "alias", "aliases": "alias", "using": "use", "used": "use",
    "schemas": "schema", "news": "news",
    "lives": "life", "wives": "wife", "leaves": "leave", "string": "string", "strings": "string",
    "during": "during", "thing": "thing", "things": "thing", "something": "something", "nothing": "nothing",
    "everything": "everything", "anything": "anything", "ceiling": "ceiling", "morning": "morning",
    "evening": "evening", "building": "building", "buildings": "building", "red": "red", "hundred": "hundred",
    "linked": "linked", "embedded": "embed", "kubernetes": "kubernetes", "canvas": "canvas",
    "bias": "bias", "atlas": "atlas", "series": "series", "species": "species", "lens": "lens",
    "movies": "movie", "cookies": "cookie", "ties": "tie", "dies": "die", "lies": "lie", "pies": "pie",
    "bytes": "byte", "caches": "cache", "chose_": "choose", "setting": "setting", "settings": "setting",
    "engineering": "engineering", "marketing": "marketing", "meaning": "meaning", "meanings": "meaning",
    "programming": "programming", "saving": "save", "has": "has", "was": "was", "is": "is", "this": "this",
    "always": "always", "perhaps": "perhaps", "windows": "windows", "rails": "rails", "jenkins": "jenkins",
    "axios": "axios", "requests": "requests", "sometimes": "sometimes", "james": "james", "ios": "ios",
}  # fmt: skip
_VOWELS = frozenset("aeiouy")
_DOUBLED = ("bb", "dd", "gg", "mm", "nn", "pp", "rr", "tt")


_SEVERAL = words(
    """children men women people mice feet indices indexes matrices vertices strings things buildings movies
    cookies bytes caches settings meanings schemas aliases lives"""
)


def is_several(word: str) -> bool:
    """Whether the word is a plural (or "he runs", which looks like one)."""
    return word in _SEVERAL or singular(word) != word


@lru_cache(maxsize=8192)
def lemma(word: str) -> str:
    """The common form of an English word in lower case."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word.endswith("ings"):  # only a noun has this plural: "savings" are not "to save"
        return word[:-1]
    return _without_tense(singular(word))


@lru_cache(maxsize=8192)
def singular(word: str) -> str:
    """The word without the ending of a plural or of "he runs"."""
    if word in IRREGULAR or len(word) < 4 or not word.endswith("s"):
        return word
    if word.endswith(("ss", "us", "is", "as")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "zzes", "ches", "shes", "uses")) and not word.endswith(
        ("auses", "ouses")
    ):
        return word[:-2]
    return word[:-1]


def _without_tense(word: str) -> str:
    if word.endswith("ied") and len(word) > 4:
        return word[:-3] + "y"
    for ending in ("ing", "ed"):
        if word.endswith(ending):
            stem = word[: -len(ending)]
            if (
                len(stem) < 3
                or not _VOWELS & set(stem)
                or stem.endswith("e")
                or (ending == "ing" and stem.endswith("th"))
            ):
                return word
            if stem.endswith(_DOUBLED) and stem not in known() and stem[:-1] in known():
                return stem[:-1]
            return stem + "e" if stem + "e" in known() else stem
    return word
