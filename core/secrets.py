"""Finds what looks like a secret in a text that is about to leave: key shapes, passwords, random tokens.

Precise rather than complete, since every false alarm teaches people to wave the next one through: hashes,
ids, checksums of lock files, images and placeholders are none. Every look takes linear time: patterns are
tried where a literal of theirs stands, and each has an end.
"""

import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from math import log2

from core.secret_shapes import INSIDE, SHAPES

MOST = 20
"""So many are told; a text with more of them is a list of secrets."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Something that looks like a secret.

    Attributes:
        kind: what it seems to be, in words: ``AWS access key``, ``password``.
        line: where it stands, counted from one.
        shown: its last four characters behind a mark, or the mark alone where that would tell too much.
        mark: tells it from another one within this process; not to be stored or shown.
    """

    kind: str
    line: int
    shown: str
    mark: int = field(default=0, compare=False, repr=False)

    def within(self, name: str) -> str:
        """Where it stands and what it seems to be, never the secret itself: ``a.py line 3: password …``."""
        return f"{name} line {self.line}: {self.kind} {self.shown}"


_WORD = (
    r"pass(?:word|wd|phrase)|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|encryption[_-]?key"
    r"|auth[_-]?key|signing[_-]?key|client[_-]?key|_pass\b|credential|authorization"
)
_VALUE = (
    r"[\w.-]{0,16}[\"'`]?\s{0,8}(?:=>|:=|==?|:)\s{0,8}(?:(?i:bearer|basic|token)\s{1,3})?"
    r"(?:(?P<quote>[\"'`])(?:(?i:bearer|basic|token)\s{1,3})?(?P<quoted>[^\"'`\s]{6,160}+)(?P=quote)"
    r"|(?P<bare>[^\s\"'`,;&(){}\[\]<>]{6,160}+)(?=\s*(?:#|\\?$|[,;&]))|(?P<header>[\w+/=.~-]{16,160}+)[\"'])"
)
_LONG = r"[\w.-]{0,16}[\"'`]?\s{0,8}[:=]\s{0,8}[\"'`]?(?P<long>[\w+/=.~-]{0,16384}+)"
_SHORT = 160
_TOKEN = r"(?:(?<![\w/+=.@:%#&?-])|(?<=\w=))(?P<token>[A-Za-z0-9_+/-]{32,128}={0,2})(?![\w/+=.@%-])"

_PLACEHOLDER = (
    r"(?i)change.?me|example|placeholder|redacted|dummy|sample|your[_-]|insert|replace|todo|fixme|here\b"
    r"|\bfake|\bmock|test|xxx|\*\*|\.\.\.|…|\$\{|\$\(|\{\{|%\(|%[A-Z_]+%|0{8}|1234567|abcdefgh|qwert|foobar"
    r"|^\$|^<|>$|^%|^@|^#"
)
# In a long key the short words of these come about by chance.
_SAMPLE_KEY = (
    r"(?i)example|placeholder|redacted|change.?me|your[_-]|x{5}|\*\*|\.\.\.|…|\$\{|\{\{|0{8}|1234567|abcdefgh"
)
_CHANCE = 30
# Not a value but where one comes from: a name, a path, a call, a number, a type.
_REFERENCE = (
    r"[A-Za-z_]\w*(?:(?:\.|::|->|/)[A-Za-z_]\w*)+|[a-z_-]+|[A-Z_-]+|[A-Z]?[a-z]+(?:[A-Z][a-z]+)*"
    r"|(?:\.{0,2}|~)/.*|[a-z][a-z0-9+.-]{1,20}://.*|[\d.,:/_-]+|.*[()|\[\]{}].*|[&*].*"
)
_PLAIN_NAME = r"[A-Za-z_]\w*|[\dA-Fa-f.+-]{1,15}"
_SHELL_LINE = r"[+-]?\s*(?:export\s+|set\s+|ENV\s+)?[A-Z][A-Z0-9_]*="
_ASSIGNED = r"(?:^|[\s;,\"'`({])[A-Za-z_][\w.-]*$"
_LONGEST_NAME = 64
_ENV_LINE = (
    r"^[ \t]{0,16}(?:export[ \t]{1,8})?(?P<name>[A-Za-z_][\w.-]{0,64}+)"
    r"[ \t]{0,8}=[ \t]{0,8}[\"']?(?P<value>[^\s\"']{6,8192}+)"
)
_ENV_SECRET = (
    r"(?i)(?:^|[_.-])(?:pass|pw|pwd|salt|auth|keys?|pepper|dsn|webhook|creds?)(?:[_.-]|\d|$)"
    r"|password|passwd|passphrase|secret|token|credential|api_?key"
)
_ENV_HARMLESS = r"(?i)[./~].*|[a-z][a-z0-9+.-]{1,20}://(?![^/\s]{1,512}@).*|\d{1,15}"
_ENV_NAME = (
    r"(?:.*[/\\])?(?:\.env(?:\.[\w.-]+)?|[\w.-]+\.env|\.envrc|\.netrc|\.npmrc|\.pypirc|\.pgpass|credentials)"
    r"(?::\d+(?:-\d+)?)?"  # some of its lines
)
_HARMLESS_LINE = (
    r"(?i)integrity|sha-?(?:1|224|256|384|512)|md5|checksum|digest|hash|commit|\bindex [0-9a-f]{7}"
    r"|;base64,|sourceMapping|ssh-(?:rsa|ed25519|dss)|ecdsa-sha2|nonce|etag|fingerprint|resolved|public|cursor"
)
_LONGEST_LINE = 2000
"""What is on longer lines was made by a machine: minified code, an image; only shapes count there."""

