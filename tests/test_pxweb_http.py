"""The HTTP client: patient with busy servers, quick to give up on silent ones, and never led astray."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import pytest

from groruddalen_stats.errors import FetchError
from groruddalen_stats.sources.http import Client, UnreachableError
from standin import StandIn
from standin.desk import FakeClock, client

PAGE = "/page"


@pytest.fixture
def stand() -> Iterator[StandIn]:
    with StandIn() as server:
        server.documents[PAGE] = '{"svar": "æøå"}'.encode()
        yield server


def ask(stand: StandIn, client_: Client) -> bytes:
    return client_.get(stand.root + PAGE).body


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
        ("502", {}, 1, [5]),
        ("503", {"after": formatdate(1_000_042, usegmt=True)}, 1, [42]),
        ("429", {"after": "soon"}, 1, [60]),
        ("reset", {}, 2, [1, 2]),
        ("stall", {}, 1, [1]),
    ],
)
def test_a_busy_or_broken_server_is_asked_again(
    stand: StandIn, fault: str, how: dict[str, Any], times: int, slept: list[float]
) -> None:
    clock = FakeClock()
    stand.fail(fault, times=times, **how)
    assert ask(stand, client(clock)) == stand.documents[PAGE]
    assert clock.slept == slept
    assert len(stand.asked) == times + 1


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("503", r"the server answered 503 \(4 tries\)"),
        ("429", r"the server answered 429 \(4 tries\)"),
        ("reset", r"the connection broke in the middle of the answer \(4 tries\)"),
    ],
)
def test_patience_ends_after_four_tries(stand: StandIn, fault: str, message: str) -> None:
    stand.fail(fault, times=9)
    with pytest.raises(FetchError, match=message):
        ask(stand, client())
    assert len(stand.asked) == 4


def test_a_wait_of_hours_is_reported_instead_of_waited_for(stand: StandIn) -> None:
    clock = FakeClock()
    stand.fail("429", after=7200)
    with pytest.raises(FetchError, match="asks to wait 7200 s"):
        ask(stand, client(clock))
    assert clock.slept == []


def test_a_server_that_stalls_at_first_contact_is_not_waited_for_twice_over(stand: StandIn) -> None:
    class SlowClock(FakeClock):
        def now(self) -> float:
            self.moment += 30
            return self.moment

    stand.fail("stall", times=9)
    with pytest.raises(UnreachableError, match=r"does not answer \(the answer stalled\)"):
        ask(stand, client(SlowClock()))
    assert len(stand.asked) == 1


def test_unreachable_hosts_fail_fast_and_are_not_asked_again() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        clock = FakeClock()
        one = client(clock)
        for tries in range(3):
            with pytest.raises(UnreachableError, match=r"does not answer \(connection refused\)"):
                one.get(f"http://127.0.0.1:{port}/{tries}")
        assert clock.slept == [1, 2]
        # With the network down, a second host gets one try.
        with pytest.raises(UnreachableError, match="connection refused"):
            one.get(f"http://localhost:{port}/")
        assert clock.slept == [1, 2]


def test_the_pace_of_the_catalogue_is_kept(stand: StandIn) -> None:
    clock = FakeClock()
    one = client(clock)
    one.limit(stand.root, 30, 60)
    for _ in range(61):
        ask(stand, one)
    assert clock.slept == [60, 60]


def test_limits_that_the_server_states_are_kept_too(stand: StandIn) -> None:
    clock = FakeClock()
    one = client(clock)
    one.limit(stand.root, 30, 60)
    stand.headers = {"x-ratelimit-policy": "4;w=60s", "x-ratelimit-remaining": "3"}
    for _ in range(5):
        ask(stand, one)
    assert clock.slept == [60]
    stand.headers = {"x-ratelimit-policy": "4;w=60s", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "7"}
    clock.slept.clear()
    ask(stand, one)
    ask(stand, one)
    assert clock.slept == [7]


def test_a_laxer_limit_of_the_server_does_not_lift_ours(stand: StandIn) -> None:
    clock = FakeClock()
    one = client(clock)
    one.limit(stand.root, 2, 60)
    stand.headers = {"x-ratelimit-policy": "40;w=60s"}
    for _ in range(3):
        ask(stand, one)
    assert clock.slept == [60]


def test_long_waits_are_told(stand: StandIn) -> None:
    told: list[str] = []
    stand.fail("429", after=17)
    ask(stand, client(tell=told.append))
    assert len(told) == 1
    assert told[0].endswith("waiting 17 s, as its limits ask")


def test_a_body_over_the_cap_is_refused(stand: StandIn) -> None:
    stand.fail("large", bytes=200_000)
    with pytest.raises(FetchError, match="larger than 100,000 bytes"):
        ask(stand, client(max_bytes=100_000))


def test_an_answer_that_drips_is_cut_off(stand: StandIn) -> None:
    class RushingClock(FakeClock):
        def now(self) -> float:
            self.moment += 200
            return self.moment

    stand.fail("large", bytes=200_000)
    with pytest.raises(FetchError, match="more than 300 s"):
        ask(stand, client(RushingClock()))


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


def test_redirects_in_a_circle_end(stand: StandIn) -> None:
    stand.fail("redirect", to=PAGE, times=9)
    with pytest.raises(FetchError, match="more than 5 redirects"):
        ask(stand, client())


def test_an_address_that_is_none_is_a_fault_of_the_catalogue() -> None:
    with pytest.raises(FetchError, match="not a usable address"):
        client().get("data.ssb.no/api")
