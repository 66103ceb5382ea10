"""Every form of address that Ollama takes, and how far away each is."""

import pytest

from core.providers.address import Address, find_address, is_near, parse_address, place_word

FORMS = {
    "": "http://127.0.0.1:11434",
    "   ": "http://127.0.0.1:11434",
    "example.com": "http://example.com:11434",
    "example.com:56789": "http://example.com:56789",
    "http://example.com": "http://example.com",
    "HTTP://example.com": "http://example.com",
    "https://example.com": "https://example.com",
    "https://example.com:443": "https://example.com",
    "https://example.com:56789": "https://example.com:56789",
    "http://example.com:80": "http://example.com",
    "example.com/": "http://example.com:11434",
    "example.com/ollama": "http://example.com:11434/ollama",
    "example.com:1234/a/b/": "http://example.com:1234/a/b",
    "https://example.com/ollama?x=1#y": "https://example.com/ollama",
    '"example.com"': "http://example.com:11434",
    "'example.com:1234'": "http://example.com:1234",
    ' " example.com " ': "http://example.com:11434",
    " example.com:1234 ": "http://example.com:1234",
    "0.0.0.0": "http://127.0.0.1:11434",
    "0.0.0.0:8080": "http://127.0.0.1:8080",
    "http://0.0.0.0:8080": "http://127.0.0.1:8080",
    "::": "http://[::1]:11434",
    "[::]": "http://[::1]:11434",
    "[::]:8080": "http://[::1]:8080",
    "::1": "http://[::1]:11434",
    "[::1]": "http://[::1]:11434",
    "[::1]:1": "http://[::1]:1",
    "http://[2001:db8::1]/x": "http://[2001:db8::1]/x",
    "[fe80::1%eth0]:1234": "http://[fe80::1]:1234",
    ":8080": "http://127.0.0.1:8080",
    "127.0.0.1:": "http://127.0.0.1:11434",
    "example.com:port": "http://example.com:11434",
    "example.com:-1": "http://example.com:11434",
    "example.com:0": "http://example.com:11434",
    "example.com:65536": "http://example.com:11434",
    "https://example.com:65536": "https://example.com",
    "example.com:" + "9" * 5000: "http://example.com:11434",
    "ollama.com": "https://ollama.com",
    "Ollama.com": "https://Ollama.com",
    "ollama.com:1234": "http://ollama.com:1234",
    "ftp://example.com": "http://example.com:11434",
    "bücher.example": "http://xn--bcher-kva.example:11434",
    "http://user:pass@example.com:1234": "http://example.com:1234",
    "user:pass@example.com": "http://example.com:11434",
}


@pytest.mark.parametrize(("form", "url"), FORMS.items(), ids=[form[:30] or "empty" for form in FORMS])
def test_every_form_is_read_as_ollama_reads_it(form: str, url: str) -> None:
    """People copy OLLAMA_HOST from the server's own settings: what works there must work here."""
    assert parse_address(form, "OLLAMA_HOST").url == url


@pytest.mark.parametrize(
    "form",
    [
        "http://me:hunter2@example.com/v1",
        "me:hunter2@example.com:1234",
        "https://me:hunter2@[::1]:8",
        "http://me:hunter2@ex:bad",
        "http://me:x/hunter2@example.com",  # a slash belongs encoded, and people forget it
        "http://me:x/y@hunter2@example.com",
    ],
)
def test_credentials_are_never_shown(form: str) -> None:
    """URL and repr end in titles, stores, logs and bug reports."""
    address = parse_address(form, "OLLAMA_HOST")

    assert "hunter2" not in address.url + repr(address) + address.netloc


@pytest.mark.parametrize(
    "form",
    [
        "http://me:hun/ter2@example.com",
        "me:hun/ter2@example.com",
        "http://me:12/ter2@example.com/v1",
        "http://me:hun?ter2@example.com",
        "http://me:hun/t@r2@example.com",
    ],
)
def test_no_part_of_a_password_is_taken_for_a_host(form: str) -> None:
    """The rest of it, and every question, would be sent to whoever has that name."""
    address = parse_address(form, "OLLAMA_HOST")

    assert address.host == "example.com"
    assert address.userinfo.startswith("me:")


