"""A look at the live services without fetching: what has drifted from config/sources.yaml."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.fetch import BoundaryFetch, KlassFetch, PxWebFetch
from groruddalen_stats.config.models import Source
from groruddalen_stats.errors import Fault, FetchError, SnapshotError, StatsError
from groruddalen_stats.live import klass
from groruddalen_stats.live.fetch import Services, chosen, drift_fault, unforeseen
from groruddalen_stats.live.http import Client, UnreachableError
from groruddalen_stats.live.patch import Edit
from groruddalen_stats.live.pxweb import TableGoneError
from groruddalen_stats.pxtable import jsonstat
from groruddalen_stats.pxtable.selection import Drift, plain
from groruddalen_stats.regions import polygons


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the live service says of one source: ``remarks`` are worth knowing, ``faults`` are worth acting on."""

    source: str
    state: Literal["ok", "drift", "unreachable"]
    remarks: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    edits: tuple[Edit, ...] = ()


class _DriftError(FetchError):
    """A table is not as the catalogue believes; ``edits`` are the answers that are clear."""

    def __init__(self, faults: Iterable[Fault], edits: Iterable[Edit]) -> None:
        super().__init__(faults=faults)
        self.edits = tuple(edits)


def examine(catalogue: Catalogue, client: Client, names: Sequence[str] = ()) -> list[Diagnosis]:
    """Ask for the metadata of ``names`` (or of every source) and hold them against the catalogue.

    No figures are fetched and nothing is written.
    """
    services, findings = Services(catalogue, client), []
    for name, source in chosen(catalogue, names).items():
        try:
            findings.append(Diagnosis(name, "ok", tuple(_examined(services, name, source))))
        except UnreachableError as error:
            findings.append(Diagnosis(name, "unreachable", faults=error.faults))
        except StatsError as error:
            edits = error.edits if isinstance(error, _DriftError) else ()
            findings.append(Diagnosis(name, "drift", faults=error.faults, edits=edits))
        except Exception as error:  # noqa: BLE001 - what nobody thought of must not stop the other sources
            findings.append(Diagnosis(name, "drift", faults=(unforeseen(error),)))
    return findings


def exit_code(findings: Sequence[Diagnosis]) -> int:
    """Return what a scheduler should see: 0 as believed, 3 something drifted or is away, 4 nothing answers."""
    if all(finding.state == "ok" for finding in findings):
        return 0
    return 4 if all(finding.state == "unreachable" for finding in findings) else 3


def _examined(services: Services, name: str, source: Source) -> Iterator[str]:
    fetch = source.fetch
    assert fetch is not None
    if isinstance(fetch, KlassFetch):
        yield from _klass(services, fetch)
    elif isinstance(fetch, BoundaryFetch):
        yield _layer(services, name, fetch)
    elif not fetch.asks:
        yield f"no table is known; the server offers for '{fetch.search}': {_offers(services, fetch, fetch.search)}"
    else:
        yield from _table(services, name, fetch)
        yield from _requested(services, fetch, source.lineage.requested if source.lineage else ())


def _table(services: Services, name: str, fetch: PxWebFetch) -> Iterator[str]:
    try:
        table, choices, drifts = services.pxweb(fetch.api).inspect(fetch)
    except TableGoneError as error:
        if fetch.closed:
            yield f"the series has ended and its table is gone: {error.faults[0].what}"
            return
        if fetch.table is None:
            yield f"no table is known: {error.faults[0].what}"
            return
        offers = _offers(services, fetch, fetch.search or str(fetch.table))
        what = f"the table '{fetch.table}' is gone: {error.faults[0].what}"
        fault = drift_fault(services.catalogue, name, Drift(("table",), what, f"the server offers: {offers}"))
        # The table may be named once for readers and services alike.
        entry = services.catalogue.sources.sources[name]
        edits = [
            Edit(("sources", name, *(() if getattr(entry, key, "") == getattr(fetch, key) else ("fetch",)), key), new)
            for key, new in _successor(services, name, fetch).items()
        ]
        raise _DriftError([fault], edits) from None
    if drifts:
        in_force = _snapshot(services, name).exists()
        edits = [
            Edit(("sources", name, "fetch", *d.place), d.instead, also=in_force and _is_wording(d))
            for d in drifts
            if d.instead is not None
        ]
        raise _DriftError([drift_fault(services.catalogue, name, drift) for drift in drifts], edits)
    cells = math.prod(len(choice.codes) for choice in choices)
    time = next((c.variable for c in choices if c.variable.role == "time"), None)
    covers = f", {min(time.labels)} to {max(time.labels)}" if time else ""
    yield f"{table.label}{covers}; {cells} cells chosen"


