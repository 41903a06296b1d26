"""The HTTP client: patient with busy servers, quick to give up on silent ones, and never led astray."""

from __future__ import annotations

import gzip
import itertools
import socket
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from groruddalen_stats.errors import FetchError
from groruddalen_stats.live.http import Client, UnreachableError
from standin import StandIn
from standin.desk import FakeClock, client
from standin.raw import RawServer, whole

PAGE = "/page"
BUSY = "429 Busy"


@pytest.fixture
def stand() -> Iterator[StandIn]:
    with StandIn() as server:
        server.documents[PAGE] = '{"svar": "æøå"}'.encode()
        yield server


def ask(stand: StandIn, client_: Client) -> bytes:
    return client_.get(stand.root + PAGE).body


def raw_client(clock: FakeClock | None = None, **settings: Any) -> Client:
    return client(clock, **{"timeout": (2, 2), **settings})


@pytest.fixture
def port() -> Iterator[int]:
    """A port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_the_client_says_who_it_is(stand: StandIn) -> None:
    ask(stand, client())
    (agent,) = stand.agents
    assert agent.startswith("groruddalen-stats/0.1.0 (reproducible statistical appendix")


@pytest.mark.parametrize(
    ("fault", "how", "times", "slept"),
    [
        ("429", {"after": 17}, 1, [17]),
        ("429", {}, 2, [60, 60]),
        ("503", {}, 3, [5, 10, 20]),
        ("500", {}, 1, [5]),
        ("502", {}, 1, [5]),
        ("reset", {}, 2, [1, 2]),
        ("stall", {}, 1, [1]),
    ],
)
def test_a_busy_or_broken_server_is_asked_again(
    stand: StandIn, fault: str, how: dict[str, Any], times: int, slept: list[float]
) -> None:
    clock, told = FakeClock(), list[str]()
    stand.fail(fault, times=times, **how)
    assert ask(stand, client(clock, tell=told.append)) == stand.documents[PAGE]
    assert clock.slept == slept
    assert len(stand.asked) == times + 1
    assert [line.partition(": ")[2] for line in told] == [
        f"waiting {wait} s, as its limits ask" for wait in slept if wait >= 5
    ]


def test_unreachable_hosts_fail_fast_and_are_not_asked_again(port: int) -> None:
    clock = FakeClock()
    one = client(clock)
    # The second time nobody is asked; and with the network down, a second host gets one try.
    for host in ("127.0.0.1", "127.0.0.1", "localhost"):
        with pytest.raises(UnreachableError, match=r"does not answer \(connection refused\)"):
            one.get(f"http://{host}:{port}/")
        assert clock.slept == [1]


@pytest.mark.parametrize(
    ("ours", "headers", "times", "slept"),
    [
        (30, {}, 61, [60, 60]),
        (30, {"policy": "4;w=60s", "remaining": "3"}, 5, [60]),
        (30, {"policy": "4;w=7s", "remaining": "0"}, 2, [7]),
        (30, {"remaining": "0"}, 2, [60]),
        (2, {"policy": "40;w=60s"}, 3, [60]),  # a laxer limit of the server does not lift ours
        # No limit of a server makes a run wait for hours.
        (30, {"policy": "1;w=999999999"}, 3, [300, 300]),
        (30, {"policy": f"{'9' * 5000};w={'9' * 5000}"}, 3, []),
        (30, {"policy": "0;w=0", "remaining": "0"}, 3, []),
    ],
)
def test_the_stricter_of_our_pace_and_the_stated_one_is_kept(
    stand: StandIn, ours: int, headers: dict[str, str], times: int, slept: list[float]
) -> None:
    clock = FakeClock()
    one = client(clock)
    one.limit(stand.root, ours, 60)
    stand.headers = {f"x-ratelimit-{name}": stated for name, stated in headers.items()}
    for _ in range(times):
        ask(stand, one)
    assert clock.slept == slept


def test_a_body_over_the_cap_is_refused(stand: StandIn) -> None:
    stand.fail("large", bytes=200_000)
    with pytest.raises(FetchError, match="larger than 100,000 bytes"):
        ask(stand, client(max_bytes=100_000))


def test_a_redirect_to_another_host_is_refused(stand: StandIn) -> None:
    with StandIn() as elsewhere:
        for target in (elsewhere.root + PAGE, "https://example.invalid/", stand.root.replace("http", "ftp")):
            stand.fail("redirect", to=target)
            with pytest.raises(FetchError, match="points to another host"):
                ask(stand, client())
        assert elsewhere.asked == []


def test_a_redirect_within_the_host_is_followed_but_a_post_keeps_its_body(stand: StandIn) -> None:
    stand.fail("redirect", to=PAGE, status=301)
    assert client().get(f"{stand.root}/old").body == stand.documents[PAGE]
    stand.fail("redirect", to=PAGE, status=308)
    assert client().request("POST", f"{stand.root}/old", {"a": 1}).status == 200
    assert stand.asked[-1] == ("POST", PAGE, {"a": 1})
    stand.fail("redirect", to=PAGE, status=302)
    with pytest.raises(FetchError, match="redirects a POST with 302"):
        client().request("POST", f"{stand.root}/old", {"a": 1})
    stand.fail("redirect", to=PAGE, times=9)
    with pytest.raises(FetchError, match="redirects in a circle"):
        ask(stand, client())


def moved(location: bytes, status: str = "302 Found") -> bytes:
    return whole(b"", "Location: " + location.decode("latin-1"), status=status)


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        ("/tab/STØ013.px".encode(), "/tab/ST%C3%98013.px"),
        (b"/tab/ST%D8013.px", "/tab/ST%D8013.px"),
        ("STØ013.px?språk=no".encode(), "/old/ST%C3%98013.px?spr%C3%A5k=no"),
        (b"/tab/with a blank.px", "/tab/with%20a%20blank.px"),
    ],
)
def test_a_redirect_is_followed_however_its_letters_are_written(location: bytes, asked: str) -> None:
    with RawServer([moved(location), whole(b"the table")]) as server:
        assert raw_client().get(f"{server.root}/old/table").body == b"the table"
        assert server.lines == ["GET /old/table", f"GET {asked}"]


@pytest.mark.parametrize(
    "location",
    [
        b"http://127.0.0.1:$server_port/", b"http://127.0.0.1:99999/", b"http://127.0.0.1:-1/", b"http://[::1/",
        b"//:80:80/", "http://\u2100.no:x/".encode(), "//a\u2100b/".encode(), "/tab/STØ013.px".encode("latin-1"),
    ],
)  # fmt: skip
def test_a_redirect_to_no_address_is_a_named_fault(location: bytes) -> None:
    with RawServer([moved(location)]) as server:
        with pytest.raises(FetchError, match=r"redirects to what is no address|points to another host"):
            raw_client().get(f"{server.root}/table")
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "url",
    [
        "data.ssb.no/api", "http://127.0.0.1:$port/api", "https://[::1/api", "http://", "htp://data.ssb.no/api",
        "http://127.0.0.1:0/api", "http://127.0.0.1:70000/api", "http://\u2100.no/api", "http://.no/api",
        "http://a..no/api", f"http://{'a' * 70}.no/api", "file:///etc/hosts", "",
    ],
)  # fmt: skip
def test_every_address_that_is_none_is_a_named_fault(url: str) -> None:
    with pytest.raises(FetchError, match=r"not a usable address|does not answer"):
        client(FakeClock()).get(url)


NOW = 1_000_000.0


@pytest.mark.parametrize("zone", ["Europe/Oslo", "America/New_York"])
@pytest.mark.parametrize(
    ("after", "slept"),
    [
        ("Mon Jan 12 13:47:22 1970", 42),  # asctime: no zone, always GMT
        (formatdate(NOW + 42, usegmt=True), 42),
        ("Mon, 12 Jan 1970 14:47:22 +0100", 42),
        ("Mon, 12 Jan 1970 13:40:00 GMT", 0),
        (" 17 ", 17),
        ("-17", 60),
        ("soon", 60),
        ("Mon, 99 Foo 1970 99:99:99", 60),
        ("\u0661\u0667", 60),
        ("9" * 5000, 60),
        # Hours are reported instead of waited for.
        *itertools.product(("301", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT", "Mon Jan 12 17:47:22 1970"), [-1]),
    ],
)
def test_a_plea_to_wait_means_the_same_everywhere_and_never_hours(
    monkeypatch: pytest.MonkeyPatch, zone: str, after: str, slept: float
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    clock = FakeClock(NOW)
    busy = whole(b"", f"Retry-After: {after.encode().decode('latin-1')}", status=BUSY)
    try:
        with RawServer([busy, whole(b"well")]) as server, monkeypatch.context() as patch:
            patch.setattr(time, "time", clock.now)
            if slept < 0:
                with pytest.raises(FetchError, match="answered 429 and asks to wait"):
                    raw_client(clock).get(server.root)
            else:
                assert raw_client(clock).get(server.root).body == b"well"
        assert clock.slept == ([slept] if slept > 0 else [])
    finally:
        monkeypatch.undo()
        time.tzset()


LONG = b'{"a": "' + b"x" * 4000 + b'"}'
PACKED = gzip.compress(bytes(range(256)) * 64, compresslevel=1)


@pytest.mark.parametrize(
    ("answer", "at_once"),
    [
        (whole(LONG), 0),
        (whole(LONG), 30),
        (whole(LONG), 100),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 900 + b"0\r\n\r\n", 60),
        (whole(PACKED, "Content-Encoding: gzip"), 150),
        (moved(b"/" + b"x" * 4000), 40),
    ],
    ids=["status line", "headers", "body", "chunks", "compressed", "redirect"],
)
def test_the_deadline_holds_for_the_whole_of_an_answer(answer: bytes, at_once: int) -> None:
    one = Client(timeout=(2, 2), deadline=0.3)
    with RawServer([answer], pause=0.02, at_once=at_once) as server:
        began = time.monotonic()
        for _ in range(2):
            with pytest.raises(FetchError, match="the answer took more than 0 s"):
                one.get(server.root)
        assert time.monotonic() - began < 2
        # A host that drips twice is not asked a third time.
        with pytest.raises(UnreachableError, match="the answer took more than"):
            one.get(server.root)
        assert len(server.asked) == 2


# ---- the machine's own settings ------------------------------------------------------------------------------------

NETWORK = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in NETWORK:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("content", [None, b"", b"\xff\x00 no"])
def test_certificates_that_cannot_be_used_are_named_with_their_variable(
    machine: pytest.MonkeyPatch, tmp_path: Path, name: str, content: bytes | None, stand: StandIn
) -> None:
    path = tmp_path / "root.pem"
    if content is not None:
        path.write_bytes(content)
    machine.setenv(name, str(path))
    with pytest.raises(FetchError, match=f"certificate.*-> correct .*{name}") as caught:
        client().get(stand.root.replace("http:", "https:"))
    assert (str(path) in str(caught.value)) == (content is None)
    assert ask(stand, client()) == stand.documents[PAGE]  # without TLS nobody needs them


@pytest.mark.parametrize(
    "proxy",
    ["me:secret@127.0.0.1:{port}", "http://me:se#cret@proxy:80", "http://secret:99999", "http://", "http://[::1secret",
     "ftp://secret:8080", "secret:eight"],
)  # fmt: skip
def test_a_proxy_that_cannot_be_used_is_named_without_its_password(
    machine: pytest.MonkeyPatch, port: int, proxy: str
) -> None:
    machine.setenv("HTTP_PROXY", proxy.format(port=port))
    with pytest.raises(FetchError, match=r"proxy.* -> correct the proxy that HTTP_PROXY") as caught:
        client().get("http://service.example/api")
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize("content", [b"machine 127.0.0.1 login me password secret\n", b"\xff\xfe broken", b"machine"])
def test_passwords_of_the_machine_are_neither_read_nor_sent(
    machine: pytest.MonkeyPatch, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "netrc").write_bytes(content)
    machine.setenv("NETRC", str(tmp_path / "netrc"))
    with RawServer([moved(b"/there"), whole(b"well")]) as server:
        assert raw_client().get(server.root).body == b"well"
        assert not any(b"authorization" in asked.lower() for asked in server.asked)
