"""Turns one request into one whole answer: paced, retried, capped, and only from the host that was asked."""

from __future__ import annotations

import email.utils
import importlib.metadata
import re
import time
import urllib.parse
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import requests

from groruddalen_stats.errors import FetchError

USER_AGENT = (
    f"groruddalen-stats/{importlib.metadata.version('groruddalen-stats')} "
    f"(reproducible statistical appendix; requests/{requests.__version__})"
)

_BUSY = {429, 502, 503, 504}
_REDIRECTS = {301, 302, 303, 307, 308}
_KEEP_METHOD = {307, 308}
_MAX_HOPS = 5
_CHUNK = 64 * 1024
_CONNECTION = "check the network and the address, or try again later"
_FIRST_TRIES = 3  # tries of a host that has never answered; one that has may only be pausing
_FIRST_CONTACT = 45.0  # seconds after which a host that never answered is not tried again


class UnreachableError(FetchError):
    """The host does not answer at all, so that asking it again in this run is pointless."""


class Clock(Protocol):
    """Time as the client sees it; tests put one in that never waits."""

    def now(self) -> float:
        """Return the seconds since the epoch."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The time of the machine."""

    def now(self) -> float:
        """Return the seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: the address that gave it, its HTTP status, headers (lower-case names) and body."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class _Pace:
    """How fast one host may be asked: at most ``calls`` in ``seconds`` for each limit, and not before a moment."""

    limits: set[tuple[int, float]] = field(default_factory=set)
    asked: deque[float] = field(default_factory=lambda: deque(maxlen=1000))
    not_before: float = 0.0

    def wait(self, now: float) -> float:
        ready = self.not_before
        for calls, seconds in self.limits:
            if len(self.asked) >= calls:
                ready = max(ready, self.asked[-calls] + seconds)
        return max(0.0, ready - now)


def _no_news(_: str) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Client:
    """A polite HTTP client, one per run: it remembers the pace of every service and the hosts that do not answer.

    Attributes:
        attempts: How often one request is tried in all.
        timeout: Seconds to connect, and seconds without a byte.
        deadline: Seconds that one whole answer may take.
        max_bytes: Largest body, counted after decompression.
        patience: Longest wait, in seconds, that a server may ask for.
        tell: Is told of long waits.
    """

    clock: Clock = field(default_factory=SystemClock)
    attempts: int = 4
    timeout: tuple[float, float] = (5.0, 30.0)
    deadline: float = 300.0
    max_bytes: int = 200_000_000
    patience: float = 300.0
    tell: Callable[[str], None] = _no_news
    _session: requests.Session = field(default_factory=requests.Session)
    _paces: dict[str, _Pace] = field(default_factory=dict)
    _heard: set[str] = field(default_factory=set)
    _silent: dict[str, str] = field(default_factory=dict)

    def limit(self, url: str, calls: int, seconds: float) -> None:
        """Never send more than ``calls`` requests in ``seconds`` to what is below ``url``; several limits all hold."""
        if calls > 0 and seconds > 0:
            self._paces.setdefault(url.rstrip("/"), _Pace()).limits.add((calls, seconds))

    def get(self, url: str, params: Mapping[str, str] | None = None) -> Answer:
        """Ask for ``url``; see :meth:`request` for the errors."""
        query = urllib.parse.urlencode(params or {}, quote_via=urllib.parse.quote)
        return self.request("GET", f"{url}?{query}" if query else url)

    def request(self, method: str, url: str, body: Any = None) -> Answer:
        """Return the server's final answer, of any status that is not a plea to come back later.

        Args:
            method: GET or POST.
            url: The full address.
            body: Sent as JSON in UTF-8.

        Raises:
            UnreachableError: when the host never answered; at once when that is known from before.
            FetchError: when the server stayed busy, broke off, sent too much, was too slow or pointed elsewhere.
        """
        host = _host(url)
        if host in self._silent:
            raise UnreachableError(
                f"{host} does not answer ({self._silent[host]})", where=url, remedy=_CONNECTION
            )
        began, tries, problem = self.clock.now(), 0, ""
        while tries < self.attempts:
            tries += 1
            try:
                answer = self._follow(method, url, body)
            except requests.exceptions.SSLError as error:
                problem = _reason(error)
                break
            except (requests.exceptions.ConnectionError, requests.exceptions.Timeout) as error:
                problem = _reason(error)
            except (
                requests.exceptions.ChunkedEncodingError,
                requests.exceptions.ContentDecodingError,
            ):
                problem = "the connection broke in the middle of the answer"
            except requests.exceptions.RequestException as error:
                raise FetchError(_reason(error), where=url, remedy="correct the address") from None
            else:
                if answer.status not in _BUSY:
                    return answer
                problem = f"the server answered {answer.status}"
                if tries < self.attempts:
                    self._rest(answer, tries, url)
                continue
            # Where one host is silent and none has answered, the network is down: one try per host is enough.
            if host not in self._heard and (
                (self._silent and not self._heard)
                or tries >= _FIRST_TRIES
                or self.clock.now() - began > _FIRST_CONTACT
            ):
                break
            if tries < self.attempts:
                self.clock.sleep(2.0 ** (tries - 1))
        if host not in self._heard:
            self._silent[host] = problem
            raise UnreachableError(f"{host} does not answer ({problem})", where=url, remedy=_CONNECTION)
        times = "1 try" if tries == 1 else f"{tries} tries"
        raise FetchError(f"{problem} ({times})", where=url, remedy="try again later")

    def _pace(self, url: str) -> _Pace:
        # The limits are those of a service, and two of them may share a host.
        services = [base for base in self._paces if url.startswith(base)]
        return (
            self._paces[max(services, key=len)] if services else self._paces.setdefault(_root(url), _Pace())
        )

    def _follow(self, method: str, url: str, body: Any) -> Answer:
        here = url
        for _ in range(_MAX_HOPS):
            answer = self._once(method, here, body)
            if answer.status not in _REDIRECTS:
                return answer
            there = urllib.parse.urljoin(here, answer.headers.get("location", ""))
            if not _same_place(here, there):
                raise FetchError(
                    f"the server points to another host: {there}",
                    where=url,
                    remedy="if the service has moved, change its 'url' in config/sources.yaml",
                )
            if method != "GET" and answer.status not in _KEEP_METHOD:
                raise FetchError(f"the server redirects a {method} with {answer.status}", where=url)
            here = there
        raise FetchError(f"more than {_MAX_HOPS} redirects", where=url)

    def _once(self, method: str, url: str, body: Any) -> Answer:
        pace = self._pace(url)
        wait = pace.wait(self.clock.now())
        if wait > 0:
            if wait >= 5:
                self.tell(f"{_host(url)}: waiting {wait:.0f} s, as its limits ask")
            self.clock.sleep(wait)
        began = self.clock.now()
        pace.asked.append(began)
        with self._session.request(
            method,
            url,
            json=body,
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            timeout=self.timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            self._heard.add(_host(url))
            headers = {name.lower(): value for name, value in response.headers.items()}
            self._heed(pace, headers)
            chunks, size = [], 0
            for chunk in response.iter_content(_CHUNK):
                size += len(chunk)
                if size > self.max_bytes:
                    raise FetchError(
                        f"the answer is larger than {self.max_bytes:,} bytes",
                        where=url,
                        remedy="select less, or raise the cap",
                    )
                if self.clock.now() - began > self.deadline:
                    raise FetchError(f"the answer took more than {self.deadline:.0f} s", where=url)
                chunks.append(chunk)
            return Answer(url, response.status_code, headers, b"".join(chunks))

    def _heed(self, pace: _Pace, headers: Mapping[str, str]) -> None:
        """Take over the limits that a server states: ``x-ratelimit-policy: 40;w=60s`` and what remains of them."""
        policy = re.match(r"\s*(\d+)\s*;\s*w=(\d+)", _header(headers, "policy"))
        if policy:
            pace.limits.add((max(1, int(policy[1])), float(policy[2])))
        if _header(headers, "remaining").strip() == "0":
            reset = _header(headers, "reset").strip()
            seconds = float(reset) if reset.isdecimal() else float(policy[2]) if policy else 60.0
            now = self.clock.now()
            moment = (
                seconds if seconds > now / 2 else now + seconds
            )  # some servers state a moment, not a wait
            pace.not_before = max(pace.not_before, min(moment, now + self.patience))

    def _rest(self, answer: Answer, tries: int, url: str) -> None:
        """Make the next request wait as long as a busy server asks, or as its status suggests."""
        stated = answer.headers.get("retry-after", "").strip()
        if stated.isdecimal():
            seconds = float(stated)
        elif stated and (moment := _moment(stated)) is not None:
            seconds = max(0.0, moment - self.clock.now())
        else:
            seconds = 60.0 if answer.status == 429 else 5.0 * 2.0 ** (tries - 1)
        if seconds > self.patience:
            raise FetchError(
                f"the server answered {answer.status} and asks to wait {seconds:.0f} s",
                where=url,
                remedy="try again then",
            )
        pace = self._pace(url)
        pace.not_before = max(pace.not_before, self.clock.now() + seconds)


def _host(url: str) -> str:
    return urllib.parse.urlsplit(url).netloc.lower()


def _root(url: str) -> str:
    split = urllib.parse.urlsplit(url)
    return f"{split.scheme}://{split.netloc}"


def _same_place(here: str, there: str) -> bool:
    old, new = urllib.parse.urlsplit(here), urllib.parse.urlsplit(there)
    if old.hostname != new.hostname:
        return False
    upgraded = (old.scheme, old.port, new.scheme, new.port) == ("http", None, "https", None)
    return upgraded or (old.scheme, old.port) == (new.scheme, new.port)


def _header(headers: Mapping[str, str], name: str) -> str:
    return headers.get(f"x-ratelimit-{name}") or headers.get(f"ratelimit-{name}") or ""


def _moment(date: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None


def _reason(error: Exception) -> str:
    text = str(error)
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy does not let us through"
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.exceptions.Timeout) or "Read timed out" in text:
        return "the answer stalled"
    if "refused" in text:
        return "connection refused"
    if "resolve" in text or "Name or service" in text:
        return "its name cannot be looked up"
    if "unreachable" in text:
        return "the network is unreachable"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "the connection broke"
    return f"not a usable address: {text}"
