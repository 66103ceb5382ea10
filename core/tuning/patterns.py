"""Regular expressions that a model wrote, tried on examples without danger: what could take long is refused.

Subjects are about a dozen characters long. A scan adds up, in bits, among how many ways a match may have to
choose: an open repeat is worth three of them, a choice one, and a repeated group so many times what it holds.
A repeat without end of something that chooses is refused outright.
"""

import re
import warnings

MOST_CHARS = 80
_MOST_BITS = 18
_OPEN_BITS = 3
_MOST_TIMES = 100
_FOREVER = 1 << 30
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(?P<low>\d+)(?P<comma>,?)(?P<high>\d*)\}|.", re.DOTALL)
_WRITTEN = re.compile(r"""/(?P<slashed>.+)/(?P<flags>[gimu]*)|[rR](?P<quote>["'])(?P<raw>.+)(?P=quote)""")
# Comments, and spaces that mean nothing, could stand between a group and its repeat.
_HIDING = re.compile(r"\(\?(?:#|[aiLmsu]*x)")


def written_pattern(text: str) -> str:
    """A pattern without the slashes of JavaScript or the r'' of Python."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return text
    ignores_case = "(?i)" if "i" in (match["flags"] or "") else ""
    return ignores_case + (match["slashed"] or match["raw"])


def compiled(text: str) -> re.Pattern[str] | None:
    """The pattern, when it is one and quick on short subjects."""
    if not text or len(text) > MOST_CHARS or not _is_quick(text):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # "possible nested set" is no way to write one
            return re.compile(text)
    except (re.error, OverflowError, RecursionError, Warning):
        return None


def _is_quick(text: str) -> bool:
    bits = None if _HIDING.search(text) else _bits(text)
    return bits is not None and bits <= _MOST_BITS


def _bits(text: str) -> int | None:
    """How much there is to choose; None for what is no pattern, or has no bound."""
    open_groups = [0]  # what each group that is open holds so far; the whole comes first
    last: int | None = None  # of the group that ends just before
    for token in _TOKEN.finditer(text):
        times = _times(token)
        if token[0] == ")":
            if len(open_groups) == 1:
                return None
            last = open_groups.pop()
            open_groups[-1] += last
            continue
        if token[0] == "(":
            open_groups.append(0)
        elif token[0] == "|":
            open_groups[-1] += 1
        elif times is not None:
            more = _repeated(last, *times)
            if more is None:
                return None
            open_groups[-1] += more
        last = None
    return open_groups[0] if len(open_groups) == 1 else None


def _repeated(group: int | None, low: int, high: int) -> int | None:
    """What a repeat adds to what is counted once already; `group` is None where one character is repeated."""
    bits = 0 if low == high else _OPEN_BITS
    if high == _FOREVER:
        return None if group else bits
    if high > _MOST_TIMES:
        return None
    return bits if group is None else bits + group * (high - 1) + high.bit_length()


def _times(token: re.Match[str]) -> tuple[int, int] | None:
    """How often the thing before is repeated; None where nothing is."""
    match token[0]:
        case "*":
            return 0, _FOREVER
        case "+":
            return 1, _FOREVER
        case "?":
            return 0, 1
    if token["low"] is None:
        return None
    low = int(token["low"])
    if token["high"]:
        return low, int(token["high"])
    return low, _FOREVER if token["comma"] else low
