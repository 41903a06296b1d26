"""Get one whole answer to one request: paced, retried, capped, and only from the host that was asked."""

from __future__ import annotations

import importlib.metadata
import math
import re
import socket
import threading
import time
import urllib.parse
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

import requests
import requests.exceptions as failed
import urllib3.exceptions
from requests.utils import get_environ_proxies, select_proxy

from groruddalen_stats.errors import FetchError

USER_AGENT = (
    f"groruddalen-stats/{importlib.metadata.version('groruddalen-stats')} "
    f"(reproducible statistical appendix; requests/{requests.__version__})"
)

_BUSY = {429, 500, 502, 503, 504}
_CHUNK = 64 * 1024
_FIRST_TRIES = 2  # of a host that has never answered; one that has may only be pausing
_LATER = "try again later"
_PROXY = "correct the proxy that HTTP_PROXY, HTTPS_PROXY or ALL_PROXY names, or unset it"
_CERTIFICATES = "correct REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE, or unset it (SSL_CERT_FILE is not heeded)"
_NETWORK = "check the network and the address, or try again later"
# What went wrong, in our words, by what requests, urllib3 and the socket call it: the first that is among the causes.
_REASONS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, str], ...] = (
    (failed.SSLError, "its certificate is not trusted", _CERTIFICATES),
    (failed.ProxyError, "the proxy does not let us through", _PROXY),
    (failed.TooManyRedirects, "it redirects in a circle", _LATER),
    (failed.ConnectTimeout, "no connection in time", _NETWORK),
    ((failed.Timeout, urllib3.exceptions.ReadTimeoutError), "the answer stalled", _NETWORK),
    (
        (failed.ChunkedEncodingError, failed.ContentDecodingError),
        "the connection broke in the middle of the answer",
        _LATER,
    ),
    (ConnectionRefusedError, "connection refused", _NETWORK),
    (socket.gaierror, "its name cannot be looked up", _NETWORK),
    (failed.ConnectionError, "the connection broke", _NETWORK),
)
# What may go well the next time.
_PASSING = (failed.ConnectionError, failed.Timeout, failed.ChunkedEncodingError, failed.ContentDecodingError)


class UnreachableError(FetchError):
    """The host does not answer at all, so that asking it again in this run is pointless."""


class _TooSlowError(Exception):
    """One answer was not whole when its time was up."""


