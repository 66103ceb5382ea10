"""Where a model server is: every form of ``OLLAMA_HOST``, and the three words for how far away that is.

The forms follow Ollama's own reading of the variable (its ``envconfig``): no scheme, a bare port, a path,
IPv6 with and without brackets, quotes and spaces around it; a bad port means the default one. Two more
are ours, since a client has to connect: ``0.0.0.0`` means 127.0.0.1 and ``::`` means ::1.
"""

from binascii import b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import unquote

from core.sanitise import clean_line

DEFAULT_PORT = 11434
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}
_SCHEME_PORTS = {"http": 80, "https": 443}

# Written out, because `is_private` also holds for ranges that are nobody's own network: 198.18/15, for one,
# is what proxies with made-up addresses hand out for hosts far away. 100.64/10 is what mesh VPNs hand out.
_NEAR_4 = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"))
)
_NEAR_6 = (ip_network("fc00::/7"), ip_network("fe80::/10"))


@dataclass(frozen=True, slots=True)
class Address:
    """A server's address.

    Attributes:
        host: a name (in its ASCII form) or an IP literal without brackets.
        path: begins with a slash when not empty, never ends with one.
        userinfo: ``name:password`` as given; never shown.
        source: the setting it came from, for messages.
    """

    scheme: str
    host: str
    port: int
    path: str = field(default="", repr=False)
    userinfo: str = field(default="", repr=False)
    source: str = "default"

    @property
    def netloc(self) -> str:
        """Host and port as a ``Host`` header has them; an IPv6 zone is known to this machine only."""
        host = f"[{self.host.partition('%')[0]}]" if ":" in self.host else self.host
        return host if self.port == _SCHEME_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The address for people and for stores: without credentials."""
        return f"{self.scheme}://{self.netloc}{self.path}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may be shown of it: its password, or its only word, and the same as a header has it."""
        name, _, password = self.userinfo.partition(":")
        secret = password or name
        return (unquote(secret), secret, self.basic) if secret else ()

    @property
    def basic(self) -> str:
        """Name and password as a header carries them; empty when there are none."""
        name_and_password = unquote(self.userinfo).encode("utf-8", "replace")
        return b2a_base64(name_and_password, newline=False).decode()

    @property
    def ip(self) -> IPv4Address | IPv6Address | None:
        """The IP that is written in it; None when a name must be looked up, which ``localhost`` need not."""
        if self.host.lower() in ("localhost", "localhost.") or self.host.lower().endswith(".localhost"):
            return IPv4Address("127.0.0.1")
        try:
            return ip_address(self.host)
        except ValueError:
            return None


def find_address(base_url: str, environ: Mapping[str, str]) -> Address:
    """The Ollama server to talk to: the setting, else ``OLLAMA_HOST``, else this machine's default port."""
    if _bare(base_url):
        return parse_address(base_url, "fast.base_url")
    host = environ.get("OLLAMA_HOST", "")
    return parse_address(host, "OLLAMA_HOST" if _bare(host) else "default")


def parse_address(text: str, source: str) -> Address:
    """Read an address in any form Ollama takes; never fails, as Ollama's own reading never does."""
    text = _bare(text)
    scheme, has_scheme, rest = text.partition("://")
    scheme = scheme.lower()
    if not has_scheme:
        scheme, rest = "http", text
    default_port = _SCHEME_PORTS.get(scheme, DEFAULT_PORT) if has_scheme else DEFAULT_PORT
    if scheme not in _SCHEME_PORTS:
        scheme = "http"
    # An @ behind a slash ends a password that holds one: no part of it may be taken for a host. (An @ in a
    # path reads the same, and so the settings refuse both.)
    end = rest.rfind("@")
    userinfo, rest = (rest[:end], rest[end + 1 :]) if end >= 0 else ("", rest)
    hostport, _, path = rest.partition("/")
    if not has_scheme and hostport.lower() == "ollama.com":
        scheme, default_port = "https", 443
    host, port = _split_port(hostport.strip(), default_port)
    host = _WILDCARDS.get(host, _to_ascii(host)) or "127.0.0.1"
    path = path.partition("?")[0].partition("#")[0].strip("/")
    return Address(scheme, host, port, f"/{path}" if path else "", userinfo, source)


def _bare(text: str) -> str:
    """Without what people and shells leave around it."""
    return clean_line(text).strip().strip("\"'").strip()


def _split_port(hostport: str, default_port: int) -> tuple[str, int]:
    """Separate host and port; a bare IPv6 literal has no port."""
    bare = hostport.strip("[]")
    if ":" in bare and "]" not in bare and _is_ip(bare):
        return bare, default_port
    host, colon, port = hostport.rpartition(":")
    if not colon:
        return bare, default_port
    is_port = port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) <= 65535
    return host.strip("[]"), int(port) if is_port else default_port


def _to_ascii(host: str) -> str:
    """A name as it goes over the wire; one that has no such form stays, and will lead nowhere."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_loopback(ip: IPv4Address | IPv6Address) -> bool:
    """Whether traffic to it stays in this machine."""
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return (mapped or ip).is_loopback


def is_near(ip: IPv4Address | IPv6Address) -> bool:
    """Whether it is this machine or its own network: no proxy stands between, and it is not REMOTE."""
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    ip = mapped or ip
    return ip.is_loopback or any(ip in network for network in (_NEAR_4 if ip.version == 4 else _NEAR_6))


def place_word(host: str, ip: IPv4Address | IPv6Address | None, remote_host: str) -> str:
    """``local``, ``lan HOST`` or ``REMOTE HOST``; a host whose IP is not known counts as remote.

    Args:
        remote_host: what a server says of a cloud model it only passes on; it decides alone when set.
    """
    if remote_host:
        return f"REMOTE {parse_address(remote_host, '').host}"
    if ip is None or not is_near(ip):
        return f"REMOTE {host}"
    return "local" if is_loopback(ip) else f"lan {host}"