def test_an_ipv6_zone_is_used_but_not_sent() -> None:
    """A link-local address leads nowhere without its zone, and the server knows nothing of it."""
    address = parse_address("[fe80::1%eth0]:1234", "OLLAMA_HOST")

    assert str(address.ip) == "fe80::1%eth0"
    assert address.netloc == "[fe80::1]:1234"


def test_an_address_cannot_play_with_the_terminal() -> None:
    """It is shown in messages, and an environment may hold anything."""
    assert "\x1b" not in parse_address("http://evil\x1b[31m.example/\x07", "OLLAMA_HOST").url


def test_the_setting_wins_over_the_variable_and_is_named() -> None:
    """A message must name what the person has to change."""
    environ = {"OLLAMA_HOST": "b:2"}

    assert find_address("a:1", environ) == Address("http", "a", 1, source="fast.base_url")
    assert find_address(" ", environ) == Address("http", "b", 2, source="OLLAMA_HOST")
    assert find_address("", {"OLLAMA_HOST": ' "" '}).source == "default"
    assert find_address("", {}) == Address("http", "127.0.0.1", 11434)


PLACES = {
    "127.0.0.1": "local",
    "127.8.8.8": "local",
    "localhost": "local",
    "LOCALHOST": "local",
    "my.localhost": "local",
    "[::1]": "local",
    "0.0.0.0": "local",
    "[::ffff:127.0.0.1]": "local",
    "10.1.2.3": "lan 10.1.2.3",
    "172.16.0.1": "lan 172.16.0.1",
    "172.32.0.1": "REMOTE 172.32.0.1",
    "192.168.1.5": "lan 192.168.1.5",
    "169.254.1.1": "lan 169.254.1.1",
    "100.64.0.1": "lan 100.64.0.1",
    "100.127.255.255": "lan 100.127.255.255",
    "100.128.0.1": "REMOTE 100.128.0.1",
    "198.18.0.5": "REMOTE 198.18.0.5",
    "203.0.113.7": "REMOTE 203.0.113.7",
    "8.8.8.8": "REMOTE 8.8.8.8",
    "[::ffff:192.168.1.5]": "lan ::ffff:192.168.1.5",
    "[::ffff:8.8.8.8]": "REMOTE ::ffff:8.8.8.8",
    "[fd00::1]": "lan fd00::1",
    "[fe80::1%eth0]": "lan fe80::1%eth0",
    "[2606:4700::1]": "REMOTE 2606:4700::1",
    "box": "REMOTE box",
    "ollama.com": "REMOTE ollama.com",
}


@pytest.mark.parametrize(("form", "place"), PLACES.items())
def test_how_far_away_it_is_said_in_three_words(form: str, place: str) -> None:
    """The promise that nothing leaves this machine hangs on it; what is not known is remote."""
    address = parse_address(form, "OLLAMA_HOST")

    assert place_word(address.host, address.ip, "") == place


@pytest.mark.parametrize(
    ("remote_host", "place"),
    [
        ("https://ollama.com:443", "REMOTE ollama.com"),
        ("ollama.com", "REMOTE ollama.com"),
        ("http://127.0.0.1:1", "REMOTE 127.0.0.1"),
    ],
)
def test_a_cloud_model_behind_a_local_port_is_remote(remote_host: str, place: str) -> None:
    """The port is here, the model is not: the server's word decides alone."""
    address = parse_address("", "default")

    assert place_word(address.host, address.ip, remote_host) == place


def test_what_is_near_needs_no_proxy() -> None:
    """A range that only looks private (198.18/15) is what some proxies hand out for far hosts."""
    near = [parse_address(form, "").ip for form in ("10.0.0.1", "[::1]", "100.100.0.1", "[fe80::2]")]
    far = [parse_address(form, "").ip for form in ("198.19.0.1", "1.1.1.1", "[2001:db8::1]")]

    assert all(ip is not None and is_near(ip) for ip in near)
    assert not any(ip is not None and is_near(ip) for ip in far)
