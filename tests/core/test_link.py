"""Names, proxies and certificates: whom we really talk to, and what is said when it is not Ollama."""

import asyncio
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from core.errors import NameNotFound, ProviderError, ProviderUnreachable, ProxyInTheWay
from core.providers import link as link_room
from core.providers.address import parse_address
from core.providers.base import ServerState
from core.providers.ollama.provider import WENT_DIRECT, OllamaProvider
from core.providers.proxies import applies, choose_proxy
from tests.core.ollama_door import PATIENT, Heard, at, hear, question, raises
from tests.server import Model, OllamaServer, Script

ROOT = Path(__file__).parents[2]
NAMED = "box.example"


class _Web(ThreadingHTTPServer):
    """A web server in the test's own process, silent about clients that leave."""

    block_on_close = False
    status = 502

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.seen: list[str] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.shutdown()
            self.server_close()
            thread.join(5)


class _Refuser(BaseHTTPRequestHandler):
    """What a proxy does with hosts that it cannot reach."""

    def refuse(self) -> None:
        assert isinstance(self.server, _Web)
        self.server.seen.append(f"{self.command} {self.path}")
        body = b"<html><title>502 Bad Gateway</title></html>"
        self.rfile.read(int(self.headers.get("content-length", "0")))
        self.send_response(self.server.status)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_CONNECT = refuse  # noqa: N815  (the names the base class looks for)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class's name)
        """Say nothing."""


@contextmanager
def proxy(status: int = 502) -> Iterator[tuple[str, list[str]]]:
    """A proxy on loopback that lets nobody through: its URL, and what it was asked for."""
    server = _Web(_Refuser)
    server.status = status
    with server.running():
        yield f"http://127.0.0.1:{server.server_port}", server.seen


def every_proxy(url: str) -> dict[str, str]:
    return {"HTTP_PROXY": url, "HTTPS_PROXY": url, "ALL_PROXY": url}


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Names and the IPs they lead to; any other leads nowhere. Nothing asks the world."""
    known: dict[str, str] = {}

    def getaddrinfo(host: str, port: object, *_: object, **__: object) -> list[tuple[object, ...]]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        ip = known[host]
        return [(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


def look(url: str, environ: dict[str, str]) -> tuple[ServerState, str]:
    """A look at a server, and where it is said to be afterwards."""

    async def main() -> tuple[ServerState, str]:
        provider = OllamaProvider(parse_address(url, "OLLAMA_HOST"), environ, limits=PATIENT)
        try:
            return await provider.look(), provider.place()
        finally:
            await provider.aclose()

    return asyncio.run(main())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_this_machine_is_never_reached_through_a_proxy(
    host: str, names: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question for a model on this machine has no business at a proxy, and would not come back."""
    with proxy() as (url, seen), OllamaServer() as server:
        for name, value in every_proxy(url).items():
            monkeypatch.setenv(name, value)  # httpx would read these by itself
        state, place = look(f"http://{host}:{server.port}", every_proxy(url))

    assert (len(state.models), state.note, place) == (1, "", "local")
    assert not seen


def test_a_name_in_the_own_network_is_never_reached_through_a_proxy(names: dict[str, str]) -> None:
    """Whether a name is near is known only after looking it up."""
    names[NAMED] = "127.0.0.1"

    with proxy() as (url, seen), OllamaServer() as server:
        state, place = look(f"http://{NAMED}:{server.port}", every_proxy(url))
        hosts = {record.headers["host"] for record in server.log}

    assert (len(state.models), place) == (1, "local")
    assert hosts == {f"{NAMED}:{server.port}"}
    assert not seen


def test_a_private_address_is_never_reached_through_a_proxy() -> None:
    """Nobody may be there, and still the proxy is not asked."""
    with proxy() as (url, seen), raises(ProviderError):
        look("http://10.255.255.1:9", every_proxy(url))

    assert not seen


