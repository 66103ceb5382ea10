"""Emphasis, code, links and images within a paragraph: Markdown's inline tokens to named spans."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.sanitise import clean_line
from tui.transcript.lines import ADDRESS, Span, styled

if TYPE_CHECKING:
    from markdown_it.token import Token

_STYLES = {"strong_open": "strong", "em_open": "em", "s_open": "strike", "link_open": "link"}
_OFFERED = ("http://", "https://", "mailto:")


def spans_of(tokens: Sequence["Token"], style: str = "") -> list[Span]:
    """The tokens of one inline text as spans; a hard break is a newline.

    Text is cleaned once more: an entity may have been decoded to anything.
    """
    spans: list[Span] = []
    styles = [style]
    links: list[tuple[Token, int]] = []
    for token in tokens:
        look = styles[-1]
        match token.type:
            case "code_inline":
                spans.append((clean_line(token.content), styled(look, "code")))
            case "softbreak":
                spans.append((" ", look))
            case "hardbreak":
                spans.append(("\n", look))
            case "image":
                spans += _with_host(clean_line(token.content), str(token.attrs.get("src", "")), look)
            case "link_open":
                links.append((token, len(spans)))
                styles.append(styled(look, _link_style(str(token.attrs.get("href", "")))))
            case "link_close":
                styles.pop()
                opened, start = links.pop()
                spans += _host_behind(opened, "".join(text for text, _ in spans[start:]), styles[-1])
            case kind if kind in _STYLES:
                styles.append(styled(look, _STYLES[kind]))
            case "strong_close" | "em_close" | "s_close":
                styles.pop()
            case _:
                spans.append((clean_line(token.content), look))
    return spans


def _with_host(text: str, address: str, look: str) -> list[Span]:
    host = _host(address)
    words = f" ({host})" if text else f"({host})"
    return [(text, styled(look, _link_style(address))), (words, styled(look, "host"))]


def _link_style(address: str) -> str:
    """A link's look, and where it leads if that may be offered: never to a file, a script or a command."""
    is_offered = (
        address.lower().startswith(_OFFERED) and " " not in address and clean_line(address) == address
    )
    return f"link {ADDRESS}{address}" if is_offered else "link"


def _host_behind(link: "Token", text: str, look: str) -> list[Span]:
    """Where a link leads, said behind it; an address written out says it itself."""
    address = str(link.attrs.get("href", ""))
    if link.markup == "autolink" or text == address:
        return []
    return [(f" ({_host(address)})", styled(look, "host"))]


def _host(address: str) -> str:
    """The host an address leads to, without a user's name that could pose as one; else the address."""
    try:
        host = urlsplit(address).netloc.rpartition("@")[2]
    except ValueError:
        host = ""
    return clean_line(host or address)
