"""Questions about finding files, which everybody words differently and one command answers.

"Search the /etc tree for *.conf", "find all *.conf files in /etc and below", "find files in /etc ending with
.conf": the wording is made one before the words are compared.
"""

import re
from dataclasses import replace

from core.cache.inflection import lemma
from core.cache.pieces import Tag
from core.cache.token import Token

_SHOWS = r"(?:display|print|list|show|output|view)s?"
_THEM = r"(?:them|it|those|these|those files|these files|each|each of them|each one|all of them|the results?)"
_FINDS = re.compile(
    rf"^((?:recursively )?(?:find|search|locate)s?(?: for)?) (.+?),? (?:and|then|and then) (\w+) {_THEM}\b(.*)$"
)
_ALSO_SHOWN = re.compile(rf",? and {_SHOWS} {_THEM}$")
_REWRITES = (
    (re.compile(r"\b(display|print|show|get|find|give)s? (?:me )?(?:a |the )?lists? of(?= (?:all|the|every|files|directories|users|processes|installed|running|\x00))"), r"\1"),
    (re.compile(r"\b(?:display|print|show|get|find|output|calculate|count|compute|determine)s?(?: out)? (?:the )?(total )?(?:numbers?|counts?|amount) of"), r"count \1"),
    (re.compile(r"\b(?:whose|with|having|where|that have|which have|by)(?: the| their| a)? (?:file ?|path ?|base ?)?names? (?=(?:end|start|begin|match|contain|do|does|not|is|are|like)|that\b)"), ""),
    (re.compile(r"\bend(?:s|ing)? (?:in|with|by)\b"), "ending with"),
    (re.compile(r"\b(?:start|begin|beginn)(?:s|ing)? (?:with|by)\b"), "starting with"),
    (re.compile(r"\b(?:that |which )?(?:are |is |were )?(?:present|located|residing|existing|stored|found) (?=(?:in|under|on|inside|at)\b)"), ""),
    (re.compile(r"\b(?:that |which )?(?:belongs?|belonging) to\b"), "owned by"),
    (re.compile(r"\bwhose owner is\b"), "owned by user"),
    (re.compile(r"\bwhose (group|user) is\b"), r"owned by \1"),
    (re.compile(r"\b(?:entire|whole|complete) (?=(?:file ?system|system|disk|directory|server|machine)\b)"), ""),
    (re.compile(r"\b(?:symbolic|soft|sym) ?links?\b"), "symlinks"),
    (re.compile(r"\bnormal (?=files?\b)|\bregular or normal (?=files?\b)|\bnormal or regular (?=files?\b)"), "regular "),
    (re.compile(r"\bbetween (\x00\d+|\d+) and (?=\x00|\d)"), r"from \1 to "),
    (re.compile(r"\bstarting (?:from|at)\b"), "in"),
    (re.compile(r"\b(?:anywhere )?(?:in|on|of|across|throughout) (?:the |your |my )?(?:entire |whole )?(?:file ?system|system|disk|machine)\b"), "in filesystem"),
    (re.compile(r"(?<=(?:files|links|.that|.were) )last (?=(?:accessed|modified|changed|updated)\b)"), ""),
    (re.compile(r"\b(?:called|with (?:the )?name|having (?:the )?name|whose name is|that is named) (?=\x00)"), "named "),
    (re.compile(r"\b(?:the |your |my |a )?(?:user's |users )?home (?:directory|folder|dir)\b"), "home directory"),
    (re.compile(r"\b(?:in|within|during|over|for) (?:the )?(?:last|past)\b"), "last"),
    (re.compile(r"\b(?:size )?(?:is |are )?(?:equal to or (?:gt|greater than)|(?:gt|greater than) or equal to)\b"), "atleast"),
)  # fmt: skip


def reworded(line: str) -> str:
    """A line about files in the one wording that stands for all."""
    found = _FINDS.match(_ALSO_SHOWN.sub("", line))
    if found:
        line = f"{found[3]} {found[2]}{found[4]}"
    else:
        line = _ALSO_SHOWN.sub("", line)
    for pattern, wording in _REWRITES:
        line = pattern.sub(wording, line)
    return line


FIND = lemma("find")
SHOW = lemma("show")
RECURSIVELY = lemma("recursively")
_CURRENT, _DIRECTORY, _SIZE = lemma("current"), lemma("directory"), lemma("size")
_THINGS = frozenset(lemma(word) for word in "file directory symlink link folder subdirectory".split())
_TYPED = frozenset(
    lemma(word) for word in "regular hidden all executable empty world writable new old large small".split()
)
_FILTERS = frozenset(
    lemma(word)
    for word in """modified accessed changed created owned permission permissions size empty newer older larger
    setuid suid sgid inode executable readable writable broken""".split()
)


def _aged(tokens: list[Token]) -> list[Token]:
    """ "less than 7 days ago" is "in the last 7 days"."""
    done = list(tokens)
    for at in range(len(done) - 1):
        time = done[at + 1].word
        if done[at].word == "lt" and done[at].tag is Tag.COMPARATOR and time.endswith((" s", " months")):
            done[at] = replace(done[at], word="last", tag=Tag.WORD, role="")
            done[at + 1] = replace(done[at + 1], role="")
    return done


def searched(tokens: list[Token]) -> list[Token]:
    """The tokens of a search for files, without what every such search says or implies."""
    if not _is_search(tokens):
        return tokens
    tokens = _aged(tokens)
    kept = [token for token in tokens if not _is_implied(token, tokens)]
    return _placed(kept) if _goes_down(tokens) else kept


def _is_search(tokens: list[Token]) -> bool:
    """Whether files or directories are looked for: the verb first, then the kind of thing."""
    head = [token for token in tokens[:2] if token.word != RECURSIVELY][:1]
    if not head or head[0].word not in (FIND, SHOW) or head[0].is_negated:
        return False
    for token in tokens[1:]:
        if token.role:
            return False
        if token.word in _THINGS or token.tag is Tag.EXTENSION:
            return True
    return False


def _goes_down(tokens: list[Token]) -> bool:
    """Whether the answer walks a tree: "find" does, and so does any list that is filtered."""
    words = {token.word for token in tokens}
    return FIND in words or RECURSIVELY in words or bool(words & _FILTERS)


def _is_implied(token: Token, tokens: list[Token]) -> bool:
    if token.word == _SIZE and not token.is_negated:
        return any(other.tag is Tag.NUMBER and other.word.endswith("bytes") for other in tokens)
    return token.word == "ago" and not token.is_negated


def _placed(tokens: list[Token]) -> list[Token]:
    """The tokens without the place and the depth that `find` has by itself."""
    here = [t for t in tokens if t.role == "in" and t.word in (_CURRENT, _DIRECTORY)]
    is_here = {t.word for t in here} == {_CURRENT, _DIRECTORY}
    dropped = {id(t) for t in here} if is_here and len(here) == 2 else set()
    verb = next(t for t in tokens if t.word in (FIND, SHOW))
    rest = [t for t in tokens if id(t) not in dropped and t.word != RECURSIVELY]
    return [replace(t, word=FIND) if t is verb else t for t in rest]
