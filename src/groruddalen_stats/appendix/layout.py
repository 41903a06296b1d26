"""The rows and columns of an object of config/appendix.yaml in an edition, with the specification of each cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from groruddalen_stats.catalogue import Catalogue, fill_years
from groruddalen_stats.config.models import AxisEntry, CellSpec, Edition, Object, Sex, Text
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.numbers import Language

_FIRST_DIVISION = dt.date(2007, 1, 1)


@dataclass(frozen=True, slots=True)
class Item:
    """One row or column: its id, its label (years filled in), whether it is ours, and what it says of its cells."""

    id: str
    label: Text
    ours: bool
    year: int | None
    spec: CellSpec


@dataclass(frozen=True, slots=True)
class Spec:
    """What one cell is: an indicator of a region in a year, fully resolved.

    Two editions whose specs are equal ask for the same statistic, so that a printed number may stand in both.
    """

    region: str | None
    indicator: str
    series: str
    sex: Sex | None
    age: str
    background: str
    detail: str
    year: int
    base: int | None
    decimals: int | None
    sum_of: tuple[str, ...]
    remainder_of: tuple[str, ...]
    ours: bool
    counted: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The rows and columns of one object in one edition, and the specification of every cell."""

    object_id: str
    rows: tuple[Item, ...]
    columns: tuple[Item, ...]
    cells: dict[tuple[str, str], Spec]

    @property
    def places(self) -> set[tuple[str, str]]:
        """Return every row with every column."""
        return {(row.id, column.id) for row in self.rows for column in self.columns}

    def labels(self, language: Language) -> dict[str, str]:
        """Return what readers call every row and column."""
        return {item.id: item.label[language] for item in (*self.rows, *self.columns)}


def layout(object_id: str, catalogue: Catalogue, edition: Edition | None = None) -> Layout:
    """Return the layout of one object."""
    chosen = edition or catalogue.edition
    kept = catalogue.layouts.get((object_id, id(chosen)))
    if isinstance(kept, Layout):
        return kept
    of_print = chosen is catalogue.print_edition
    spec = (catalogue.printed if of_print else catalogue.appendix).objects[object_id]
    rows = tuple(item for entry in spec.rows for item in _items(entry, catalogue, chosen))
    columns = tuple(
        item for entry in spec.columns if not _is_also_last(entry, chosen) for item in _items(entry, catalogue, chosen)
    )
    cells = {
        (row.id, column.id): cell
        for row in rows
        for column in columns
        if (cell := _cell(spec, row, column, chosen, catalogue)) is not None
    }
    if object_id in catalogue.nearest and not of_print and not catalogue.printed.objects[object_id].nearest_is_own:
        cells = {at: replace(cell, ours=True) for at, cell in cells.items()}
    made = Layout(object_id, rows, columns, cells)
    if chosen is catalogue.edition or of_print:
        catalogue.layouts[object_id, id(chosen)] = made
    return made


def _is_also_last(entry: AxisEntry, edition: Edition) -> bool:
    # With a single year the columns for the first and the last would be the same one twice.
    return entry.period is not None and entry.period.which == "first" and len(edition.listed(entry.period.topic)) == 1


def _items(entry: AxisEntry, catalogue: Catalogue, edition: Edition) -> Iterator[Item]:
    regions, words = catalogue.regions, catalogue.labels.words

    def item(name: str, region: str | None, year: int | None = None, label: Text | None = entry.label) -> Item:
        called = regions.called(region) if region else Text(nb="", en="")
        told = (label or called).put(region=called)
        filled = Text(nb=fill_years(told.nb, edition), en=fill_years(told.en, edition))
        year = edition.year(*entry.period) if entry.period else year
        return Item(name, filled, entry.ours, year, entry.model_copy(update={"region": region}))

    if entry.of_oslo and not catalogue.is_of_oslo:
        return
    if entry.id is not None:
        for region in [None] if entry.region is None else catalogue.placed([entry.region])[:1]:
            yield item(entry.id, region)
    elif entry.regions is not None:
        within = catalogue.sub_districts if entry.sub_districts else ()
        for region in within:
            alike = regions.called(region) == regions.called(catalogue.area.parts[0])
            name = words["sub_district"].put(region=regions.called(region)) if alike else regions.called(region)
            yield item(region, region, None, (entry.label and entry.label.put(region=name)) or name)
        for region in catalogue.placed([*map(regions.require, entry.regions)], entry.elsewhere):
            yield item(region, region)
    elif entry.years is not None:
        for year in edition.listed(entry.years):
            yield item(str(year), entry.region, year, Text(nb=str(year), en=str(year)))
    else:
        # The division of delbydeler dates from 2007; an earlier edition has its rows, without what the division says.
        date = max(dt.date(edition.year("map"), 1, 1), _FIRST_DIVISION)
        of_print = regions.delbydeler(entry.delbydeler or "", date)
        for region in of_print if catalogue.is_print_area else catalogue.on_map(date):
            yield item(region, region, None, None)


def _cell(spec: Object, row: Item, column: Item, edition: Edition, catalogue: Catalogue) -> Spec | None:
    others = [
        o
        for o in spec.overrides
        if row.id in catalogue.placed(o.rows) and column.id in o.columns and (catalogue.is_of_oslo or not o.of_oslo)
    ]
    layers: list[CellSpec] = [*others, column.spec, row.spec]
    if any(layer.absent for layer in layers):
        return None

    def first(name: str) -> Any:
        return next((value for layer in layers if (value := getattr(layer, name)) is not None), None)

    indicator, base = first("indicator") or spec.indicator, first("base") or spec.base
    if indicator is None:
        raise ConfigError(
            f"the cell {row.id}/{column.id} of {spec.number} has no indicator",
            where=str(catalogue.paths.config / "appendix.yaml"),
            remedy="give the object, the row or the column an 'indicator'",
        )
    others_years = (edition.year(*other.period) for other in others if other.period)
    year = next(others_years, None) or column.year or row.year or edition.year(*(spec.period or [spec.topics[0]]))
    base_year = None if base is None else edition.year(*base)
    counted, region = first("counted"), first("region")
    return Spec(
        region=region and catalogue.regions.require(region),
        indicator=indicator,
        series=first("series") or spec.series or "",
        sex=first("sex"),
        age=first("age") or "",
        background=first("background") or spec.background or "",
        detail=first("detail") or "",
        year=year,
        base=base_year,
        decimals=first("decimals"),
        sum_of=tuple(first("sum_of") or ()),
        remainder_of=tuple(first("remainder_of") or ()),
        ours=any(layer.ours for layer in layers),
        # An index in its base year is what it is by definition.
        counted=year != base_year if counted is None else counted,
        notes=tuple(dict.fromkeys(note for layer in layers for note in layer.notes)),
    )


def same_statistic(one: Spec, other: Spec | None) -> bool:
    """Return whether two cells ask for the same number, whatever notes they carry."""
    return other is not None and replace(one, notes=()) == replace(other, notes=())
