"""What the index of many areas needs of one of them: its numbers and those of its whole, through the years."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from groruddalen_stats.appendix.layout import Spec, layout
from groruddalen_stats.appendix.model import Basis, Cell, FlagKind
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.load import load_model
from groruddalen_stats.config.models import Place
from groruddalen_stats.config.site import Site, SiteColumn
from groruddalen_stats.paths import write_text
from groruddalen_stats.stages.work import Work

_BACK = 15
"""Years before the newest at most."""
_SAME = ("indicator", "series", "sex", "age", "background")
"""What two numbers must have in common to be compared."""


def write(work: Work) -> None:
    """Write profile.json of the run."""
    target = work.catalogue.paths.processed / work.catalogue.numbers_name / "profile.json"
    write_text(target, json.dumps(profile_of(work), ensure_ascii=False, indent=1) + "\n")


def profile_of(work: Work) -> dict[str, Any]:
    """Return what is written: names of the area and of what it is held against, and the numbers of both."""
    catalogue = work.catalogue
    area, regions = catalogue.area, catalogue.regions
    site = load_model(Site, catalogue.paths.config / "site.yaml")
    _, whole = _rows(catalogue)
    return {
        "name": area.name.model_dump(),
        "whole": {language: regions.name(whole, language) for language in ("nb", "en")},
        "columns": [_column(column, work) for column in site.columns],
    }


def _place_of(column: SiteColumn, row: str, catalogue: Catalogue) -> Place:
    last = layout(column.object, catalogue).columns[-1].id
    return Place(column.object, row, last if column.column == "last" else column.column)


def _rows(catalogue: Catalogue) -> tuple[str | None, str]:
    """Return the rows of the area and of what it is part of; one that is all of its whole is held against the next."""
    area = catalogue.area
    if area.together is None and len(area.parts) > 1:
        beyond = [region for region in area.comparisons if region != area.whole]
        return (area.whole, beyond[0]) if catalogue.run.area == area.whole and beyond else (None, area.whole)
    return area.together or area.parts[0], area.whole


def _column(column: SiteColumn, work: Work) -> dict[str, Any] | None:
    """Return a column's numbers of the area and of its whole, by year; nothing where the area has no such column."""
    catalogue = work.catalogue
    row, whole_row = _rows(catalogue)
    if row is None or column.object not in catalogue.appendix.objects:
        return None
    place = _place_of(column, row, catalogue)
    cells = layout(column.object, catalogue).cells
    spec, of_whole = cells.get(place[1:]), cells.get((whole_row, place.column))
    if spec is None:
        return None
    own = dict(_found(spec, work))
    whole = {} if of_whole is None else dict(_found(of_whole, work))
    indicator = catalogue.indicators.indicators[spec.indicator]
    sources = dict.fromkeys(name for cell in own.values() if cell.value for name in cell.value.sources)
    return {
        "same": [getattr(spec, key) for key in _SAME],
        "lag": None if spec.base is None else spec.year - spec.base,
        "unit": indicator.unit,
        "decimals": indicator.decimals if spec.decimals is None else spec.decimals,
        "own": {year: cell.number for year, cell in own.items()},
        "whole": {year: cell.number for year, cell in whole.items()},
        "sources": list(sources),
    }


def _found(spec: Spec, work: Work) -> Iterator[tuple[int, Cell]]:
    """Yield the exact numbers that the sources of the newest one give on one footing, the newest first."""
    sources = work.catalogue.sources.sources
    first: Cell | None = None
    for by in range(_BACK + 1):
        base = None if spec.base is None else spec.base - by
        cell = work.compute.of(replace(spec, year=spec.year - by, base=base))
        if cell is None or cell.value is None or not cell.known or cell.basis is not Basis.SOURCE:
            continue
        if cell.approximate or cell.doubts or cell.about(FlagKind.BORDER):
            continue
        first = first or cell
        assert first.value is not None
        since = max((gap.year for name in first.value.sources for gap in sources[name].breaks), default=0)
        if set(cell.value.sources) == set(first.value.sources) and (cell is first or cell.spec.year >= since):
            yield cell.spec.year, cell
