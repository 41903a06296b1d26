"""The places where config/ and data/raw name what the other does not have."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pandas as pd

from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.claims import TEXT_ONLY
from groruddalen_stats.errors import Fault, did_you_mean


def claim_faults(catalogue: Catalogue, prose: pd.DataFrame) -> Iterator[Fault]:
    """Yield objects, rows and columns that a claim names and neither the appendix nor the print's text has."""
    plans = {key: layout(key, catalogue, catalogue.print_edition) for key in catalogue.appendix.objects}
    rows = {item.id for plan in plans.values() for item in plan.rows}
    columns = {key: {item.id for item in plan.columns} for key, plan in plans.items()}
    for name, column in prose[["object", "column"]].itertuples(index=False, name=None):
        columns.setdefault(name, set()).add(column)
    claims = catalogue.claims
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
