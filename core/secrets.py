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


_END = r"(?![\w-])"

# Kind, the literals a secret of this kind begins with (or has in its middle), and the pattern from there on.
_SHAPES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("AWS access key", ("AKIA", "ASIA", "ABIA", "ACCA"), r"A[A-Z]{3}[A-Z2-7]{16}\b"),
    ("GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"gh[pousr]_[A-Za-z0-9]{36,255}\b"),
    ("GitHub token", ("github_pat_",), r"github_pat_[A-Za-z0-9_]{60,255}\b"),
    ("GitLab token", ("glpat-", "gldt-", "glrt-", "glptt-"), rf"gl\w{{2,4}}-[A-Za-z0-9_-]{{20,255}}{_END}"),
    ("Slack token", ("xox", "xapp-"), rf"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{{14,255}}{_END}"),
    ("Slack webhook", ("hooks.slack.com/",), r"hooks\.slack\.com/\w{8,12}/T[A-Za-z0-9_/]{20,255}"),
    ("Anthropic key", ("sk-ant-",), rf"sk-ant-[A-Za-z0-9_-]{{24,255}}{_END}"),
    ("OpenRouter key", ("sk-or-",), rf"sk-or-v\d-[A-Za-z0-9]{{32,255}}{_END}"),
    ("OpenAI key", ("sk-proj-", "sk-svca", "sk-admin-"), rf"sk-[a-z]{{4,7}}-[A-Za-z0-9_-]{{20,255}}{_END}"),
    ("OpenAI key", ("sk-",), rf"sk-(?=[A-Za-z]*\d)[A-Za-z0-9]{{32,64}}{_END}"),
    ("Stripe key", ("sk_live_", "rk_live_"), r"[sr]k_live_[A-Za-z0-9]{16,255}\b"),
    ("Google API key", ("AIza",), rf"AIza[A-Za-z0-9_-]{{35}}{_END}"),
    ("Google OAuth secret", ("GOCSPX-",), rf"GOCSPX-[A-Za-z0-9_-]{{28}}{_END}"),
    ("Google OAuth token", ("ya29.",), r"ya29\.[A-Za-z0-9_-]{30,255}"),
    ("Hugging Face token", ("hf_",), r"hf_(?=[A-Za-z]*\d)?[A-Za-z0-9]{34,64}\b"),
    ("npm token", ("npm_",), r"npm_[A-Za-z0-9]{36}\b"),
    ("PyPI token", ("pypi-AgEI",), r"pypi-AgEI[A-Za-z0-9_-]{50,255}"),
    ("SendGrid key", ("SG.",), rf"SG\.[A-Za-z0-9_-]{{16,32}}\.[A-Za-z0-9_-]{{32,64}}{_END}"),
    ("DigitalOcean token", ("dop_v1_", "doo_v1_", "dor_v1_"), r"do[opr]_v1_[0-9a-f]{64}\b"),
    ("Vault token", ("hvs.", "hvb.", "hvr."), r"hv[sbr]\.[A-Za-z0-9_-]{24,255}"),
    ("Databricks token", ("dapi",), r"dapi[0-9a-f]{32}\b"),
    ("Linear key", ("lin_api_",), r"lin_api_[A-Za-z0-9]{32,64}\b"),
    ("Groq key", ("gsk_",), r"gsk_[A-Za-z0-9]{40,64}\b"),
    ("age key", ("AGE-SECRET-KEY-1",), r"AGE-SECRET-KEY-1[A-Z0-9]{58}\b"),
    ("Telegram bot token", (":AA",), rf"(?<=\d{{8}}):AA[A-Za-z0-9_-]{{32,34}}{_END}"),
    (
        "JSON web token",
        ("eyJ",),
        r"eyJ[A-Za-z0-9_-]{10,4096}+\.eyJ[A-Za-z0-9_-]{10,4096}+\.[A-Za-z0-9_-]{20,2048}",
    ),
    (
        "private key",
        ("-----BEGIN ",),
        r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:\\[rn]|[\s\"'+,\\]){1,12}(?:[A-Za-z0-9+/=]{16}|Proc-Type:|Version:|Comment:)",
    ),
    (
        "password in an address",
        ("://",),
        r"://[^\s:/@\"'<>]{0,64}:(?P<value>[^\s:/@\"'<>]{4,128})@(?=[\w.\[-])",
    ),
)
_INSIDE = frozenset({":AA", "://", "-----BEGIN ", "hooks.slack.com/"})
"""Literals that may stand behind a letter; all others begin a token."""

_WORD = (
    r"pass(?:word|wd|phrase)|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|encryption[_-]?key"
    r"|auth[_-]?key|signing[_-]?key|credential|authorization"
)
_VALUE = (
    r"[\w.-]{0,16}[\"'`]?\s{0,8}(?:=>|:=|==?|:)\s{0,8}(?:(?i:bearer|basic|token)\s{1,3})?"
    r"(?:(?P<quote>[\"'`])(?:(?i:bearer|basic|token)\s{1,3})?(?P<quoted>[^\"'`\s]{6,160}+)(?P=quote)"
    r"|(?P<bare>[^\s\"'`,;&(){}\[\]<>]{6,160}+)(?=\s*(?:#|\\?$|[,;&]))|(?P<header>[\w+/=.~-]{16,160}+)[\"'])"
)
_TOKEN = r"(?<![\w/+=.@:%#&?-])(?P<token>[A-Za-z0-9_+/-]{32,128}={0,2})(?![\w/+=.@%-])"

_PLACEHOLDER = (
    r"(?i)change.?me|example|placeholder|redacted|dummy|sample|your[_-]|insert|replace|todo|fixme|here\b"
    r"|\bfake|\bmock|test|xxx|\*\*|\.\.\.|…|\$\{|\$\(|\{\{|%\(|%[A-Z_]+%|0{8}|1234567|abcdefgh|qwert|foobar"
    r"|^\$|^<|>$|^%|^@|^#"
)
# Not a value but where one comes from: a name, a path, a call, a number, a type.
_REFERENCE = (
    r"[A-Za-z_]\w*(?:(?:\.|::|->|/)[A-Za-z_]\w*)+|[a-z_-]+|[A-Z_-]+|[A-Z]?[a-z]+(?:[A-Z][a-z]+)*"
    r"|(?:\.{0,2}|~)/.*|[a-z][a-z0-9+.-]{1,20}://.*|[\d.,:/_-]+|.*[()|\[\]{}].*|[&*].*"
)
_PLAIN_NAME = r"[A-Za-z_]\w*|[\dA-Fa-f.+-]{1,15}"
_SHELL_LINE = r"[+-]?\s*(?:export\s+|set\s+|ENV\s+)?[A-Z][A-Z0-9_]*="
_ENV_NAME = (
    r"(?:.*[/\\])?(?:\.env(?:\.[\w.-]+)?|[\w.-]+\.env|\.envrc|\.netrc|\.npmrc|\.pypirc|\.pgpass|credentials)"
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
    for look in (_by_shape(text), _by_name(text, name), _by_randomness(text)):
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
    for kind, literals, shape in _SHAPES:
        for literal in literals:
            at = text.find(literal)
            while at >= 0:
                is_begin = literal in _INSIDE or not (at and _is_letter(text[at - 1]))
                match = _compiled(shape).match(text, at) if is_begin else None
                if match is not None:
                    group = "value" if "value" in match.re.groupindex else 0
                    value = match[group]
                    if not _is_placeholder(value) and not (group and _is_common(value)):
                        yield match.start(group), kind, value
                at = text.find(literal, match.end() if match else at + len(literal))


def _by_name(text: str, file: str) -> Iterator[_Found]:
    """Values of what is called a password, a token, a key."""
    is_env = _compiled(_ENV_NAME).fullmatch(file) is not None
    value_at = _compiled(_VALUE, re.MULTILINE)
    lowered = text.lower()  # ten times as quick as a pattern that does not mind the case
    is_same_length = len(lowered) == len(text)
    flags, where = (0, lowered) if is_same_length else (re.IGNORECASE, text)
    for word in _compiled(_WORD, flags).finditer(where):
        match = value_at.match(text, word.end())
        if match is None:
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


def _by_randomness(text: str) -> Iterator[_Found]:
    """Long tokens without any order in them, where a value stands."""
    for match in _compiled(_TOKEN).finditer(text):
        value = match["token"]
        before = text[match.start() - 1] if match.start() else "\n"
        if before not in "\"'`= \t" or not _is_random(value):
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


def _is_random(value: str) -> bool:
    """Whether nobody wrote this: letters of both sizes and digits, mixed, without words."""
    plain = value.rstrip("=")
    kinds = (any(map(str.islower, plain)), any(map(str.isupper, plain)), sum(map(str.isdigit, plain)) >= 3)
    if not all(kinds) or _entropy(plain) < 4.2:
        return False
    words = sum(len(word) for word in re.findall(r"[A-Z]?[a-z]{3,}|[A-Z]{4,}", plain))
    return words < len(plain) * 0.4


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
    if word.startswith(("pass", "pwd")):
        return "password"
    return "token" if word in {"token", "authorization"} else "credential" if word == "credential" else "key"


@lru_cache(maxsize=64)
def _compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(pattern, flags)
