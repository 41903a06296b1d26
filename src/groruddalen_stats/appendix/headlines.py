"""The sentence over a figure, or nothing when its cells cannot carry one."""

from __future__ import annotations

from collections.abc import Sequence

from groruddalen_stats.appendix.layout import Layout
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.appendix.text import shown
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Object
from groruddalen_stats.numbers import round_half_up


def headline(catalogue: Catalogue, spec: Object, plan: Layout, cells: Sequence[Cell]) -> str:
    """Return the figure's headline with region, value and years filled in.

    A row is called largest or smallest only when every row it is compared with has an exact and dated value that is not
    known to be wrong, and none shows the same digits; otherwise there is no headline.
    """
    rule = spec.headline
    if rule is None:
        return ""
    column = plan.columns[-1].id if rule.column == "last" else rule.column
    # In the report the whole is one of many; beside a few parts it says nothing of them, nor does the country.
    left = () if catalogue.is_print_area else (catalogue.area.whole, catalogue.regions.country)
    rows = catalogue.placed(rule.rows) or [item.id for item in plan.rows if not item.ours and item.id not in left]
    chosen = [cell for cell in cells if cell.place.column == column and cell.place.row in rows]
    if rule.known:
        chosen = [cell for cell in chosen if cell.known]
    doubtful = any(not cell.known or cell.approximate or cell.doubts for cell in chosen)
    if doubtful or len(chosen) < (2 if rule.known else max(2, len(rows))):
        return ""
    decimals = min(cell.decimals for cell in chosen)
    numbers = {cell.place.row: round_half_up(cell.number, decimals) for cell in chosen}
    best = max(numbers.values()) if rule.pick == "max" else min(numbers.values())
    winners = [cell for cell in chosen if numbers[cell.place.row] == best]
    if len(winners) != 1:
        return ""
    language = catalogue.run.language
    region = catalogue.regions.name(winners[0].place.row, language)
    value = shown(winners[0], catalogue.labels.words, language)
    return catalogue.text(rule.text).replace("{region}", region).replace("{value}", value)
