"""Turns config/ and data/raw as a whole into faults where one names what the other does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.load import Location, fault_at, read_yaml
from groruddalen_stats.errors import Fault, did_you_mean
from groruddalen_stats.raw.store import Store
from groruddalen_stats.tidy.published import read_prose, read_published

__all__ = ["claim_faults", "print_faults"]

_ADDRESS = re.compile(r"((?:tabell|figur)_\d\d[ab]?)/([a-z0-9_]+|\{row\})/([a-z0-9_]+|\{row\})")
_ROWS = frozenset({"row", "rows", "among", "against"})
"""Keys of a claim's check that name rows."""


def print_faults(catalogue: Catalogue, store: Store) -> Iterator[Fault]:
    """Yield where the transcribed tables and config/appendix.yaml do not name the same cells."""
    published = read_published(store)
    there = set(published["object"])
    for name in (
        name for name, item in catalogue.appendix.objects.items() if item.kind == "table" and name not in there
    ):
        if not all(spec.ours for spec in layout(name, catalogue, catalogue.print_edition).cells.values()):
            where = f"data/raw/published/{name}.csv"
            yield Fault("the table of the print is missing", where, "restore the file from the repository")
    for name in dict.fromkeys(published["object"]):
        where = f"data/raw/published/{name}.csv"
        if name not in catalogue.appendix.objects:
            yield Fault(f"unknown object '{name}'", where, did_you_mean(str(name), catalogue.appendix.objects))
            continue
        plan = layout(name, catalogue, catalogue.print_edition)
        of_table = published[published["object"] == name]
        places = set(of_table[["row", "column"]].itertuples(index=False, name=None))
        rows, columns = {item.id for item in plan.rows}, {item.id for item in plan.columns}
        for row, column in sorted(places):
            if row not in rows:
                yield Fault(f"{name} has no row '{row}'", where, did_you_mean(row, rows))
            elif column not in columns:
                yield Fault(f"{name} has no column '{column}'", where, did_you_mean(column, columns))
        for place, spec in plan.cells.items():
            if place not in places and not spec.ours:
                remedy = "restore its row, or say 'ours: true' where the report has no such number"
                yield Fault(f"{'/'.join(place)} is in config/appendix.yaml and not in the print", where, remedy)


def claim_faults(catalogue: Catalogue, store: Store) -> Iterator[Fault]:
    """Yield rows and addresses of config/claims.yaml that neither the appendix nor the print's text has."""
    path = catalogue.paths.config / "claims.yaml"
    plans = {key: layout(key, catalogue, catalogue.print_edition) for key in catalogue.appendix.objects}
    rows = {item.id for plan in plans.values() for item in plan.rows}
    columns = {key: {item.id for item in plan.columns} for key, plan in plans.items()}
    for name, column in read_prose(store)[["object", "column"]].itertuples(index=False, name=None):
        columns.setdefault(name, set()).add(column)
    for place, word in _words(read_yaml(path), ()):
        wanted: list[tuple[str, str, set[str]]] = []
        found = _ADDRESS.fullmatch(word)
        if found is not None and found[1] in plans:
            wanted = [("row", found[2], rows), ("column", found[3], columns[found[1]])]
        elif "check" in place and _ROWS.intersection(place):
            wanted = [("row", word, rows)]
        for kind, value, known in wanted:
            if value != "{row}" and value not in known:
                yield fault_at(path, place, f"unknown {kind} '{value}'", did_you_mean(value, known))


def _words(value: object, place: Location) -> Iterator[tuple[Location, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _words(inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _words(inner, (*place, index))