_Found = tuple[int, str, str]


def find_secrets(text: str, name: str = "", most: int | None = MOST) -> tuple[Secret, ...]:
    """What in a text looks like a secret, in order.

    Args:
        name: of the file it comes from; in a ``.env`` every value counts.
        most: so many at most; None finds all.
    """
    begins: list[int] = []  # sorted, and none within another, so that a look at the neighbours is enough
    found: dict[int, tuple[str, str]] = {}
    for look in (_by_shape(text), _by_name(text, name), _by_line(text, name), _by_randomness(text)):
        for at, kind, value in look:
            place = bisect(begins, at)
            before = begins[place - 1] if place else -1
            is_new = not place or before + len(found[before][1]) <= at
            if is_new and (place == len(begins) or at + len(value) <= begins[place]):
                begins.insert(place, at)
                found[at] = kind, value
            if most is not None and len(found) >= most:
                break
    secrets, line, counted = [], 1, 0
    for at in begins[:most]:
        line, counted = line + text.count("\n", counted, at), at
        kind, value = found[at]
        secrets.append(Secret(kind, line, _masked(value), _mark(text, at, value)))
    return tuple(secrets)


def _mark(text: str, at: int, value: str) -> int:
    """Differs with the secret; of a private key the first letters are always the same."""
    end = text.find("-----END", at, at + 8192) if value.startswith("-----") else -1
    return hash(text[at:end] if end >= 0 else value)


def _masked(value: str) -> str:
    is_short = len(value) < 12 or value.startswith("-----")
    return "…" if is_short else f"…{value[-4:]}"


def _by_shape(text: str) -> Iterator[_Found]:
    """Kinds that are known by how they look."""
    for kind, literals, shape in SHAPES:
        for literal in literals:
            at = text.find(literal)
            while at >= 0:
                is_begin = literal in INSIDE or not (at and _is_letter(text[at - 1]))
                match = _compiled(shape).match(text, at) if is_begin else None
                if match is not None:
                    group = match.lastgroup or 0
                    value = match[group]
                    if _is_key(value, group):
                        yield match.start(group), kind, value
                at = text.find(literal, match.end() if match else at + len(literal))


def _is_key(value: str, group: str | int) -> bool:
    """Whether what has the looks of a secret is one."""
    if group == "written":
        return _is_real(value, "quoted", is_env=False)
    if not group and len(value) > _CHANCE:
        return _compiled(_SAMPLE_KEY).search(value) is None and len(set(value)) > 3
    return not _is_placeholder(value) and not (group and _is_common(value))


def _by_name(text: str, file: str) -> Iterator[_Found]:
    """Values of what is called a password, a token, a key."""
    is_env = _compiled(_ENV_NAME).fullmatch(file) is not None
    value_at = _compiled(_VALUE, re.MULTILINE)
    long_at = _compiled(_LONG)
    lowered = text.lower()  # ten times as quick as a pattern that does not mind the case
    is_same_length = len(lowered) == len(text)
    looked_to = 0
    flags, where = (0, lowered) if is_same_length else (re.IGNORECASE, text)
    for word in _compiled(_WORD, flags).finditer(where):
        match = value_at.match(text, word.end())
        if match is None:
            if word.start() >= looked_to and (long := long_at.match(text, word.end())):
                looked_to = long.end()
                if _is_long_secret(text, long):
                    yield long.start("long"), _kind_of(word[0].lower()), long["long"]
            continue
        group = match.lastgroup if match.lastgroup != "quote" else "quoted"
        assert group is not None
        value = match[group]
        begin, end = _line_around(text, word.start())
        if end - begin > _LONGEST_LINE:
            continue
        is_shell = _compiled(_SHELL_LINE).match(text, begin, match.start(group)) is not None
        if _is_real(value, "quoted" if is_shell else group, is_env):
            yield match.start(group), _kind_of(word[0].lower()), value


