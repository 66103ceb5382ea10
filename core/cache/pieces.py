"""A question cut into words and the things that are no words: literals, paths, flags, versions, numbers."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from core.cache.vocabulary import words


class Tag(StrEnum):
    """What sort of thing a piece is."""

    WORD = "word"
    NAME = "name"
    NUMBER = "number"
    VERSION = "version"
    FLAG = "flag"
    PATH = "path"
    LITERAL = "literal"
    IDENTIFIER = "identifier"
    EXTENSION = "extension"
    OPERATOR = "operator"
    COMPARATOR = "comparator"


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that is no plain word, as written and as compared."""

    tag: Tag
    text: str
    word: str


_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "´": "'", "–": "-", "—": " - ", "…": "..."})
_SYMBOL_NAMES = (
    (
        re.compile(
            r"\b(python|java|php|perl|ruby|angular|vue|react|node|go|es|sqlite|qt|gtk)(\d+(?:\.\d+)*)\b", re.I
        ),
        r"\1 \2",
    ),
    (re.compile(r"(?<![\w+])c\+\+(\d\d)\b", re.I), r"cpp \1"),
    (re.compile(r"(?<![\w+])c\+\+(?![\w+])", re.I), "cpp"),
    (re.compile(r"(?<!\w)([cf])#(?!\w)", re.I), r"\1sharp"),
    (re.compile(r"(?<!\w)\.net\b", re.I), "dotnet"),
    (re.compile(r"\b(node|react|vue|next|express|angular)\.js\b", re.I), r"\1js"),
)
_PRODUCT = re.compile(r"\b(\d{1,6})\*(\d{1,6})\b")
_SPECIAL = re.compile(
    r"""
    (?P<literal>"[^"]{1,300}"|`[^`']{1,300}['`]|(?<![\w'])'[^']{1,300}'(?!\w))
  | (?P<redirect>(?<!\S)\d?>>?&?\d?(?!\S)|\d>&\d
      |(?<!\S)(?:===?|!==?|&&|\|\|?|<<<?|<=|>=|=>|->|::|\+=|\*\*|//|~=|[<>&~^%*@\#!+=])(?!\S))
  | (?P<url>\b[a-z][a-z+.-]*://\S+)
  | (?P<flag>(?<![\w-])--?[A-Za-z][\w-]*(?:=\S+)?|(?<![\w-])-\d\b)
  | (?P<glob>(?<![\w/])\*?\.[A-Za-z][A-Za-z0-9]{0,5}(?![\w./*]))
  | (?P<path>(?<![\w])(?:~|\.{1,2})?/[^\s,;"'?]*|(?<![\w])~(?=\s|$)|\$\{?\w+\}?(?:/[^\s,;"'?]*)?)
  | (?P<version>(?<![\w.])v?\d+(?:\.\d+){2,}[\w-]*|(?<![\w.])v\d+(?:\.\d+)*\b)
  | (?P<number>(?<![\w.])[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:st|nd|rd|th|[A-Za-z%]{1,4})?(?![\w]))
  | (?P<token>[A-Za-z_@\#*][\w.*@:+\#/()\\'-]*[\w*()]|\w+)
  | (?P<stop>[,;:()?!.])
    """,
    re.X,
)
_CAMEL = re.compile(r"[a-z][A-Z]|[A-Z]{2,}[a-z]{2,}")
_PLAIN = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?")
_MARK = "\x00"


def normalised(text: str) -> str:
    """The text with one kind of quote, dash and blank, so that typing habits do not count."""
    text = " ".join(unicodedata.normalize("NFKC", text).replace(_MARK, " ").translate(_QUOTES).split())
    text = _PRODUCT.sub(lambda found: str(int(found[1]) * int(found[2])), text)
    for pattern, name in _SYMBOL_NAMES:
        text = pattern.sub(name, text)
    return text


def cut(text: str) -> tuple[str, list[Piece]]:
    """Lower-case words with a mark in the place of each other thing, and those things in order."""
    pieces: list[Piece] = []
    words: list[str] = []
    if text.isupper():
        text = text.lower()
    for match in _SPECIAL.finditer(text):
        kind = match.lastgroup or "token"
        raw = match.group()
        if kind == "stop":
            if words and raw in ",;:.?!":
                words.append(",")
            continue
        if kind == "token":
            plain = _plain_words(raw)
            if plain is not None:
                words.extend(plain)
                continue
        pieces.append(_piece(kind, raw))
        words.append(f"{_MARK}{len(pieces) - 1}")
    return " ".join(words), pieces


