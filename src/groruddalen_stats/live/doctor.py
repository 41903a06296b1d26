"""A look at the live services without fetching: what has drifted from config/sources.yaml."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from groruddalen_stats import strictjson
from groruddalen_stats.config.fetch import BoundaryFetch, KlassFetch, PxWebFetch
from groruddalen_stats.errors import Fault, FetchError, StatsError
from groruddalen_stats.live import klass
from groruddalen_stats.live.fetch import Catalogue, Entry, Services, unforeseen
from groruddalen_stats.live.http import Client, UnreachableError
from groruddalen_stats.live.pxweb import TableGoneError
from groruddalen_stats.pxtable.selection import Drift


@dataclass(frozen=True, slots=True)
class Finding:
    """What the live service says of one source: ``remarks`` are worth knowing, ``faults`` are worth acting on."""

    source: str
    state: Literal["ok", "drift", "unreachable"]
    remarks: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


def examine(
    catalogue: Catalogue,
    client: Client,
    names: Sequence[str] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> list[Finding]:
    """Ask for the metadata of ``names`` (or of every source) and hold them against the catalogue.

    No figures are fetched and nothing is written.

    Raises:
        ConfigError: when a name or an API is unknown.
    """
    services = Services(catalogue, client, tell)
    findings = []
    for name, entry in catalogue.chosen(names).items():
        tell(name)
        try:
            findings.append(Finding(name, "ok", tuple(_examined(services, name, entry))))
        except UnreachableError as error:
            findings.append(Finding(name, "unreachable", faults=error.faults))
        except StatsError as error:
            findings.append(Finding(name, "drift", faults=error.faults))
        except Exception as error:  # noqa: BLE001 - what nobody thought of must not stop the other sources
            findings.append(Finding(name, "drift", faults=(unforeseen(error),)))
    return findings


def exit_code(findings: Sequence[Finding]) -> int:
    """Return what a scheduler should see: 0 as believed, 3 something drifted or is away, 4 nothing answers."""
    if all(finding.state == "ok" for finding in findings):
        return 0
    return 4 if all(finding.state == "unreachable" for finding in findings) else 3


def _examined(services: Services, name: str, entry: Entry) -> Iterator[str]:
    fetch = entry.fetch
    if isinstance(fetch, KlassFetch):
        yield from _klass(services, fetch)
    elif isinstance(fetch, BoundaryFetch):
        yield _layer(services, name, fetch)
    elif fetch.table is None:
        yield f"no table is known; the server offers for '{fetch.search}': {_offers(services, fetch, fetch.search)}"
    else:
        yield from _table(services, name, fetch)
        yield from _requested(services, fetch, entry.requested)


def _table(services: Services, name: str, fetch: PxWebFetch) -> Iterator[str]:
    try:
        table, choices = services.inspect(name, fetch)
    except TableGoneError as error:
        if fetch.closed:
            yield f"the series has ended and its table is gone: {error.faults[0].what}"
            return
        offers = _offers(services, fetch, fetch.search or str(fetch.table))
        what = f"the table '{fetch.table}' is gone: {error.faults[0].what}"
        fault = services.catalogue.drift_fault(name, Drift(("table",), what, f"the server offers: {offers}"))
        raise FetchError(faults=[fault]) from None
    cells = math.prod(len(choice.codes) for choice in choices)
    time = next((c.variable for c in choices if c.variable.role == "time"), None)
    covers = f", {min(time.labels)} to {max(time.labels)}" if time else ""
    yield f"{table.label}{covers}; {cells} cells chosen"


def _requested(services: Services, fetch: PxWebFetch, requested: Sequence[str]) -> Iterator[str]:
    """Say whether the tables that the report names still answer, where another one stands in for them."""
    if services.catalogue.apis[fetch.api].dialect != "pxweb2":
        return
    for table in requested:
        if table == fetch.table or not table.isdecimal():
            continue
        try:
            title = services.pxweb(fetch.api).title(fetch.model_copy(update={"table": table}))
        except FetchError as error:
            yield f"table {table} of the report does not answer: {error.faults[0].what}"
        else:
            yield f"table {table} of the report answers: {title}"


def _offers(services: Services, fetch: PxWebFetch, text: str) -> str:
    try:
        found = services.pxweb(fetch.api).search(text)
    except FetchError as error:
        return f"nothing, its search fails ({error.faults[0].what})"
    return "; ".join(f"{table} {title}" for table, title in found[:5]) or "nothing"


def _klass(services: Services, fetch: KlassFetch) -> Iterator[str]:
    address, query = klass.question(services.url(fetch.api), fetch)
    document = klass.ask(services.client, address, query)
    yield f"{klass.check(fetch, document, address)} {fetch.what}"
    if fetch.what == "changes":
        missed = list(klass.overlooked(klass.changes(document, address), services.catalogue.regions))
        if missed:
            faults = [
                Fault(
                    f"{change.old} became {change.new} on {change.occurred}, but is still in use there",
                    "config/regions.yaml",
                    f"give {change.old} an end of validity and the successor {change.new}",
                )
                for change in missed
            ]
            raise FetchError(faults=faults)


def _layer(services: Services, name: str, fetch: BoundaryFetch) -> str:
    url = services.url(fetch.api)
    if services.catalogue.apis[fetch.api].dialect == "wfs":
        answer = services.client.get(url, {"service": "WFS", "request": "GetCapabilities"})
        known = answer.status == 200 and fetch.layer.rsplit(":", 1)[-1].encode() in answer.body
    else:
        answer = services.client.get(f"{url}/{fetch.layer}", {"f": "json"})
        known = answer.status == 200 and b"BYDEL" in answer.body and "error" not in _members(answer.body)
    if not known:
        what = f"the layer '{fetch.layer}' does not answer as expected ({answer.status})"
        raise FetchError(faults=[services.catalogue.drift_fault(name, Drift(("layer",), what, "find its new address"))])
    return f"layer {fetch.layer} answers"


def _members(body: bytes) -> set[str]:
    try:
        root = strictjson.parse(body)
    except strictjson.NotJsonError:
        return {"error"}
    return set(root) if isinstance(root, dict) else {"error"}
