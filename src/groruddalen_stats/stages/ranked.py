"""A table of areas: a column for each indicator that config/site.yaml names, each number with its rank among the parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.appendix.text import shown
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.config.models import Place
from groruddalen_stats.config.site import Site, SiteColumn
from groruddalen_stats.numbers import Language, round_half_up
from groruddalen_stats.paths import Paths
from groruddalen_stats.report.profiles import ranked
from groruddalen_stats.stages.work import Work


def table_of(site: Site, paths: Paths) -> tuple[Catalogue, dict[Place, Cell]] | None:
    """Return the run of the areas side by side with its cells, where the site shows such a table."""
    if site.areas is None:
        return None
    work = Work(load(paths, site.areas.model_dump(exclude_none=True)))
    return work.catalogue, {cell.place: cell for cell in work.cells}


def place_of(column: SiteColumn, row: str, catalogue: Catalogue) -> Place:
    """Return where an object has a column's number of a row."""
    last = layout(column.object, catalogue).columns[-1].id
    return Place(column.object, row, last if column.column == "last" else column.column)


def head(column: SiteColumn, catalogue: Catalogue, cells: Mapping[Place, Cell], language: Language) -> str:
    """Return what a column is called, with the year that its numbers are of."""
    whole = cells.get(place_of(column, catalogue.area.whole, catalogue))
    return column.label[language] + (f", {whole.spec.year}" if whole else "")


def rows(
    columns: Sequence[SiteColumn],
    catalogue: Catalogue,
    cells: Mapping[Place, Cell],
    folders: Mapping[str, str],
    language: Language,
) -> list[dict[str, Any]]:
    """Return the parts of the area and its whole, each number with its rank among the parts, the largest first."""
    area = catalogue.area
    words = catalogue.labels.words
    of_column: list[dict[str, Cell]] = []
    for column in columns:
        at = {row: place_of(column, row, catalogue) for row in (*area.parts, area.whole)}
        of_column.append({row: cells[place] for row, place in at.items() if place in cells})
    ranks: list[dict[str, int]] = [
        ranked(
            {
                row: round_half_up(cell.number, cell.decimals)
                for row, cell in found.items()
                if cell.known and row != area.whole
            }
        )
        for found in of_column
    ]
    return [
        {
            "name": catalogue.regions.name(row, language),
            "folder": folders.get(row, ""),
            "whole": row == area.whole,
            "cells": [
                (shown(found[row], words, language) if row in found and found[row].known else "", rank.get(row, ""))
                for found, rank in zip(of_column, ranks, strict=True)
            ],
        }
        for row in (*area.parts, area.whole)
    ]
