"""Turns the cells of one figure into the sentence over it, or into nothing when the cells cannot carry it."""

from __future__ import annotations

import pandas as pd

from groruddalen_stats.appendix.layout import Layout
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Object
from groruddalen_stats.numbers import round_half_up


def headline(catalogue: Catalogue, spec: Object, plan: Layout, cells: pd.DataFrame) -> str:
    """Return the figure's headline with region, value and years filled in.

    A row is called largest or smallest only when every row it is compared with has an exact and dated value that is not
    known to be wrong, and none shows the same digits; otherwise there is no headline.

    Args:
        catalogue: the configuration; its run's language is used.
        spec: the object.
        plan: its layout.
        cells: its cells, in the cell contract.
    """
    rule = spec.headline
    if rule is None:
        return ""
    column = plan.columns[-1].id if rule.column == "last" else rule.column
    rows = rule.rows or [item.id for item in plan.rows if not item.ours]
    chosen = cells[(cells["column"] == column) & cells["row"].isin(rows)]
    if rule.known:
        chosen = chosen[chosen["value"].notna()]
    doubtful = chosen["value"].isna() | chosen["qualifier"].ne("") | chosen["flags"].ne("")
    if doubtful.any() or len(chosen) < (2 if rule.known else len(rows)):
        return ""
    decimals = int(chosen["decimals"].min())
    shown = {
        str(row): round_half_up(value, decimals)
        for row, value in zip(chosen["row"], chosen["value"].tolist(), strict=True)
    }
    best = max(shown.values()) if rule.pick == "max" else min(shown.values())
    winners = [row for row, value in shown.items() if value == best]
    if len(winners) != 1:
        return ""
    display = str(chosen.loc[chosen["row"] == winners[0], "display"].iloc[0])
    region = catalogue.regions.name(winners[0], catalogue.run.language)
    text = catalogue.text(rule.text)
    return text.replace("{region}", region).replace("{value}", display)
