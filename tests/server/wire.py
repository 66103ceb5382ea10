"""HTTP/1.1 as far as Ollama's protocol needs it, with the ways to break it on purpose."""

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

JSON = "application/json; charset=utf-8"
NDJSON = "application/x-ndjson"


class NotHttp(Exception):
    """What arrived is not a request this server reads."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def parsed(self) -> dict[str, object]:
        """The body as a JSON object; empty when it is none."""
        try:
            value: object = json.loads(self.body) if self.body else {}
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


class Inlet:
    """Reads requests, and notices at once when the client leaves."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._ahead = b""

    async def request(self) -> Request | None:
        """The next request; None when the client has closed the connection."""
        try:
            head = self._ahead + await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        self._ahead = b""
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        try:
            method, target, _ = first.split(" ", 2)
            pairs = (line.split(":", 1) for line in lines)
            headers = {name.strip().lower(): value.strip() for name, value in pairs}
            length = int(headers.get("content-length", "0"))
        except ValueError as error:
            raise NotHttp(first) from error
        if "transfer-encoding" in headers:
            raise NotHttp("a chunked request body")
        if headers.get("expect", "").lower() == "100-continue":
            self._writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        try:
            body = await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        return Request(method, target.split("?", 1)[0], headers, body)

    async def gone(self) -> None:
        """Return when the client has left; a byte of the next request is kept for `request`.

        Half a close counts as leaving, as it does for Go's server, which is what Ollama runs on.
        """
        try:
            while byte := await self._reader.read(1):
                self._ahead += byte
                if len(self._ahead) > 1024:  # nobody who waits for an answer sends so much
                    return
        except ConnectionError:
            return


class Outlet:
    """Writes one answer: whole, or as a stream of chunks whose head goes with the first of them."""

    def __init__(self, writer: asyncio.StreamWriter, is_head: bool) -> None:
        self._writer = writer
        self._is_head = is_head
        self._waiting = bytearray()
        self.status = 0
        self.is_open = True
        self.kind = NDJSON

    async def whole(self, status: int, body: dict[str, object] | str | None) -> None:
        """Send a complete answer: an object as JSON, a text as it stands, None as nothing."""
        if isinstance(body, dict):
            payload, kind = encoded(body), JSON
        else:
            payload = (body or "").encode()
            kind = "text/html" if payload.startswith(b"<") else "text/plain; charset=utf-8"
        self._head(status, f"Content-Type: {kind}\r\nContent-Length: {len(payload)}")
        if not self._is_head:
            self._waiting += payload
        await self.flush()

    def line(self, payload: bytes) -> None:
        """Add one chunk to what goes out next."""
        if not self.status:
            self._head(200, f"Content-Type: {self.kind}\r\nTransfer-Encoding: chunked")
        self._waiting += b"%x\r\n%b\r\n" % (len(payload), payload)

    async def flush(self) -> None:
        """Hand everything to the kernel; waits while the client does not read."""
        self._writer.write(bytes(self._waiting))
        self._waiting.clear()
        await self._writer.drain()

    async def end(self) -> None:
        """End the stream properly."""
        if not self.status:
            self._head(200, f"Content-Type: {self.kind}\r\nTransfer-Encoding: chunked")
        self._waiting += b"0\r\n\r\n"
        await self.flush()

    async def cut(self, payload: bytes, of: int = 0) -> None:
        """Begin a chunk of `of` bytes, send a part of it, and close; 0 sends it whole, without the end."""
        if not self.status:
            self._head(200, f"Content-Type: {self.kind}\r\nTransfer-Encoding: chunked")
        if payload:
            self._waiting += b"%x\r\n%b" % (of or len(payload), payload)
            self._waiting += b"" if of else b"\r\n"
        if self._waiting:
            await self.flush()
        self.hang_up()

    def hang_up(self) -> None:
        """Close the connection as a process does that ends: what was written still arrives."""
        self.is_open = False
        self._writer.close()

    def reset(self) -> None:
        """Close with a TCP reset."""
        self.is_open = False
        sock = self._writer.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def _head(self, status: int, fields: str) -> None:
        self.status = status
        try:
            phrase = HTTPStatus(status).phrase
        except ValueError:
            phrase = "status code " + str(status)
        self._waiting += f"HTTP/1.1 {status} {phrase}\r\n{fields}\r\n\r\n".encode()


def encoded(value: Mapping[str, object]) -> bytes:
    """JSON as Go writes it: UTF-8 unescaped, but ``<``, ``>``, ``&``, U+2028 and U+2029 escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for odd in "<>&\u2028\u2029":
        if odd in text:
            text = text.replace(odd, f"\\u{ord(odd):04x}")
    return text.encode("utf-8", "replace")
