"""Get one whole answer to one request: paced, retried, capped, and only from the host that was asked."""

from __future__ import annotations

import email.utils
import errno
import http.client
import importlib.metadata
import math
import os
import re
import socket
import ssl
import threading
import time
import urllib.parse
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import requests
import urllib3
from requests.utils import get_environ_proxies, select_proxy

from groruddalen_stats.errors import ConfigError, Fault, FetchError

USER_AGENT = (
    f"groruddalen-stats/{importlib.metadata.version('groruddalen-stats')} "
    f"(reproducible statistical appendix; requests/{requests.__version__})"
)

_BUSY = {429, 500, 502, 503, 504}
_REDIRECTS = {301, 302, 303, 307, 308}
_KEEP_METHOD = {307, 308}
_MAX_HOPS = 5
_CHUNK = 64 * 1024
_ADDRESS = "correct the 'url' of the API in config/sources.yaml, or its GRORUDDALEN_STATS_..._URL"
_CONNECTION = "check the network and the address, or try again later"
_FIRST_TRIES = 3  # tries of a host that has never answered; one that has may only be pausing
_FIRST_CONTACT = 45.0  # seconds after which a host that never answered is not tried again


# What may go well the next time; all of them are an OSError.
_PASSING = (
    requests.exceptions.ConnectionError,
    requests.exceptions.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


class UnreachableError(FetchError):
    """The host does not answer at all, so that asking it again in this run is pointless."""


class _TooSlowError(Exception):
    """One answer was not whole when its time was up."""


class _Session(requests.Session):
    """A session that sends no passwords of ~/.netrc, and leaves redirects to the client."""

    def __init__(self) -> None:
        super().__init__()
        self.auth = lambda request: request

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        """Return None: requests would read and parse a redirect even where it is told not to follow it."""
        return None


class Clock:
    """The time of the machine; tests put one in that never waits."""

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

    clock: Clock = field(default_factory=Clock)
    attempts: int = 4
    timeout: tuple[float, float] = (5.0, 30.0)
    deadline: float = 300.0
    max_bytes: int = 200_000_000
    patience: float = 300.0
    tell: Callable[[str], None] = lambda _: None
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
            raise UnreachableError(f"{host} does not answer ({self._silent[host]})", where=url, remedy=_CONNECTION)
        began, tries, problem = self.clock.now(), 0, ""
        while tries < self.attempts:
            tries += 1
            try:
                answer = self._follow(method, url, body)
            except _TooSlowError:
                problem = f"the answer took more than {self.deadline:.0f} s"
                if host not in self._heard:
                    break
                if host in self._slow:  # a second time: no third source waits as long
                    self._silent[host] = problem
                self._slow.add(host)
                raise FetchError(problem, where=url, remedy="try again later") from None
            except (OSError, ValueError, urllib3.exceptions.HTTPError, http.client.HTTPException) as error:
                problem = _reason(error, url)
                if not isinstance(error, _PASSING):
                    raise FetchError(problem, where=url, remedy=_ADDRESS) from None
                if isinstance(error, requests.exceptions.SSLError):
                    break
            else:
                if answer.status not in _BUSY:
                    return answer
                problem = f"the server answered {answer.status}"
                if tries < self.attempts:
                    self._rest(answer, tries, url)
                continue
            # Where one host is silent and none has answered, the network is down: one try per host is enough.
            if host not in self._heard and (
                (self._silent and not self._heard) or tries >= _FIRST_TRIES or self.clock.now() - began > _FIRST_CONTACT
            ):
                break
            if tries < self.attempts:
                self.clock.sleep(2.0 ** (tries - 1))
        if host not in self._heard:
            self._silent[host] = problem
            raise UnreachableError(f"{host} does not answer ({problem})", where=url, remedy=_CONNECTION)
        raise FetchError(f"{problem} ({tries} {'try' if tries == 1 else 'tries'})", where=url, remedy="try again later")

    def _pace(self, url: str) -> _Pace:
        # The limits are those of a service, and two of them may share a host.
        services = [base for base in self._paces if url.startswith(base)]
        return self._paces[max(services, key=len)] if services else self._paces.setdefault(_host(url), _Pace())

    def _follow(self, method: str, url: str, body: Any) -> Answer:
        here = url
        for _ in range(_MAX_HOPS):
            answer = self._once(method, here, body)
            if answer.status not in _REDIRECTS:
                return answer
            there = _target(here, answer.headers.get("location", ""))
            if not _same_place(here, there):
                remedy = "if the service has moved, change its 'url' in config/sources.yaml"
                raise FetchError(f"the server points to another host: {there}", where=url, remedy=remedy)
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
        pace.asked.append(self.clock.now())
        return _within(self.deadline, lambda: self._answer(pace, method, url, body))

    def _answer(self, pace: _Pace, method: str, url: str, body: Any) -> Answer:
        sent = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        with self._session.request(
            method, url, json=body, headers=sent, timeout=self.timeout, allow_redirects=False, stream=True
        ) as response:
            self._heard.add(_host(url))
            headers = {name.lower(): value for name, value in response.headers.items()}
            self._heed(pace, headers)
            chunks, size = [], 0
            for chunk in response.iter_content(_CHUNK):
                size += len(chunk)
                if size > self.max_bytes:
                    what = f"the answer is larger than {self.max_bytes:,} bytes"
                    raise FetchError(what, where=url, remedy="select less, or raise the cap")
                chunks.append(chunk)
            return Answer(url, response.status_code, headers, b"".join(chunks))

    def _heed(self, pace: _Pace, headers: Mapping[str, str]) -> None:
        """Take over the limits that a server states: ``x-ratelimit-policy: 40;w=60s`` and what remains of them."""
        policy = re.match(r"\s*([0-9]{1,9})\s*;\s*w=([0-9]{1,9})(?![0-9])", _header(headers, "policy"))
        window = min(float(policy[2]), self.patience) if policy else 60.0
        if policy:
            pace.limits.add((max(1, int(policy[1])), window))
        if _header(headers, "remaining").strip() == "0":
            stated, now = _seconds(_header(headers, "reset")), self.clock.now()
            seconds = window if stated is None else stated
            # Some servers state a moment, not a wait.
            moment = seconds if seconds > now / 2 else now + seconds
            pace.not_before = max(pace.not_before, min(moment, now + self.patience))

    def _rest(self, answer: Answer, tries: int, url: str) -> None:
        """Make the next request wait as long as a busy server asks, or as its status suggests."""
        stated = answer.headers.get("retry-after", "")
        seconds = _seconds(stated)
        if seconds is None and (moment := _moment(stated)) is not None:
            # The date has lost its parts of a second: waiting in whole seconds is never too early.
            seconds = max(0.0, math.ceil(moment - self.clock.now()))
        if seconds is None:
            seconds = 60.0 if answer.status == 429 else 5.0 * 2.0 ** (tries - 1)
        if seconds > self.patience:
            what = f"the server answered {answer.status} and asks to wait {seconds:.0f} s"
            raise FetchError(what, where=url, remedy="try again then")
        pace = self._pace(url)
        pace.not_before = max(pace.not_before, self.clock.now() + seconds)


def _host(url: str) -> str:
    try:
        return urllib.parse.urlsplit(url).netloc.lower()
    except ValueError:
        return url  # no address: asking for it says why


def _same_place(here: str, there: str) -> bool:
    old, new = urllib.parse.urlsplit(here), urllib.parse.urlsplit(there)
    if old.hostname != new.hostname:
        return False
    upgraded = (old.scheme, old.port, new.scheme, new.port) == ("http", None, "https", None)
    return upgraded or (old.scheme, old.port) == (new.scheme, new.port)


def _header(headers: Mapping[str, str], name: str) -> str:
    return headers.get(f"x-ratelimit-{name}") or headers.get(f"ratelimit-{name}") or ""


def _seconds(stated: str) -> float | None:
    """Return a stated number of seconds; None where it is no such number."""
    return float(stated) if re.fullmatch(r"\s*[0-9]{1,15}(\.[0-9]*)?\s*", stated) else None


def _moment(date: str) -> float | None:
    """Return the moment of an HTTP date, of which the two obsolete forms name no zone and mean GMT."""
    try:
        read = email.utils.parsedate_tz(date)
        return None if read is None else float(email.utils.mktime_tz(read))
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def _target(here: str, location: str) -> str:
    """Return where a redirect leads.

    Raises:
        FetchError: when it does not say so, or the address is none.
    """
    # http.client reads headers as Latin-1; what servers write there is UTF-8, if it is not plain ASCII.
    raw = location.strip().encode("latin-1", "replace")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    try:
        there = urllib.parse.urldefrag(urllib.parse.urljoin(here, text)).url if text else ""
        _ = urllib.parse.urlsplit(there).port  # reading it is what checks it
    except ValueError:
        there = ""
    if not there:
        what = f"the server redirects to what is no address: '{text[:200]}'"
        raise FetchError(what, where=here, remedy="try again later")
    return there


def _within(seconds: float, work: Callable[[], Answer]) -> Answer:
    """Return what ``work`` returns, within a time that holds for the whole of it.

    The time limit of a socket is one for every single byte, so that names that are not looked up, and headers and bodies
    that drip, are not bounded by it. A thread that is left behind ends with its connection, or with the process.

    Raises:
        _TooSlowError: when the time is up.
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
        if done.done():
            raise
        raise _TooSlowError from None


_SOCKS = {"socks4", "socks4a", "socks5", "socks5h"}


def check_environment(urls: Iterable[str]) -> None:
    """See that the machine's settings for the network can be used to ask ``urls``.

    Raises:
        ConfigError: when a variable names certificates that are not there, or a proxy that is no address.
    """
    faults: dict[Fault, None] = {}
    for url in urls:
        try:
            proxies = list(_proxies(url))
        except ValueError:
            continue  # no address, which is a fault of the source that asks there
        faults.update(dict.fromkeys([*(_certificates() if url.startswith("https:") else ()), *proxies]))
    if faults:
        raise ConfigError(faults=faults)


def _certificates() -> Iterator[Fault]:
    name = _bundle()
    path, what = os.environ.get(name, ""), ""
    try:
        if path and not Path(path).is_dir():
            ssl.create_default_context(cafile=path)
    except FileNotFoundError:
        what = "is not there"
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        what = "cannot be read as certificates"
    if what:
        yield Fault(f"the file of certificates '{path}' {what}", name, f"correct the variable {name}, or unset it")


def _bundle() -> str:
    """Return the variable that names the certificates in force, or nothing."""
    return next((name for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE") if os.environ.get(name)), "")


def _proxies(url: str) -> Iterator[Fault]:
    proxy = select_proxy(url, get_environ_proxies(url))
    if not proxy:
        return
    name = _proxy_variable(proxy)
    try:
        split = urllib.parse.urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        scheme, usable = split.scheme.lower(), bool(split.hostname) and split.port != 0
        why = "" if usable else "it has no host"
        if usable and scheme not in {"http", "https", *_SOCKS}:
            why = f"'{scheme}' is no kind of proxy"
        elif usable and scheme in _SOCKS and find_spec("socks") is None:
            why = "for SOCKS the package PySocks is missing"
    except ValueError:
        why = "its host or port cannot be read"  # the text of the error may hold a part of the password
    if why:
        yield Fault(f"the proxy cannot be used ({why})", name, f"correct the variable {name}, or unset it")


def _proxy_variable(proxy: str) -> str:
    """Return the name of the variable that holds ``proxy``; its value may hold a password and is not shown."""
    names = [name for name, value in os.environ.items() if name.lower().endswith("_proxy") and value == proxy]
    return " and ".join(sorted(names)) or "the proxy of the system"


def _reason(error: Exception, url: str) -> str:
    """Return in our own words why there was no answer."""
    for cause in _causes(error):
        match cause:
            case requests.exceptions.SSLError():
                name = _bundle()
                if not name and os.environ.get("SSL_CERT_FILE"):
                    return "its certificate is not trusted (SSL_CERT_FILE is not heeded: set REQUESTS_CA_BUNDLE)"
                return f"its certificate is not trusted{f' by those of {name}' if name else ''}"
            case requests.exceptions.InvalidProxyURL():
                return "the proxy of the machine's settings is no address"
            case requests.exceptions.ProxyError():
                proxy = select_proxy(url, get_environ_proxies(url))
                return f"the proxy does not let us through{f' ({_proxy_variable(proxy)})' if proxy else ''}"
            case requests.exceptions.ConnectTimeout():
                return "no connection in time"
            case requests.exceptions.Timeout() | urllib3.exceptions.ReadTimeoutError():
                return "the answer stalled"
            case requests.exceptions.ChunkedEncodingError() | requests.exceptions.ContentDecodingError():
                return "the connection broke in the middle of the answer"
            case ConnectionRefusedError():
                return "connection refused"
            case socket.gaierror():
                return "its name cannot be looked up"
            case OSError(errno=errno.ENETUNREACH | errno.EHOSTUNREACH):
                return "the network is unreachable"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "the connection broke"
    return f"not a usable address: {error}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and what led to it; requests and urllib3 wrap those of the socket."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