def _is_long_secret(text: str, match: re.Match[str]) -> bool:
    """Whether a long value is a key, on a line that holds hardly anything else."""
    value = match["long"]
    if len(value) <= _SHORT or not _is_random(value):
        return False
    begin, end = match.start("long"), match.end("long")
    before = begin - text.rfind("\n", max(0, begin - _LONGEST_LINE), begin)
    behind = text.find("\n", end, end + _LONGEST_LINE)
    return before < _LONGEST_LINE and (behind >= 0 or len(text) - end < _LONGEST_LINE)


def _by_line(text: str, file: str) -> Iterator[_Found]:
    """Whatever a secret's name stands before, in a file of nothing but names and values."""
    if not _compiled(_ENV_NAME).fullmatch(file):
        return
    for match in _compiled(_ENV_LINE, re.MULTILINE).finditer(text):
        name, value = match["name"], match["value"]
        if not _compiled(_ENV_SECRET).search(name) or "public" in name.lower():
            continue
        if not (_is_placeholder(value) or _is_common(value) or _compiled(_ENV_HARMLESS).fullmatch(value)):
            yield match.start("value"), "password" if "pass" in name.lower() else "key", value


def _by_randomness(text: str) -> Iterator[_Found]:
    """Long tokens without any order in them, where a value stands."""
    for match in _compiled(_TOKEN).finditer(text):
        value = match["token"]
        before = text[match.start() - 1] if match.start() else "\n"
        if before not in "\"'`= \t" or not _is_random(value, 0.6 if before == "=" else 0.4):
            continue
        name = text[max(0, match.start() - 1 - _LONGEST_NAME) : match.start() - 1]
        if before == "=" and not _compiled(_ASSIGNED).search(name):  # of an address, say
            continue
        begin, end = _line_around(text, match.start())
        line = text[begin:end]
        if len(line) > _LONGEST_LINE or _compiled(_HARMLESS_LINE).search(line):
            continue
        if before in "\"'`=" or text[begin : match.start()].rstrip()[-1:] in {":", "="}:
            yield match.start(), "random token", value


def _is_real(value: str, group: str, is_env: bool) -> bool:
    """Whether a value is a secret rather than a place for one, or the name of something."""
    if _is_placeholder(value):
        return False
    if is_env or _is_random(value):
        return not _is_common(value)
    if _compiled(_REFERENCE).fullmatch(value) or _is_common(value):
        return False
    has_digit = any(letter.isdigit() for letter in value)
    if group == "quoted":
        return has_digit or not value.replace("_", "").replace("-", "").isalnum()
    # Without quotes it may be code: a name with a number in it is a name.
    return has_digit and len(value) >= 8 and not _is_name_like(value)


def _is_name_like(value: str) -> bool:
    return _compiled(_PLAIN_NAME).fullmatch(value) is not None and _entropy(value) < 3.6


def _is_random(value: str, most_words: float = 0.4) -> bool:
    """Whether nobody wrote this: letters of both sizes and digits, mixed, with hardly anything like words."""
    plain = value.rstrip("=")
    kinds = (any(map(str.islower, plain)), any(map(str.isupper, plain)), sum(map(str.isdigit, plain)) >= 3)
    if not all(kinds) or _entropy(plain) < 4.2:
        return False
    words = sum(len(word) for word in re.findall(r"[A-Z]?[a-z]{3,}|[A-Z]{4,}", plain))
    return words < len(plain) * most_words


def _entropy(value: str) -> float:
    """Bits a character."""
    counts, total = Counter(value).values(), len(value)
    return -sum(count / total * log2(count / total) for count in counts)


def _is_placeholder(value: str) -> bool:
    return _compiled(_PLACEHOLDER).search(value) is not None or len(set(value)) <= 3


def _is_common(value: str) -> bool:
    """Words that documentation and development servers use."""
    return value.lower() in {
        *("password", "passwd", "pass", "secret", "postgres", "mysql", "root", "admin", "guest", "user"),
        *("token", "none", "null", "true", "false", "undefined", "string", "hunter2", "password1", "docker"),
    }


def _is_letter(letter: str) -> bool:
    return letter.isalnum() or letter in "_-"


def _line_around(text: str, at: int) -> tuple[int, int]:
    """The line a place is in; of a long one no more than shows that it is."""
    begin = text.rfind("\n", max(0, at - _LONGEST_LINE - 1), at) + 1 or max(0, at - _LONGEST_LINE - 1)
    end = text.find("\n", at, at + _LONGEST_LINE + 1)
    return begin, min(len(text), at + _LONGEST_LINE + 1) if end < 0 else end


def _kind_of(word: str) -> str:
    if word.startswith(("pass", "pwd", "_pass")):
        return "password"
    return "token" if word in {"token", "authorization"} else "credential" if word == "credential" else "key"


@lru_cache(maxsize=64)
def _compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(pattern, flags)
