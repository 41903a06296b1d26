"""Turns config/ and data/raw as a whole into faults where one names what the other does not have."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.check import load_ledger
from groruddalen_stats.config.claims import TEXT_ONLY, load_claims
from groruddalen_stats.errors import Fault, did_you_mean
from groruddalen_stats.sources.store import Store
from groruddalen_stats.tidy.published import read_prose, read_published

__all__ = ["claim_faults", "print_faults"]


def print_faults(catalogue: Catalogue, store: Store) -> Iterator[Fault]:
    """Yield where the transcribed tables and config/appendix.yaml do not name the same cells."""
    published = read_published(store)
    for name in load_ledger(catalogue).control_totals:
        if name not in set(published["object"]):
            where = f"data/raw/published/{name}.csv"
            yield Fault("the table of the print is missing", where, "restore the file from the repository")
    for name in dict.fromkeys(published["object"]):
        where = f"data/raw/published/{name}.csv"
        if name not in catalogue.appendix.objects:
            yield Fault(f"unknown object '{name}'", where, did_you_mean(str(name), catalogue.appendix.objects))
            continue
        plan = layout(name, catalogue, catalogue.print_edition)
        of_table = published[published["object"] == name]
        there = set(of_table[["row", "column"]].itertuples(index=False, name=None))
        rows, columns = {item.id for item in plan.rows}, {item.id for item in plan.columns}
        for row, column in sorted(there):
            if row not in rows:
                yield Fault(f"{name} has no row '{row}'", where, did_you_mean(row, rows))
            elif column not in columns:
                yield Fault(f"{name} has no column '{column}'", where, did_you_mean(column, columns))
        for place, spec in plan.cells.items():
            if place not in there and not spec.ours:
                remedy = "restore its row, or say 'ours: true' where the report has no such number"
                yield Fault(f"{'/'.join(place)} is in config/appendix.yaml and not in the print", where, remedy)


def claim_faults(catalogue: Catalogue, store: Store) -> Iterator[Fault]:
    """Yield objects, rows and columns that a claim names and neither the appendix nor the print's text has."""
    plans = {key: layout(key, catalogue, catalogue.print_edition) for key in catalogue.appendix.objects}
    rows = {item.id for plan in plans.values() for item in plan.rows}
    columns = {key: {item.id for item in plan.columns} for key, plan in plans.items()}
    for name, column in read_prose(store)[["object", "column"]].itertuples(index=False, name=None):
        columns.setdefault(name, set()).add(column)
    claims = load_claims(catalogue.paths.config)
    for claim in claims.claims.values():
        cells = list(claims.cells_of(claim))
        objects = (*claim.cited, claims.object_of(claim), *(name for name, _, _ in cells if name != TEXT_ONLY))
        wanted: list[tuple[str, str, Collection[str]]] = [("object", name, plans) for name in objects]
        for name, row, column in cells:
            if name in plans:
                wanted += [("row", row, rows), ("column", column, columns[name])]
        for kind, value, known in dict.fromkeys((kind, value, frozenset(known)) for kind, value, known in wanted):
            if value not in known:
                where = claims.where[claim.claim]
                yield Fault(f"{claim.claim}: unknown {kind} '{value}'", where, did_you_mean(value, known))