def _plain_words(raw: str) -> list[str] | None:
    """The words in a token that is nothing special ("client/server", "command-line"), else None."""
    if raw.isalpha() and (raw.islower() or raw[1:].islower()) and raw not in _SHOUTED:
        return [raw.lower()]
    bare = raw.rstrip(".:-/")
    if bare in _SHOUTED:
        return [bare + "_"]
    if bare.lower() in _CAMEL_NAMES:
        return [bare.lower()]
    if _CAMEL.search(bare) or any(mark in bare for mark in "_*@#\\()") or "::" in bare:
        return None
    if any(sign.isdigit() for sign in bare):
        return [bare.lower()] if bare.lower() in _DIGIT_NAMES else None
    if "." in bare or bare.count("/") > 1:
        return [bare.lower()] if bare.lower() in _DOTTED else None
    if "/" in bare:
        left, _, right = bare.partition("/")
        return [*_plain_words_of(left), "or", *_plain_words_of(right)]
    return _plain_words_of(bare)


def _plain_words_of(text: str) -> list[str]:
    parts = text.lower().split("-")
    if len(parts) > 1 and any(len(part) == 1 for part in parts):
        return ["".join(parts)]  # "e-mail", "x-ray", "INTP-A"
    return [word.lower() for part in text.split("-") for word in part.split(":") if word]


def _piece(kind: str, raw: str) -> Piece:
    """A special thing with the spelling it is compared by."""
    match kind:
        case "literal":
            return _literal(raw[1:-1].strip())
        case "redirect":
            return Piece(Tag.OPERATOR, raw, raw)
        case "url":
            return Piece(Tag.PATH, raw, raw.rstrip("/.,?"))
        case "flag":
            return Piece(Tag.FLAG, raw, raw)
        case "glob":
            return Piece(Tag.EXTENSION, raw, raw.lstrip("*"))
        case "path":
            return Piece(Tag.PATH, raw, raw.rstrip("/.:!)") or "/")
        case "version":
            return Piece(Tag.VERSION, raw, raw.lstrip("v"))
        case "number":
            return Piece(Tag.NUMBER, raw, raw.lower() if raw[-1:].isalpha() else raw)
        case _:
            bare = raw.rstrip(".:-/").removesuffix("()")
            return Piece(Tag.PATH if "/" in bare else Tag.IDENTIFIER, bare, bare)


def _literal(inner: str) -> Piece:
    """What stands between quotes: a pattern, a path, or itself."""
    if re.fullmatch(r"\*?\.[A-Za-z][A-Za-z0-9]{0,5}", inner):
        return Piece(Tag.EXTENSION, inner, inner.lstrip("*"))
    if re.fullmatch(r"(?:~|\.{1,2})?/\S*|\S+/\S*", inner):
        return Piece(Tag.PATH, inner, inner.rstrip("/") or "/")
    return Piece(Tag.LITERAL, inner, inner)


_CAMEL_NAMES = words(
    """javascript typescript github gitlab postgresql mysql mongodb macos ios iphone ipad latex nodejs reactjs
    graphql sqlite powershell intellij jetbrains linkedin youtube whatsapp facebook paypal wordpress openssl
    openssh vscode pytorch tensorflow numpy fastapi jquery rabbitmq elasticsearch dynamodb mariadb cmake pdf
    dotnet vuejs nextjs sqlalchemy mcdonald mcdonalds phd oauth urls ids csvs pdfs apis csharp fsharp
    bitbucket webgl opengl opencv typeorm circleci virtualbox centos redhat"""
)
_SHOUTED = words("IT US A AM OR AND IN AS ON BE DO NO WHO CAN")
"""Small words that are names when written in capitals: the IT rate, the US, vitamin A."""
_DIGIT_NAMES = words(
    """k8s utf8 base64 mp3 mp4 md5 sha1 sha256 sha512 ipv4 ipv6 s3 ec2 h264 bzip2 x86 win32 win64 log4j boto3
    d3 pop3 esp32 web3 neo4j"""
)
_DOTTED = words("e.g i.e u.s u.k a.m p.m etc vs")
