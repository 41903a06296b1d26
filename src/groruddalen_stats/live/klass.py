"""The codes and code changes of SSB's classifications (KLASS), held against config/regions.yaml."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from groruddalen_stats import strictjson
from groruddalen_stats.config.fetch import KlassFetch, UnitsOf
from groruddalen_stats.errors import FetchError, RegionError
from groruddalen_stats.live.http import Client
from groruddalen_stats.regions import Regions

_MEMBER = {"codes": "codes", "changes": "codeChanges"}


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a classification."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """One old code that became a new one; a split or a merger is several of these."""

    old: str
    new: str
    occurred: dt.date


def question(url: str, fetch: KlassFetch) -> tuple[str, dict[str, str]]:
    """Return the address and the query of a classification's codes or changes; both dates are inclusive there."""
    address = f"{url}/classifications/{fetch.classification}/{fetch.what}"
    return address, {"from": fetch.first.isoformat(), "to": fetch.last.isoformat()}


def ask(client: Client, address: str, query: dict[str, str]) -> bytes:
    """Return the answer of KLASS.

    Raises:
        FetchError: when it is not an answer of 200.
    """
    answer = client.get(address, query)
    if answer.status != 200:
        raise FetchError(
            f"the server answered {answer.status}", where=address, remedy="check the classification's number"
        )
    return answer.body


def codes(document: bytes, name: str = "KLASS") -> list[Code]:
    """Return the codes of a ``codes`` answer.

    Raises:
        FetchError: when it is no such answer, or is empty.
    """
    return [Code(_text(entry, "code", name), _text(entry, "name", name)) for entry in _entries(document, "codes", name)]


def changes(document: bytes, name: str = "KLASS") -> list[Change]:
    """Return the changes of a ``changes`` answer.

    Raises:
        FetchError: as :func:`codes`, or when a date cannot be read.
    """
    found = []
    for entry in _entries(document, "codeChanges", name):
        day = _text(entry, "changeOccurred", name)
        try:
            occurred = dt.date.fromisoformat(day)
        except ValueError:
            raise FetchError(f"'{day}' is not a date", where=name) from None
        found.append(Change(_text(entry, "oldCode", name), _text(entry, "newCode", name), occurred))
    return found


def check(fetch: KlassFetch, document: bytes, name: str) -> int:
    """Return how many codes or changes a document holds; raises FetchError when it is not what was asked for."""
    return len(codes(document, name) if fetch.what == "codes" else changes(document, name))


def correspondence(client: Client, url: str, units: UnitsOf) -> dict[str, str]:
    """Return which code of ``units.source`` each code of ``units.target`` belongs to.

    Raises:
        FetchError: when KLASS has no such correspondence, or gives one code to two.
    """
    address = f"{url}/classifications/{units.source}/correspondsAt"
    query = {"targetClassificationId": str(units.target), "date": units.date.isoformat()}
    document = ask(client, address, query)
    entries = _entries(document, "correspondenceItems", address)
    belongs: dict[str, str] = {}
    for entry in entries:
        target, source = _text(entry, "targetCode", address), _text(entry, "sourceCode", address)
        if belongs.setdefault(target, source) != source:
            raise FetchError(
                f"{target} belongs to both {belongs[target]} and {source}",
                where=address,
                remedy="ask for the correspondence of another date",
            )
    return belongs


def overlooked(found: list[Change], regions: Regions) -> Iterator[Change]:
    """Yield the changes after which config/regions.yaml still holds the old code to be in use."""
    for change in found:
        if change.old == change.new:
            continue  # a new name, or a new meaning of the same digits, which has its own entry
        try:
            regions.unit("klass", change.old, change.occurred)
        except RegionError:
            continue
        yield change


def _entries(document: bytes, member: str, name: str) -> list[Any]:
    try:
        root = strictjson.parse(document)
    except strictjson.NotJsonError as error:
        raise FetchError(
            f"the answer is not JSON to rely on: {error.what}", where=name, remedy="try again later"
        ) from None
    entries = root.get(member) if isinstance(root, dict) else None
    if not isinstance(entries, list) or not entries:
        raise FetchError(f"the answer has no '{member}'", where=name, remedy="check the classification and the dates")
    return entries


def _text(entry: Any, key: str, name: str) -> str:
    text = entry.get(key) if isinstance(entry, dict) else None
    if not isinstance(text, str):
        raise FetchError(f"an entry has no '{key}'", where=name)
    return text
