"""Turns the catalogue's fetch blocks into new snapshots under data/raw: all valid ones in one change, or none."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import yaml

from groruddalen_stats.config.fetch import (
    Api,
    BoundaryFetch,
    Fetch,
    KlassFetch,
    PxWebFetch,
    misplaced,
    snapshot_path,
)
from groruddalen_stats.config.load import fault_at
from groruddalen_stats.errors import ConfigError, ContractError, Fault, FetchError, StatsError, did_you_mean
from groruddalen_stats.live import boundaries, klass, vintage
from groruddalen_stats.live.http import Client, UnreachableError
from groruddalen_stats.live.pxweb import PxWeb, Table
from groruddalen_stats.paths import Paths
from groruddalen_stats.pxtable.selection import Choice, Drift
from groruddalen_stats.regions import Regions
from groruddalen_stats.sources import keep
from groruddalen_stats.sources.journal import recover
from groruddalen_stats.sources.store import SIDECAR, Store
from groruddalen_stats.tidy.fetched import KEY

Observe = Callable[[str, PxWebFetch, bytes, str], pd.DataFrame]
State = Literal["fetched", "unchanged", "failed", "no table"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalogue says of one source that can be fetched; ``requested`` are the tables the report names."""

    fetch: Fetch
    publisher: str
    title: str
    reference: str
    licence: str
    attribution: Mapping[str, str]
    requested: Sequence[str] = ()


