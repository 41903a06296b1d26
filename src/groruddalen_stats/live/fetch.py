"""Fetching: every valid answer of the live services becomes a snapshot under data/raw, all in one change."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.fetch import (
    BoundaryFetch,
    KlassFetch,
    PxWebFetch,
    RegionsOf,
)
from groruddalen_stats.config.load import fault_at
from groruddalen_stats.config.models import Fetched, Source
from groruddalen_stats.errors import ConfigError, ContractError, Fault, FetchError, StatsError, did_you_mean
from groruddalen_stats.live import boundaries, klass, vintage
from groruddalen_stats.live.http import Client
from groruddalen_stats.live.pxweb import PxWeb, TableGoneError, assembled
from groruddalen_stats.pxtable import jsonstat
from groruddalen_stats.pxtable.selection import Drift, VariableChoice
from groruddalen_stats.raw.store import SIDECAR, Store, sidecar
from groruddalen_stats.regions import Regions, polygons
from groruddalen_stats.tidy.fetched import KEY, observations

State = Literal["fetched", "unchanged", "failed", "no table", "gone"]


def chosen(catalogue: Catalogue, names: Sequence[str]) -> dict[str, Source]:
    """Return the sources called ``names``, or all, of those that have a ``fetch`` block."""
    known = {key: source for key, source in catalogue.sources.sources.items() if source.fetch is not None}
    ConfigError.raise_any(
        [
            Fault(f"'{name}' is not a source that can be fetched", remedy=did_you_mean(name, known))
            for name in names
            if name not in known
        ]
    )
    return {key: source for key, source in known.items() if not names or key in names}


def drift_fault(catalogue: Catalogue, name: str, drift: Drift) -> Fault:
    """Return a drift with the line of config/sources.yaml to change."""
    place = ("sources", name, "fetch", *drift.place)
    return fault_at(catalogue.paths.config / "sources.yaml", place, drift.what, drift.remedy)


@dataclass(frozen=True, slots=True)
class FetchOutcome:
    """What became of one source.

    Attributes:
        said: what its new figures change, or why there are none.
        files: its new snapshots by path below data/raw, none unless it was fetched; ``query`` is what was asked for each.
        updated: the publisher's own time stamp.
        observations: how many the new snapshots hold.
        change: from the figures in force to the new ones; None where it has no figures.
    """

    source: str
    state: State = "fetched"
    said: str = ""
    faults: tuple[Fault, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    url: str = ""
    query: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    updated: str = ""
    observations: int = 0
    change: vintage.Vintage | None = None

    def beside(self, now: dt.datetime) -> Iterator[tuple[str, bytes]]:
        """Yield the sidecars of the new snapshots, and what they change, with their paths."""
        for path in self.files:
            moment = f"{now:%Y-%m-%dT%H:%M:%SZ}"
            facts = Fetched(moment=moment, url=self.url, query=dict(self.query[path]), updated=self.updated)
            yield path + SIDECAR, sidecar({"fetched": facts.model_dump(mode="json", exclude_defaults=True)})
        if self.change:
            yield vintage.place(self.source, now), self.change.csv()


@dataclass
class Services:
    """The live services of one run: one client, and one PxWeb per API that has limits of its own to learn.

    ``tell`` is told one line per step.
    """

    catalogue: Catalogue
    client: Client
    tell: Callable[[str], None] = lambda _: None
    _pxweb: dict[str, PxWeb] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A wrong file is a fault of the whole run, not of the source that needs it first.
        self.regions = self.catalogue.regions

    def pxweb(self, api: str) -> PxWeb:
        """Return the PxWeb service of an API."""
        if api not in self._pxweb:
            self._pxweb[api] = PxWeb(
                api, self.catalogue.sources.apis[api], self.client, lambda text: self.tell(f"    {text}")
            )
        return self._pxweb[api]

    def url(self, api: str) -> str:
        """Return the address of an API, with its pace made known to the client."""
        known = self.catalogue.sources.apis[api]
        self.client.limit(known.at(api), known.calls, known.seconds)
        return known.at(api)

    def ask(self, names: Sequence[str] = ()) -> list[FetchOutcome]:
        """Ask for ``names`` (or all) and return what came of it; nothing under data/raw changes."""
        asked = chosen(self.catalogue, names)
        outcomes: list[FetchOutcome] = []
        for number, (name, source) in enumerate(asked.items(), start=1):
            self.tell(f"[{number}/{len(asked)}] {name}")
            outcomes.append(self._try(name, source))
            self.tell(f"    {outcomes[-1].state}" + (f": {outcomes[-1].said}" if outcomes[-1].said else ""))
        return outcomes

    def put(self, outcomes: Iterable[FetchOutcome], now: dt.datetime) -> None:
        """Put every valid snapshot in place in one change, as fetched ``now``.

        A source that failed leaves its snapshot as it is, and a run that is cut off changes nothing.
        """
        new = [outcome for outcome in outcomes if outcome.files]
        if new:
            beside = dict(itertools.chain.from_iterable(outcome.beside(now) for outcome in new))
            Store(self.catalogue.paths).put(files_of(new), beside)

    def _try(self, name: str, source: Source) -> FetchOutcome:
        fetch = source.fetch
        assert fetch is not None
        if isinstance(fetch, PxWebFetch) and not fetch.asks:
            return FetchOutcome(name, "no table", "no table is known; `doctor` looks for one")
        paths = source.fetched(name)
        path = paths[""]
        try:
            if isinstance(fetch, PxWebFetch):
                new = self._table(name, fetch, paths)
            elif isinstance(fetch, KlassFetch):
                new = self._klass(name, fetch, path)
            else:
                new = self._boundaries(name, fetch, path)
        except TableGoneError as error:
            if isinstance(fetch, PxWebFetch) and fetch.closed:
                return FetchOutcome(name, "gone", f"the series has ended: {error.faults[0].what}")
            if isinstance(fetch, PxWebFetch) and fetch.table is None and self._present(path) is None:
                return FetchOutcome(name, "no table", error.faults[0].what)
            return _failed(name, error.faults)
        except StatsError as error:
            return _failed(name, error.faults)
        except Exception as error:  # noqa: BLE001 - what nobody thought of must not stop the other sources
            return _failed(name, (unforeseen(error),))
        present = {own: self._present(own) for own in new.files}
        same = new.change is not None and not new.change
        if present == new.files or (same and None not in present.values()):
            # Also where the server's limits cut the same figures into other parts.
            return FetchOutcome(name, "unchanged", observations=new.observations)
        return new

    def _table(self, name: str, fetch: PxWebFetch, paths: Mapping[str, str]) -> FetchOutcome:
        service = self.pxweb(fetch.api)
        table, choices, drifts = service.inspect(fetch)
        if drifts:
            raise FetchError(faults=[drift_fault(self.catalogue, name, drift) for drift in drifts])
        of = parts(fetch, choices, self.regions, self.catalogue.regions_of)
        choices = [choice.also(of.values()) if choice.column == "region" else choice for choice in choices]
        lengths = [len(choice.codes) for choice in choices]
        self.tell(f"    asks {table.address} for {' x '.join(map(str, lengths))} = {math.prod(lengths)} cells")
        document, updated = service.download(table, choices)
        asked = {choice.variable.code: choice.codes for choice in choices}
        region = next((choice.variable.code for choice in choices if choice.column == "region"), "")
        files, query = {paths[""]: document}, {paths[""]: asked}
        if fetch.others:
            among = {paths[group]: codes for group, codes in of.items() if codes}
            whole = jsonstat.decode(document)
            files = {path: assembled([whole], {region: codes}) for path, codes in among.items()}
            query = {path: {**asked, region: codes} for path, codes in among.items()}
        blocks = {path: fetch.part(group, self.catalogue.regions_of) for group, path in paths.items() if path in files}
        new = [observations(files[path], block, self.regions, source=name, path=path) for path, block in blocks.items()]
        old = [self._before(name, block, path) for path, block in blocks.items()]
        after, before = pd.concat(new, ignore_index=True), pd.concat(old, ignore_index=True)
        years = [str(year) for entry in fetch.select if entry.years for year in entry.years.required]
        require_alive(before, after, table.address, years)
        change = vintage.compare(before, after)
        return FetchOutcome(name, "fetched", str(change), (), files, table.address, query, updated, len(after), change)

    def _klass(self, name: str, fetch: KlassFetch, path: str) -> FetchOutcome:
        address, query = klass.question(self.url(fetch.api), fetch)
        document = klass.ask(self.client, address, query)
        klass.check(fetch, document, address)
        return FetchOutcome(name, files={path: document}, url=address, query={path: query})

    def _boundaries(self, name: str, fetch: BoundaryFetch, path: str) -> FetchOutcome:
        try:
            url = self.url(fetch.api)
            if self.catalogue.sources.apis[fetch.api].dialect == "arcgis":
                document = boundaries.arcgis(self.client, url, fetch.layer)
            else:
                bydel_of = {}
                if fetch.units is not None:
                    bydel_of = klass.correspondence(self.client, self.url(fetch.units.api), fetch.units)
                document = boundaries.wfs(self.client, url, fetch.layer, bydel_of)
            polygons.areas(document, url)
        except FetchError as error:
            if fetch.fallback is None:
                raise
            self.tell(f"    {error.faults[0].what}; trying {fetch.fallback.api}")
            try:
                return self._boundaries(name, fetch.fallback, path)
            except FetchError as second:
                raise type(second)(faults=[*error.faults, *second.faults]) from None
        return FetchOutcome(name, files={path: document}, url=f"{url}/{fetch.layer}", query={path: {}})

    def _present(self, path: str) -> bytes | None:
        """Return the snapshot in force; None when there is none, or it is damaged and should be replaced."""
        store = Store(self.catalogue.paths)
        content, fault = store.inspect(path) if store.paths.lock.exists() else (b"", None)
        return None if fault else content or None

    def _before(self, name: str, fetch: PxWebFetch, path: str) -> pd.DataFrame:
        present = self._present(path)
        if present is not None:
            # Otherwise the catalogue has changed since: what the old document meant cannot be said any more.
            with suppress(StatsError):
                return observations(present, fetch, self.regions, source=name, path=path)
        return pd.DataFrame(columns=[*KEY, "value", "status"]).astype({"value": float})


def parts(
    fetch: PxWebFetch, choices: Sequence[VariableChoice], regions: Regions, regions_of: RegionsOf
) -> dict[str, list[str]]:
    """Return the codes of each file of a table: of "" what the block itself takes, of each of its ``others`` the rest.

    A place that is in several groups belongs to the smallest: a municipality to its county, not to the country.
    """
    found: dict[str, list[str]] = {of: [] for of in ("", *fetch.others)}
    choice = next((choice for choice in choices if choice.column == "region"), None)
    if choice is None or not fetch.others:
        return found
    groups = sorted(fetch.others, key=lambda of: len(regions_of(of)))
    group_of = {region: of for of in reversed(groups) for region in regions_of(of)}
    scheme = next((entry.scheme for entry in fetch.select if entry.others), None)
    periods = next((list(other.words) for other in choices if other.column == "period"), [])
    dates = [fetch.date(period) for period in reversed(periods)]
    words = {at: word.partition(" ")[0] for word, positions in choice.words.items() for at in positions}
    units = {code: regions.units_ever(scheme, code, dates) for code in choice.variable.codes} if scheme else {}
    own = {unit for at in words for unit in units.get(choice.variable.codes[at], ())}
    for at, code in enumerate(choice.variable.codes):
        if at in words:
            found["" if scheme else group_of.get(words[at], "")].append(code)
        elif scheme and own.isdisjoint(units[code]):  # the table may have what the block takes under another code too
            for of in [group_of[unit] for unit in units[code] if unit in group_of][:1]:
                found[of].append(code)
    return found


def _failed(name: str, faults: tuple[Fault, ...]) -> FetchOutcome:
    more = f" (and {len(faults) - 1} more)" if faults[1:] else ""
    return FetchOutcome(name, "failed", faults[0].what + more, faults)


def files_of(outcomes: Iterable[FetchOutcome]) -> dict[str, bytes]:
    """Return every new snapshot by its path below data/raw."""
    return {path: content for outcome in outcomes for path, content in outcome.files.items()}


def unforeseen(error: Exception) -> Fault:
    """Return the fault of one source that no check foresaw, in one line."""
    said = " ".join(str(error).split())[:200]
    return Fault(
        f"an answer could not be used: {type(error).__name__}" + (f" ({said})" if said else ""),
        remedy="report it to the project; the snapshot in force stays",
    )


def exit_code(outcomes: Sequence[FetchOutcome]) -> int:
    """Return what a scheduler should see: 0 all well, 3 some sources failed, 4 nothing could be fetched."""
    tried = [outcome for outcome in outcomes if outcome.state not in {"no table", "gone"}]
    failed = [outcome for outcome in tried if outcome.state == "failed"]
    if not failed:
        return 0
    return 4 if len(failed) == len(tried) else 3


_FEW = 3
"""Numbers of one word in one other (a series in a year) that may become nil or be kept back at once: small figures do."""


_LATER = "try again later in the day; if it stays so, delete the old snapshot to accept the new one"


def require_alive(
    before: pd.DataFrame, after: pd.DataFrame, where: str, required: Sequence[str] = (), remedy: str = _LATER
) -> None:
    """Refuse a table whose figures are away: servers show zeros or signs while new figures are being loaded.

    Raises:
        ContractError: when a series, a region, a period or another word that had numbers has none or is gone, when all
            the numbers of two such words together are, or when a period of ``required`` has none.
    """
    old, new = _not_zero(before), _not_zero(after)
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
    dead += [f"period {year}" for year in sorted({*required} - set(new["period"])) if f"period {year}" not in dead]
    if dead or new.empty:
        shown = ", ".join(dead[:5]) if not new.empty else "the whole table"
        more = f" and {len(dead) - 5} more" if len(dead) > 5 and not new.empty else ""
        raise ContractError(f"only zeros or nothing for {shown}{more}", where=where, remedy=remedy)


def _not_zero(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.loc[rows["value"].fillna(0) != 0]