def _is_wording(drift: Drift) -> bool:
    """Return whether spellings may stand side by side at the place of a drift."""
    return drift.place[2] not in {"codes", "take", "years"}


def _snapshot(services: Services, name: str) -> Path:
    return services.catalogue.paths.raw / services.catalogue.sources.sources[name].fetched(name)[""]


def _successor(services: Services, name: str, fetch: PxWebFetch) -> dict[str, str]:
    """Return what ``table`` (and ``folder``) is to be, where one other table has the title of the one that is gone.

    The title is known from the snapshot in force, or is what ``search`` says; what a publisher adds to it (a number,
    remarks in brackets, a span of years) does not count.
    """
    titles = [title_stem(fetch.search)]
    with suppress(OSError, SnapshotError):
        titles.append(title_stem(jsonstat.describe(_snapshot(services, name).read_bytes()).label))
    server, offered = services.pxweb(fetch.api).server, []
    with suppress(FetchError):
        offered += server.listing(fetch)
    for title in filter(None, titles):
        with suppress(FetchError):
            offered += server.search(title)
    wanted = {plain(title) for title in titles if title}
    found = {place for place, title in offered if plain(title_stem(title)) in wanted and place != fetch.table}
    if len(found) != 1:
        return {}
    folder, _, table = found.pop().strip("/").rpartition("/")
    if not str(fetch.table).endswith(".px"):  # Oslo's are named by their stem
        table = table.removesuffix(".px")
        table = table if str(fetch.table).startswith("OK-") else table.removeprefix("OK-")
    new = {"table": table, "folder": folder}
    return {key: word for key, word in new.items() if word and getattr(fetch, key) not in {None, word}}


_ADDED = re.compile(r"^[\w-]*\d\d[\w-]*\s*[:.]\s+|\s*\([^)]*\)|[\s,.:]+\d{4}\s*[-–]\s*\d{4}$")


def title_stem(title: str) -> str:
    """Return a table's title without the number before it, remarks in brackets, and a span of years at its end."""
    while (short := _ADDED.sub("", title.strip())) != title:
        title = short
    return title


def _requested(services: Services, fetch: PxWebFetch, requested: Sequence[str]) -> Iterator[str]:
    """Say whether the tables that the report names still answer, where another one stands in for them."""
    if services.catalogue.sources.apis[fetch.api].dialect != "pxweb2":
        return
    for table in requested:
        if table == fetch.table or not table.isdecimal():
            continue
        try:
            server = services.pxweb(fetch.api).server
            title = server.table(server.address(fetch.model_copy(update={"table": table}))).label
        except StatsError as error:
            yield f"table {table} of the report does not answer: {error.faults[0].what}"
        else:
            yield f"table {table} of the report answers: {title}"


def _offers(services: Services, fetch: PxWebFetch, text: str) -> str:
    try:
        found = services.pxweb(fetch.api).server.search(text)
    except FetchError as error:
        return f"nothing, its search fails ({error.faults[0].what})"
    return "; ".join(f"{table} {title}" for table, title in found[:5]) or "nothing"


def _klass(services: Services, fetch: KlassFetch) -> Iterator[str]:
    address, query = klass.question(services.url(fetch.api), fetch)
    document = klass.ask(services.client, address, query)
    yield f"{klass.check(fetch, document, address)} {fetch.what}"
    if fetch.what == "changes":
        missed = list(klass.overlooked(klass.changes(document, address), services.regions))
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
    """Return what a layer of an ArcGIS service says; its fallback is only looked at when it is fetched."""
    address = f"{services.url(fetch.api)}/{fetch.layer}"
    answer = services.client.get(address, {"f": "json"})
    if answer.status != 200 or b"BYDEL" not in answer.body or "error" in polygons.members(answer.body, address):
        what = f"the layer '{fetch.layer}' does not answer as expected ({answer.status})"
        raise FetchError(
            faults=[drift_fault(services.catalogue, name, Drift(("layer",), what, "find its new address"))]
        )
    return f"layer {fetch.layer} answers"
