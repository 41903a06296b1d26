"""The codes and code changes of SSB's classifications (KLASS), held against config/regions.yaml."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from groruddalen_stats import strictjson
from groruddalen_stats.config.fetch import KlassFetch, UnitsOf
from groruddalen_stats.errors import FetchError, RegionError
from groruddalen_stats.live.http import Client
from groruddalen_stats.regions import Regions

_CHANGES = "codeChanges"
_NO_CHANGES = b'{"codeChanges":[]}'


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
    """Return the answer of KLASS."""
    answer = client.get(address, query)
    if answer.status == 404 and address.endswith("/changes"):
        # Two versions without a table of changes between them: nothing is known to have changed.
        return _NO_CHANGES
    if answer.status != 200:
        what = f"the server answered {answer.status}"
        raise FetchError(what, where=address, remedy="check the classification's number")
    return answer.body


def changes(document: bytes, name: str = "KLASS") -> list[Change]:
    """Return the changes of a ``changes`` answer."""
    found = entries(document, _CHANGES, ("oldCode", "newCode", "changeOccurred"), name)
    try:
        return [Change(old, new, dt.date.fromisoformat(day)) for old, new, day in found]
    except ValueError as error:
        raise FetchError(f"a date cannot be read: {error}", where=name) from None


def check(fetch: KlassFetch, document: bytes, name: str) -> int:
    """Return how many codes or changes a document holds; raises FetchError when it is not what was asked for."""
    if fetch.what == "codes":
        return len(entries(document, "codes", ("code", "name"), name))
    return len(changes(document, name))


def correspondence(client: Client, url: str, units: UnitsOf) -> dict[str, str]:
    """Return which code of ``units.source`` each code of ``units.target`` belongs to."""
    address = f"{url}/classifications/{units.source}/correspondsAt"
    query = {"targetClassificationId": str(units.target), "date": units.date.isoformat()}
    belongs: dict[str, str] = {}
    document = ask(client, address, query)
    for target, source in entries(document, "correspondenceItems", ("targetCode", "sourceCode"), address):
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


def entries(document: bytes, member: str, keys: Sequence[str], name: str = "KLASS") -> list[tuple[str, ...]]:
    """Return the texts of ``keys`` in each entry of an answer's ``member``."""
    root = strictjson.parse(document, name, FetchError)
    listed = root.get(member) if isinstance(root, dict) else None
    if not isinstance(listed, list) or not (listed or member == _CHANGES):
        raise FetchError(f"the answer has no '{member}'", where=name, remedy="check the classification and the dates")
    for entry in listed:
        for key in keys:
            if not isinstance(entry, dict) or not isinstance(entry.get(key), str):
                raise FetchError(f"an entry has no '{key}'", where=name)
    return [tuple(entry[key] for key in keys) for entry in listed]