class _Session(requests.Session):
    """A session that sends no passwords of ~/.netrc, and follows redirects within the service that was asked only."""

    def __init__(self) -> None:
        super().__init__()
        self.auth = lambda request: request
        self.max_redirects = 5

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Do nothing: requests would look into ~/.netrc here."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where a redirect leads, None where the response is none.

        Raises:
            FetchError: when that is no address, another host, or would turn a question into another one.
        """
        target, fault = "", ("", "")
        try:
            target = super().get_redirect_target(resp) or ""
            here, there = (urllib.parse.urlsplit(urllib.parse.urljoin(resp.url, to)) for to in ("", target))
            if not _same_place(here, there):
                remedy = "if the service has moved, change its 'url' in config/sources.yaml"
                fault = f"the server points to another host: {target}", remedy
            elif target and resp.request.method != "GET" and resp.status_code not in {307, 308}:
                fault = f"the server redirects a {resp.request.method} with {resp.status_code}", ""
        except ValueError:
            fault = f"the server redirects to what is no address: '{resp.headers['location'][:200]}'", _LATER
        if fault[0]:
            resp.close()
            raise FetchError(fault[0], where=resp.url, remedy=fault[1])
        return target or None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its HTTP status, headers (in any case) and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class _Pace:
    """How fast one service may be asked: at most ``calls`` in ``seconds`` for each limit, and not before a moment."""

    limits: set[tuple[int, float]] = field(default_factory=set)
    asked: deque[float] = field(default_factory=lambda: deque(maxlen=1000))
    not_before: float = 0.0

    def wait(self, now: float) -> float:
        ready = [self.asked[-calls] + seconds for calls, seconds in self.limits if len(self.asked) >= calls]
        return max(0.0, self.not_before - now, *(moment - now for moment in ready))


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
        now: The seconds since the epoch.
    """

    attempts: int = 4
    timeout: tuple[float, float] = (5.0, 30.0)
    deadline: float = 300.0
    max_bytes: int = 200_000_000
    patience: float = 300.0
    tell: Callable[[str], None] = lambda _: None
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    _session: requests.Session = field(default_factory=_Session)
    _paces: dict[str, _Pace] = field(default_factory=dict)
    _heard: set[str] = field(default_factory=set)
    _silent: dict[str, str] = field(default_factory=dict)
    _slow: set[str] = field(default_factory=set)

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

        Raises:
            UnreachableError: when the host never answered; at once when that is known from before.
            FetchError: when the server stayed busy, broke off, sent too much, was too slow or pointed elsewhere.
        """
        host, tries = _host(url), 0
        while host not in self._silent:
            tries += 1
            try:
                answer = self._once(method, url, body)
            except _TooSlowError:
                problem = f"the answer took more than {self.deadline:.0f} s"
                if host in self._slow:  # a second time: no third source waits as long
                    self._silent[host] = problem
                self._slow.add(host)
                raise FetchError(problem, where=url, remedy=_LATER) from None
            except (OSError, ValueError, urllib3.exceptions.HTTPError, HTTPException) as error:
                problem, remedy = _reason(error, url)
                if not isinstance(error, _PASSING):
                    raise FetchError(problem, where=url, remedy=remedy) from None
                # Where one host is silent and none has answered, the network is down: one try per host is enough.
                first = 1 if self._silent and not self._heard else _FIRST_TRIES
                if host not in self._heard and (tries >= first or isinstance(error, failed.SSLError)):
                    self._silent[host] = problem
                    raise UnreachableError(f"{host} does not answer ({problem})", where=url, remedy=remedy) from None
                wait = 2.0 ** (tries - 1)
            else:
                if answer.status not in _BUSY:
                    return answer
                problem, wait = f"the server answered {answer.status}", self._retry_after(answer, tries)
                if wait > self.patience:
                    what = f"{problem} and asks to wait {wait:.0f} s"
                    raise FetchError(what, where=url, remedy="try again then")
            if tries >= self.attempts:
                raise FetchError(f"{problem} ({tries} tries)", where=url, remedy=_LATER)
            pace = self._pace(url)
            pace.not_before = max(pace.not_before, self.now() + wait)
        raise UnreachableError(f"{host} does not answer ({self._silent[host]})", where=url, remedy=_NETWORK)

    def _pace(self, url: str) -> _Pace:
        # The limits are those of a service, and two of them may share a host.
        services = [base for base in self._paces if url.startswith(base)]
        return self._paces[max(services, key=len)] if services else self._paces.setdefault(_host(url), _Pace())

    def _once(self, method: str, url: str, body: Any) -> Answer:
        pace = self._pace(url)
        wait = pace.wait(self.now())
        if wait > 0:
            if wait >= 5:
                self.tell(f"{_host(url)}: waiting {wait:.0f} s, as its limits ask")
            self.sleep(wait)
        pace.asked.append(self.now())
        return _within(self.deadline, lambda: self._answer(pace, method, url, body))

    def _answer(self, pace: _Pace, method: str, url: str, body: Any) -> Answer:
        sent = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        with self._session.request(
            method, url, json=body, headers=sent, timeout=self.timeout, allow_redirects=True, stream=True
        ) as response:
            self._heard.add(_host(url))
            self._follow_limits(pace, response.headers)
            content = bytearray()
            for chunk in response.iter_content(_CHUNK):
                content += chunk
                if len(content) > self.max_bytes:
                    what = f"the answer is larger than {self.max_bytes:,} bytes"
                    raise FetchError(what, where=url, remedy="select less, or raise the cap")
            return Answer(response.status_code, response.headers, bytes(content))

    def _follow_limits(self, pace: _Pace, headers: Mapping[str, str]) -> None:
        """Take over the limits that a server states: ``x-ratelimit-policy: 40;w=60s`` and what remains of them."""
        window = 60.0
        if policy := re.match(r"\s*(\d{1,9})\s*;\s*w=(\d{1,9})(?!\d)", headers.get("x-ratelimit-policy", ""), re.ASCII):
            window = min(float(policy[2]), self.patience)
            pace.limits.add((max(1, int(policy[1])), window))
        if headers.get("x-ratelimit-remaining", "").strip() == "0":
            pace.not_before = max(pace.not_before, self.now() + window)

    def _retry_after(self, answer: Answer, tries: int) -> float:
        """Return how many seconds a busy server asks to wait, or else its status suggests."""
        stated = answer.headers.get("retry-after", "")
        with suppress(ValueError, OverflowError, urllib3.exceptions.InvalidHeader):
            # A date has lost its parts of a second: waiting in whole seconds is never too early.
            return float(math.ceil(urllib3.Retry().parse_retry_after(stated)))
        return 60.0 if answer.status == 429 else 5.0 * 2.0 ** (tries - 1)


def _host(url: str) -> str:
    try:
        return urllib.parse.urlsplit(url).netloc.lower()
    except ValueError:
        return url  # no address: asking for it says why


def _same_place(old: urllib.parse.SplitResult, new: urllib.parse.SplitResult) -> bool:
    upgraded = (old.scheme, old.port, new.scheme, new.port) == ("http", None, "https", None)
    return old.hostname == new.hostname and (upgraded or (old.scheme, old.port) == (new.scheme, new.port))


def _within(seconds: float, work: Callable[[], Answer]) -> Answer:
    """Return what ``work`` returns, within a time that holds for the whole of it.

    The time limit of a socket is one for every single byte, so that names that are not looked up, and headers and bodies
    that drip, are not bounded by it. A thread that is left behind ends with its connection, or with the process.
    """
    done: Future[Answer] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - handed over to the thread that waits
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        return done.result(seconds)
    except TimeoutError:
        raise _TooSlowError from None


def _reason(error: Exception, url: str) -> tuple[str, str]:
    """Return in our own words why there was no answer, and what to do; a proxy may hold a password and is not shown."""
    causes = list(_causes(error))
    for kind, what, remedy in _REASONS:
        if any(isinstance(cause, kind) for cause in causes):
            return what, remedy
    if type(error) is OSError:  # of requests' own: it looks whether the file is there, and names it
        return f"its certificate cannot be looked at: {error}", _CERTIFICATES
    with suppress(ValueError):
        if select_proxy(url, get_environ_proxies(url)):
            return "the proxy of the machine's settings cannot be used, or this is no address", _PROXY
    return f"not a usable address: {error}", "correct the 'url' of the API, or its GRORUDDALEN_STATS_..._URL"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and what led to it; requests and urllib3 wrap those of the socket."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
