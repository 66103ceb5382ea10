"""How a deep answer compares with the quick one before it, in a few words that are certainly true."""

import re
from itertools import islice

from core.deep.answer_blocks import MOST_CHARACTERS, taken_apart
from core.sanitise import clean_line

_SHELLS = frozenset({"bash", "sh", "shell", "zsh", "console", "fish"})
_INLINE = re.compile(r"`([^`\n]{3,80})`")
_COMMAND = re.compile(
    r"(?:sudo )?(?:git|docker|kubectl|npm|pnpm|yarn|pip|uv|cargo|go|make|apt|apt-get|brew|systemctl|rm|mv|cp"
    r"|chmod|chown|curl|ssh|psql|terraform|helm|python3?|pytest|dd|mkfs\S{0,10}|tar|sed|find) \S.*"
)
_SHOWN = 40
_SAME_COMMANDS, _SAME_CODE = "same commands as the draft", "same code as the draft"
_MOST = 100
"""Commands of a text that are compared; each is looked for in all of the other one."""


def differs(draft: str, deep: str) -> str:
    """What the two have in common or not, as far as it can be told without a model; else empty.

    Only commands and code are compared: what prose means cannot be told by its letters.
    """
    before, after = _commands_of(draft), _commands_of(deep)
    if len(before) >= _MOST or len(deep) > MOST_CHARACTERS:
        return ""  # no answer to a person, and it would take its time
    if before and after:
        missing = [command for command in before if command not in after]
        gone = [command for command in missing if command not in deep]
        if not missing:
            return _SAME_COMMANDS if len(before) == len(after) else "the draft's commands, and more"
        if not gone:
            return ""  # they are spoken of, and nobody knows how
        shown = clean_line(gone[0])
        shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
        more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
        return f"the draft's `{shown}`{more} {'is' if len(gone) == 1 else 'are'} not in it"
    codes, now = _codes_of(draft), _codes_of(deep)
    if codes and codes == now:
        return _SAME_CODE
    return ""


def agrees(draft: str, deep: str) -> bool:
    """Whether both say to do the very same: all commands, or all code, and no more than that is looked at."""
    return differs(draft, deep) in (_SAME_COMMANDS, _SAME_CODE)


def _commands_of(text: str) -> dict[str, None]:
    """The commands of an answer, as they would be typed, in order."""
    blocks, prose = taken_apart(text)
    lines = [line for block in blocks if block.language in _SHELLS for line in block.code.split("\n")]
    found = [line.strip().removeprefix("$ ").partition(" #")[0] for line in lines]
    found += [match[1] for match in _INLINE.finditer(prose)]
    plain = (" ".join(each.split()) for each in found)
    commands = (each for each in plain if _COMMAND.fullmatch(each))
    return dict.fromkeys(islice(commands, _MOST))


def _codes_of(text: str) -> list[str]:
    blocks, _ = taken_apart(text)
    return [" ".join(block.code.split()) for block in blocks if block.language not in _SHELLS]