@dataclass(frozen=True)
class Catalogue:
    """Everything a fetch needs to know.

    Attributes:
        config: Path of config/sources.yaml, for the line of a fault.
        observe: Turns (source, fetch block, document, path) into observations; the floor above provides it.
    """

    paths: Paths
    config: Path
    apis: Mapping[str, Api]
    entries: Mapping[str, Entry]
    regions: Regions
    observe: Observe

    def chosen(self, names: Sequence[str]) -> dict[str, Entry]:
        """Return the sources called ``names``, or all.

        Raises:
            ConfigError: when a name is not a source that can be fetched, or a block asks an API that cannot serve it.
        """
        unknown = [name for name in names if name not in self.entries]
        if unknown:
            raise ConfigError(
                faults=[
                    Fault(
                        f"'{name}' is not a source that can be fetched",
                        remedy=did_you_mean(name, self.entries),
                    )
                    for name in unknown
                ]
            )
        faults = [
            fault_at(self.config, ("sources", name, *place), what, remedy)
            for name, entry in self.entries.items()
            for place, what, remedy in misplaced(entry.fetch, self.apis)
        ]
        if faults:
            raise ConfigError(faults=faults)
        return {name: entry for name, entry in self.entries.items() if not names or name in names}

    def addresses(self, names: Sequence[str] = ()) -> list[str]:
        """Return the base addresses that a fetch of ``names`` begins with; raises as :meth:`chosen`."""
        apis = dict.fromkeys(entry.fetch.api for entry in self.chosen(names).values())
        return [self.apis[api].at(api) for api in apis]

    def drift_fault(self, name: str, drift: Drift) -> Fault:
        """Return a drift with the line of config/sources.yaml to change."""
        return fault_at(self.config, ("sources", name, "fetch", *drift.place), drift.what, drift.remedy)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source."""

    source: str
    state: State
    gained: int = 0
    observations: int = 0
    change: str = ""
    faults: tuple[Fault, ...] = ()
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class _New:
    """A valid download: the document, where it came from, and what it changes."""

    document: bytes
    provenance: dict[str, Any]
    detail: dict[str, Any]
    observations: int = 0
    change: vintage.Vintage | None = None


@dataclass
class Services:
    """The live services of one run: one client, and one PxWeb per API that has limits of its own to learn."""

    catalogue: Catalogue
    client: Client
    tell: Callable[[str], None] = lambda _: None
    _pxweb: dict[str, PxWeb] = field(default_factory=dict)

    def pxweb(self, api: str) -> PxWeb:
        """Return the PxWeb service of an API."""
        if api not in self._pxweb:
            self._pxweb[api] = PxWeb(api, self.catalogue.apis[api], self.client, self.tell)
        return self._pxweb[api]

    def url(self, api: str) -> str:
        """Return the address of an API, with its pace made known to the client."""
        known = self.catalogue.apis[api]
        self.client.limit(known.at(api), known.calls, known.seconds)
        return known.at(api)

    def inspect(self, name: str, fetch: PxWebFetch) -> tuple[Table, list[Choice]]:
        """Return the table of today and the resolved selection.

        Raises:
            FetchError: when the selection does not fit the table; one fault per line of the catalogue to change.
        """
        table, choices, drifts = self.pxweb(fetch.api).inspect(fetch)
        if drifts:
            raise FetchError(faults=[self.catalogue.drift_fault(name, drift) for drift in drifts])
        return table, choices


@dataclass
class Run:
    """One fetch of some sources.

    Args:
        now: Moment that is recorded as fetched-at.
        tell: Is told one line per step.
    """

    catalogue: Catalogue
    client: Client
    now: dt.datetime
    tell: Callable[[str], None] = lambda _: None

    @cached_property
    def _services(self) -> Services:
        return Services(self.catalogue, self.client, lambda text: self.tell(f"    {text}"))

    def fetch(self, names: Sequence[str] = ()) -> list[Outcome]:
        """Fetch ``names`` (or all), and put every valid snapshot in place in one change at the end.

        A source that fails leaves its snapshot as it is. Until the last moment nothing under data/raw changes, so
        that a run that is cut off changes nothing.

        Raises:
            ConfigError: when a name or an API is unknown, or the lock is damaged.
        """
        catalogue = self.catalogue
        recover(catalogue.paths.raw)
        chosen = catalogue.chosen(names)
        files: dict[str, bytes] = {}
        provenance: dict[str, dict[str, Any]] = {}
        outcomes: list[Outcome] = []
        for number, (name, entry) in enumerate(chosen.items(), start=1):
            self.tell(f"[{number}/{len(chosen)}] {name}")
            outcome, new = self._try(name, entry)
            outcomes.append(outcome)
            self.tell(f"    {outcome.state}" + (f": {outcome.change}" if outcome.change else ""))
            if new is None:
                continue
            path = snapshot_path(name, entry.publisher, entry.fetch)
            files[path] = new.document
            files[path + SIDECAR] = self._sidecar(entry, new)
            provenance[path] = new.provenance
            if new.change is not None and not new.change.table.empty:
                files[f"../vintages/{name}/{self.now:%Y%m%dT%H%M%SZ}.csv"] = new.change.csv()
        if files:
            keep.commit(catalogue.paths, files, provenance)
        return outcomes

    def _try(self, name: str, entry: Entry) -> tuple[Outcome, _New | None]:
        fetch = entry.fetch
        if isinstance(fetch, PxWebFetch) and fetch.table is None:
            return Outcome(name, "no table", change="no table is known; `doctor` looks for one"), None
        path = snapshot_path(name, entry.publisher, entry.fetch)
        try:
            if isinstance(fetch, PxWebFetch):
                new = self._table(name, fetch, path)
            elif isinstance(fetch, KlassFetch):
                new = self._klass(fetch)
            else:
                new = self._boundaries(fetch)
        except StatsError as error:
            first = error.faults[0].what + (f" (and {len(error.faults) - 1} more)" if error.faults[1:] else "")
            silent = isinstance(error, UnreachableError)
            return Outcome(name, "failed", change=first, faults=error.faults, unreachable=silent), None
        except Exception as error:  # noqa: BLE001 - what nobody thought of must not stop the other sources
            fault = unforeseen(error)
            return Outcome(name, "failed", change=fault.what, faults=(fault,)), None
        if self._present(path) == new.document:
            return Outcome(name, "unchanged", observations=new.observations), None
        gained = new.change.count("added") if new.change else 0
        change = str(new.change) if new.change else ""
        return Outcome(name, "fetched", gained, new.observations, change), new

    def _table(self, name: str, fetch: PxWebFetch, path: str) -> _New:
        table, choices = self._services.inspect(name, fetch)
        download = self._services.pxweb(fetch.api).download(table, choices)
        after = self.catalogue.observe(name, fetch, download.document, path)
        before = self._before(name, fetch, path)
        _require_alive(before, after, fetch, table.address)
        periods = sorted(after["period"].unique())
        provenance = {
            "url": download.url,
            "query": json.dumps(download.query, ensure_ascii=False, separators=(",", ":")),
            "parts": len(download.parts),
            "updated": download.updated,
            "coverage": f"{periods[0]}-{periods[-1]}",
        }
        labels = {
            choice.variable.label: {
                code: choice.variable.labels[choice.variable.codes.index(code)] for code in choice.codes
            }
            for choice in choices
        }
        parts = [
            {"url": part.url, "body": dict(part.body), "bytes": part.bytes, "sha256": part.sha256}
            for part in download.parts
        ]
        detail = {"table": table.label, "codes": labels, "parts": parts}
        return _New(download.document, provenance, detail, len(after), vintage.compare(before, after))

    def _klass(self, fetch: KlassFetch) -> _New:
        address, query = klass.question(self._services.url(fetch.api), fetch)
        document = klass.ask(self.client, address, query)
        count = klass.check(fetch, document, address)
        return _New(document, {"url": address, "query": json.dumps(query), "parts": 1}, {"entries": count})

    def _boundaries(self, fetch: BoundaryFetch) -> _New:
        try:
            url = self._services.url(fetch.api)
            if self.catalogue.apis[fetch.api].dialect == "arcgis":
                document = boundaries.arcgis(self.client, url, fetch.layer)
            else:
                bydel_of = {}
                if fetch.units is not None:
                    bydel_of = klass.correspondence(self.client, self._services.url(fetch.units.api), fetch.units)
                document = boundaries.wfs(self.client, url, fetch.layer, bydel_of)
            found = boundaries.areas(document, url)
        except FetchError as error:
            if fetch.fallback is None:
                raise
            self.tell(f"    {error.faults[0].what}; trying {fetch.fallback.api}")
            try:
                return self._boundaries(fetch.fallback)
            except FetchError as second:
                raise type(second)(faults=[*error.faults, *second.faults]) from None
        provenance = {"url": f"{url}/{fetch.layer}", "query": "all areas, EPSG:4326", "parts": 1}
        return _New(document, provenance, {"areas": len(found)})

    def _present(self, path: str) -> bytes | None:
        """Return the snapshot in force; None when there is none, or it is damaged and should be replaced."""
        store = Store(self.catalogue.paths)
        if not self.catalogue.paths.lock.exists() or path not in store.lock.files:
            return None
        content, fault = store.inspect(path)
        return None if fault else content

    def _before(self, name: str, fetch: PxWebFetch, path: str) -> pd.DataFrame:
        nothing = pd.DataFrame(columns=[*KEY, "value", "status"]).astype({"value": float})
        present = self._present(path)
        if present is None:
            return nothing
        try:
            return self.catalogue.observe(name, fetch, present, path)
        except StatsError:
            return nothing  # the catalogue has changed since: what the old document meant cannot be said any more

    def _sidecar(self, entry: Entry, new: _New) -> bytes:
        moment = f"{self.now:%Y-%m-%dT%H:%M:%SZ}"
        new.provenance.update(fetched_at=moment, licence=entry.licence)
        facts = {
            "publisher": entry.publisher,
            "table": str(getattr(entry.fetch, "table", "") or new.provenance["url"].rsplit("/", 1)[-1]),
            "title": entry.title,
            "reference_date": entry.reference,
            "obtained": {
                "nb": f"Hentet {moment} fra {new.provenance['url']}",
                "en": f"Fetched {moment} from {new.provenance['url']}",
            },
            "licence": entry.licence,
            "attribution": entry.attribution,
            "fetched": json.loads(json.dumps(new.detail)),  # a copy, so that YAML needs no anchors
        }
        text = yaml.safe_dump(facts, allow_unicode=True, sort_keys=False, default_flow_style=None, width=110)
        return text.encode("utf-8")


def unforeseen(error: Exception) -> Fault:
    """Return the fault of one source that no check foresaw, in one line."""
    said = " ".join(str(error).split())[:200]
    return Fault(
        f"an answer could not be used: {type(error).__name__}" + (f" ({said})" if said else ""),
        remedy="report it to the project; the snapshot in force stays",
    )


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """Return what a scheduler should see: 0 all well, 3 some sources failed, 4 nothing could be fetched."""
    tried = [outcome for outcome in outcomes if outcome.state != "no table"]
    failed = [outcome for outcome in tried if outcome.state == "failed"]
    if not failed:
        return 0
    return 4 if len(failed) == len(tried) else 3


_FEW = 3
"""Numbers of one word in one other (a series in a year) that may become nil or be kept back at once: small figures do."""


def _require_alive(before: pd.DataFrame, after: pd.DataFrame, fetch: PxWebFetch, where: str) -> None:
    """Refuse a table whose figures are away: servers show zeros or signs while new figures are being loaded.

    Raises:
        ContractError: when a series, a region, a period or another word that had numbers has none or is gone, when all
            the numbers of two such words together are, or when a period that the catalogue requires has none.
    """
    old, new = _living(before), _living(after)
    dead: list[str] = []
    for column in KEY:
        dead += [f"{column} {word}" for word in sorted(set(old[column]) - set(new[column]))]
    for first, second in itertools.combinations(KEY, 2):
        pair = [first, second]
        counts = old.groupby(pair, observed=True).size()
        present = set(map(tuple, new[pair].drop_duplicates().to_numpy().tolist()))
        several = sorted(counts.index[counts > _FEW])
        gone = [words for words in several if words not in present]
        # What is said of one word need not be said of each of its companions.
        dead += [
            f"{first} {words[0]} in {second} {words[1]}"
            for words in gone
            if not {f"{first} {words[0]}", f"{second} {words[1]}"} & set(dead)
        ]
    required = {str(year) for entry in fetch.select if entry.years for year in entry.years.required}
    dead += [f"period {year}" for year in sorted(required - set(new["period"])) if f"period {year}" not in dead]
    if dead or new.empty:
        shown = ", ".join(dead[:5]) if not new.empty else "the whole table"
        more = f" and {len(dead) - 5} more" if len(dead) > 5 and not new.empty else ""
        raise ContractError(
            f"only zeros or nothing for {shown}{more}",
            where=where,
            remedy="try again later in the day; if it stays so, delete the old snapshot to accept the new one",
        )


def _living(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.loc[rows["value"].fillna(0) != 0]