def test_a_proxy_in_the_way_is_passed_by_once_and_said(
    names: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A company's proxy that cannot reach the server is the likely cause; going direct often works."""
    names[NAMED] = "127.0.0.1"
    monkeypatch.setattr(link_room, "is_near", lambda ip: False)  # as if it were far away

    with proxy() as (url, seen), OllamaServer() as server:
        state, _ = look(f"http://{NAMED}:{server.port}", every_proxy(url))

    assert (len(state.models), state.note) == (1, WENT_DIRECT)
    assert f"GET http://{NAMED}:{server.port}/api/tags" in seen


def test_a_question_too_passes_the_proxy_by_and_the_next_look_says_so(
    names: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warm start sends the question first, before anybody has looked at the server."""
    names[NAMED] = "127.0.0.1"
    monkeypatch.setattr(link_room, "is_near", lambda ip: False)

    async def main(port: int, environ: dict[str, str]) -> tuple[Heard, ServerState]:
        provider = OllamaProvider(parse_address(f"{NAMED}:{port}", ""), environ, limits=PATIENT)
        heard, state = await hear(provider, question()), await provider.look()
        await provider.aclose()
        return heard, state

    with proxy() as (url, seen), OllamaServer() as server:
        heard, state = asyncio.run(main(server.port, every_proxy(url)))

    assert heard.text == "Use `git switch`."
    assert state.note == WENT_DIRECT
    assert len([request for request in seen if "/api/chat" in request]) == 1


@pytest.mark.parametrize("status", [200, 403, 407, 502, 503])
def test_a_proxy_in_the_way_of_an_unknown_name_is_an_error_that_says_so(
    status: int, names: dict[str, str]
) -> None:
    """There is no other way to a name that only the proxy could look up."""
    with proxy(status) as (url, seen), raises(ProxyInTheWay) as caught:
        look(f"http://{NAMED}", every_proxy(url))

    assert "NO_PROXY" in caught.value.remedy
    assert seen


def test_a_proxy_that_refuses_a_tunnel_is_said(names: dict[str, str]) -> None:
    """With https the proxy is asked for a tunnel, and refuses in another way."""
    with proxy() as (url, seen), raises(ProxyInTheWay):
        look(f"https://{NAMED}", every_proxy(url))

    assert seen == [f"CONNECT {NAMED}:443"] * len(seen)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("socks5://127.0.0.1:1080", "http and https"),
        ("http://127.0.0.1:99999", "bad port"),
        ("http://[::1", "cannot be read"),
        ("http://proxy.example:3128", "no address"),
        ("http://127.0.0.1:9", "does not answer"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_no_traceback(text: str, says: str, names: dict[str, str]) -> None:
    """A SOCKS proxy is common, and the HTTP client dies of it with an ImportError."""
    with raises(ProxyInTheWay, match=says):
        look(f"http://{NAMED}", {"ALL_PROXY": text})


def test_a_proxys_password_is_never_shown(names: dict[str, str]) -> None:
    """It stands in the environment, and errors are printed."""
    address = parse_address(f"http://{NAMED}", "")
    choice = choose_proxy(address, {"http_proxy": "me:hunter2@proxy.example:3128"})

    assert choice.auth == ("me", "hunter2")
    assert "hunter2" not in repr(choice) + choice.url()
    assert choice.url("::1") == "http://[::1]:3128"


@pytest.mark.parametrize(
    ("environ", "is_proxied"),
    [
        ({}, False),
        ({"HTTP_PROXY": ""}, False),
        ({"http_proxy": "p:1"}, True),
        ({"HTTP_PROXY": "p:1"}, True),
        ({"HTTP_PROXY": "p:1", "http_proxy": ""}, False),
        ({"HTTPS_PROXY": "p:1"}, False),
        ({"ALL_PROXY": "p:1"}, True),
        ({"ALL_PROXY": "p:1", "NO_PROXY": "*"}, False),
        ({"ALL_PROXY": "p:1", "NO_PROXY": "a, gpu.box.example"}, False),
        ({"ALL_PROXY": "p:1", "NO_PROXY": "a,GPU.box.example:8000"}, False),
        ({"ALL_PROXY": "p:1", "NO_PROXY": "gpu.box.example:9"}, True),
        ({"ALL_PROXY": "p:1", "no_proxy": ".box.example"}, False),
        ({"ALL_PROXY": "p:1", "no_proxy": "*.box.example"}, False),
        ({"ALL_PROXY": "p:1", "no_proxy": "example"}, False),
        ({"ALL_PROXY": "p:1", "no_proxy": "x.example other"}, True),
        ({"ALL_PROXY": "p:1", "no_proxy": "ox.example"}, True),
    ],
)
def test_the_environments_proxies_are_read_as_other_programs_read_them(
    environ: dict[str, str], is_proxied: bool
) -> None:
    """Who has set them once for curl must not set them again for us."""
    assert applies(parse_address("http://gpu.box.example:8000", ""), environ) is is_proxied


def test_a_name_that_leads_nowhere_is_said_with_where_it_stands(names: dict[str, str]) -> None:
    """A typo in OLLAMA_HOST; the message names the variable."""
    with raises(NameNotFound, match="leads to no address") as caught:
        look("http://tpyo.example", {})

    assert "OLLAMA_HOST" in caught.value.remedy


@pytest.mark.parametrize("host", ["\U0001f600" * 70, "a" * 300 + ".example", "\x00.example"])
def test_a_name_that_is_none_is_no_traceback(host: str) -> None:
    """An environment may hold anything."""
    with raises(ProviderUnreachable):
        look(f"http://{host}", {})


HANGS = """
import asyncio, socket, sys, time
def getaddrinfo(*args, **kwargs):
    time.sleep(20)
socket.getaddrinfo = getaddrinfo
from core.errors import ProviderUnreachable
from core.providers.address import parse_address
from core.providers.ollama.provider import OllamaProvider

async def main():
    provider = OllamaProvider(parse_address("http://box.example", ""), dict(eval(sys.argv[1])))
    began = time.perf_counter()
    try:
        await provider.look()
    except ProviderUnreachable as error:
        print(error.kind, time.perf_counter() - began)
    await provider.aclose()

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("environ", "kind", "names_s"),
    [({}, "name_not_found", 1), ({"HTTP_PROXY": "http://proxy.example:3128"}, "proxy", 2)],
)
def test_a_resolver_that_hangs_holds_up_nothing_for_long(
    environ: dict[str, str], kind: str, names_s: int
) -> None:
    """Off the company's network look-ups take many seconds; a process must not wait for them at its exit."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", HANGS, repr(environ)], cwd=ROOT, capture_output=True, text=True, timeout=100
    )
    total_s = time.perf_counter() - began

    said, took_s = done.stdout.split()
    print(f"\n{said} after {float(took_s):.2f} s, the whole process took {total_s:.2f} s")
    assert (said, done.stderr) == (kind, "")
    assert float(took_s) < names_s + 10
    assert total_s < names_s + 15


def python(code: str, **environ: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_httpx_is_imported_without_its_command_line() -> None:
    """Click, rich and pygments are a third of its import, and used by nobody here."""
    said = python(
        "import sys; from core.providers.link import import_httpx; import_httpx(); import_httpx()\n"
        "import httpx; print(httpx.URL('http://a/b').path, bool(httpx.AsyncClient), "
        "sorted({'click', 'rich', 'pygments'} & set(sys.modules)))"
    )

    assert said == "/b True []"


@pytest.mark.parametrize(
    "environ",
    [
        {"OLLAMA_HOST": "::1"},
        {"OLLAMA_HOST": "[::1"},
        {"ALL_PROXY": "socks5://127.0.0.1:1080"},
        {"SSL_CERT_FILE": "/nowhere/at/all"},
    ],
)
def test_the_package_can_be_imported_whatever_the_environment_holds(environ: dict[str, str]) -> None:
    """It makes a client while it is imported, and dies of forms that Ollama itself takes."""
    name = next(iter(environ))
    said = python(
        "import os; from core.providers.ollama.package import import_package; import_package()\n"
        "import ollama, sys\n"
        f"print(ollama.AsyncClient.__name__, os.environ[{name!r}], 'click' in sys.modules)",
        **environ,
    )

    assert said == f"AsyncClient {environ[name]} False"


def test_nothing_is_imported_or_opened_before_the_first_request() -> None:
    """Making a provider is part of every start, also of one that answers from the store."""
    said = python(
        "import sys; from core.providers.address import parse_address\n"
        "from core.providers.ollama.provider import OllamaProvider\n"
        "OllamaProvider(parse_address('box.example', ''), {})\n"
        "print(sorted({'httpx', 'ollama', 'ssl_', 'textual', 'rich', 'click'} & set(sys.modules)))"
    )

    assert said == "[]"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of our own for box.example, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("certificate")
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = (
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN={NAMED}"
    )
    command += f" -addext subjectAltName=DNS:{NAMED} -keyout {key} -out {cert}"
    subprocess.run(command.split(), check=True, capture_output=True)
    return cert, key


@contextmanager
def secure(certificate: tuple[Path, Path]) -> Iterator[int]:
    """A server that speaks Ollama's protocol over https, as far as a look and a pull need; its port."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            value = {"/api/tags": {"models": [{"name": "a:1b"}]}, "/api/pull": {"status": "success"}}
            body = json.dumps(value.get(self.path, {})).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815  (the names the base class looks for)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class's name)
            """Say nothing."""

    server = _Web(Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with server.running():
        yield server.server_port


def test_a_certificate_is_checked_against_the_name_that_was_meant(
    certificate: tuple[Path, Path], names: dict[str, str]
) -> None:
    """We connect to an IP that we looked up; the name must still be what the certificate is for."""
    names |= {NAMED: "127.0.0.1", "other.example": "127.0.0.1"}
    trusting = {"SSL_CERT_FILE": str(certificate[0])}

    with secure(certificate) as port:
        state, _ = look(f"https://{NAMED}:{port}", trusting)
        assert [model.name for model in state.models] == ["a:1b"]
        for host, environ in ((NAMED, {}), ("other.example", trusting), ("127.0.0.1", trusting)):
            with raises(ProviderUnreachable, match="no trusted secure connection"):
                look(f"https://{host}:{port}", environ)


def test_a_pull_over_https_checks_the_same_certificate(
    certificate: tuple[Path, Path], names: dict[str, str]
) -> None:
    """The package makes a client of its own, which must not be easier to fool, nor harder to please."""
    names[NAMED] = "127.0.0.1"

    async def pull(port: int, environ: dict[str, str]) -> list[str]:
        provider = OllamaProvider(parse_address(f"https://{NAMED}:{port}", ""), environ, limits=PATIENT)
        return [step.status async for step in provider.pull("a:1b")]

    with secure(certificate) as port:
        assert asyncio.run(pull(port, {"SSL_CERT_FILE": str(certificate[0])})) == ["success"]
        with raises(ProviderUnreachable, match="no trusted secure connection"):
            asyncio.run(pull(port, {}))


def test_plain_http_where_https_is_meant_is_said(names: dict[str, str]) -> None:
    """A scheme too much in the address; "is not running" would send people the wrong way."""
    with proxy() as (url, _), raises(ProviderUnreachable, match="no trusted secure connection"):
        look(url.replace("http:", "https:"), {})


def test_a_path_in_front_of_the_routes_is_kept() -> None:
    """Behind a reverse proxy Ollama often has a path of its own."""
    with OllamaServer() as server:
        with pytest.raises(Exception, match="does not know the request"):
            look(f"{server.url}/ollama", {})
        assert {record.path.removeprefix("/ollama") for record in server.log} >= {"/api/tags"}
        assert all(record.path.startswith("/ollama/api/") for record in server.log)


def test_ipv6_loopback_works() -> None:
    """`OLLAMA_HOST=::1` is a form Ollama takes."""
    try:
        server = OllamaServer(Script(models=(Model("a:1b"),)), host="::1")
        server.start()
    except OSError:
        pytest.skip("this machine has no IPv6")
    try:
        state, place = look(f"[::1]:{server.port}", {})
    finally:
        server.close()

    assert (len(state.models), place) == (1, "local")


def test_a_closed_link_opens_again() -> None:
    """Closing gives connections back; it is no end."""

    async def main(server: OllamaServer) -> None:
        provider = at(server)
        await provider.look()
        await provider.aclose()
        await provider.aclose()
        assert len((await provider.look()).models) == 1
        await provider.aclose()

    with OllamaServer() as server:
        asyncio.run(main(server))
