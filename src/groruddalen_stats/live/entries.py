"""What there is of each source of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

import pandas as pd

from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.appendix.notes import sources_of
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Source, text_in
from groruddalen_stats.raw.store import Store


class Overview(NamedTuple):
    """One source as `sources` lists it; ``relation`` says which table of the report it stands for."""

    source: str
    table: str
    snapshot: str
    vintage: str
    coverage: str
    objects: str
    relation: str = ""


def overview(catalogue: Catalogue, store: Store, observed: pd.DataFrame, cells: Iterable[Cell]) -> list[Overview]:
    """Return one line per source: its table, its snapshot, the years it has, and the objects it stands behind.

    Of ``cells`` those of an object come one after another.
    """
    serves: dict[str, list[str]] = {}
    for name, own in groupby(cells, key=lambda cell: cell.place.object):
        for key in sources_of(own, catalogue.sources):
            serves.setdefault(key, []).append(name)
    years: dict[str, set[str]] = {}
    for key, period in observed.loc[observed["value"].notna(), ["source", "period"]].itertuples(index=False):
        years.setdefault(str(key), set()).add(str(period))
    return [
        Overview(
            key,
            text_in(source.table, "en"),
            *_snapshot(key, source, store),
            _span(years.get(key, set())),
            " ".join(serves.get(key, [])),
            _relation(source),
        )
        for key, source in catalogue.sources.sources.items()
    ]


def _relation(source: Source) -> str:
    lineage = source.lineage
    if lineage is None or lineage.relation == "same":
        return ""
    asked = ", ".join(lineage.requested)
    return f"nothing known for {asked}" if lineage.relation == "none_known" else f"{lineage.relation} for {asked}"


def _snapshot(key: str, source: Source, store: Store) -> tuple[str, str]:
    """Return what kind of snapshot a source has, and of when it is."""
    path = source.fetched(key).get("", "")
    if path in store.lock.files:
        facts = store.sidecar(path).fetched
        return "fetched", "" if facts is None else f"{facts.updated[:10] or 'undated'}, fetched {facts.moment[:10]}"
    # The day on which a person downloaded the file.
    downloads = [
        store.sidecar(s.path).fetched for s in source.snapshots if source.imports and s.path in store.lock.files
    ]
    day = "".join(facts.moment for facts in downloads if facts is not None)
    if day:
        return "imported", f"downloaded {day}"
    if source.snapshots:
        return ("embedded" if source.kind == "independent" else "the report"), ""
    return "none yet", ""


def _span(periods: set[str]) -> str:
    numbered = sorted(period for period in periods if period[:1].isdigit())
    if not numbered:
        return ""
    return numbered[0] if len(numbered) == 1 else f"{numbered[0]}-{numbered[-1]}"
