"""What a fetch changes, told before its snapshots take the place of the old ones: figures, cells, and rows of two vintages."""

from __future__ import annotations

import math
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from groruddalen_stats import runs
from groruddalen_stats.appendix.compute import Compute
from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.appendix.notes import sources_of
from groruddalen_stats.catalogue import Catalogue, editions, load
from groruddalen_stats.errors import StatsError
from groruddalen_stats.live.fetch import FetchOutcome, files_of
from groruddalen_stats.live.vintage import CHANGES, Vintage
from groruddalen_stats.numbers import display_number
from groruddalen_stats.paths import Paths, write_text
from groruddalen_stats.report.html import TEMPLATES, page_templates
from groruddalen_stats.report.words import Words
from groruddalen_stats.stages.work import Work

_FEW = 10  # rows that mix vintages that the terminal names
_SHOWN = 200  # changes of one source, and cells, that the page shows; the CSV files have all


class CellChange(NamedTuple):
    """A cell that shows something else than before."""

    edition: str
    object: str
    row: str
    column: str
    before: float
    after: float
    decimals: int
    sources_before: str
    sources_after: str


class MixedRow(NamedTuple):
    """A row of an object that takes some figures from a new snapshot, and some from one that could not be renewed."""

    edition: str
    object: str
    row: str
    renewed: str
    old: str


@dataclass(frozen=True)
class Renewal:
    """What a fetch changes in the cells of the editions.

    Attributes:
        catalogues: the editions that were computed, by name, as they are after the fetch.
    """

    outcomes: Sequence[FetchOutcome]
    catalogues: Mapping[str, Catalogue]
    changed: Sequence[CellChange]
    mixed: Sequence[MixedRow]

    @property
    def figures(self) -> dict[str, Vintage]:
        """What the new snapshots of figures change, by source."""
        return {outcome.source: outcome.change for outcome in self.outcomes if outcome.change}


def compute(paths: Paths, outcomes: Sequence[FetchOutcome]) -> Renewal:
    """Return what new snapshots change, computed with them beside those in force.

    Raises:
        SnapshotError: when a raw file that the fetch does not replace is damaged.
        ConfigError: when the configuration is wrong.
    """
    first = load(paths)
    before, after = Work(first), Work(first, given=files_of(outcomes))
    state = {outcome.source: outcome.state for outcome in outcomes}
    named = dict.fromkeys([*editions(paths), first.run.edition])
    asked = {name: load(paths, {"edition": name, "years": {}}) for name in named}
    after_by = {name: after.compute_for(catalogue) for name, catalogue in asked.items()}
    changed: list[CellChange] = []
    mixed: list[MixedRow] = []
    for name, catalogue in asked.items():
        cells = after_by[name].cells()
        changed += _changed(name, before.compute_for(catalogue), cells)
        mixed += _mixed(name, catalogue, cells, state)
    return Renewal(outcomes, {name: made.catalogue for name, made in after_by.items()}, changed, mixed)


def tell(paths: Paths, outcomes: Sequence[FetchOutcome]) -> None:
    """Write what new snapshots change, and say in short which cells do and which rows mix vintages."""
    try:
        renewal = compute(paths, outcomes)
    except StatsError as error:
        # What was fetched may be just what mends the project.
        print("what the fetch changes could not be computed:", *error.faults, sep="\n  ", file=sys.stderr)  # noqa: T201
        return
    page = write(paths, renewal)
    counts = Counter(change.edition for change in renewal.changed)
    said = ", ".join(f"{name} {counts[name]}" for name in renewal.catalogues)
    lines = [f"cells that change, by edition: {said}"]
    lines += [
        f"{row.edition} {row.object} {row.row}: new {row.renewed} beside {row.old}, which failed"
        for row in renewal.mixed[:_FEW]
    ]
    if renewal.mixed[_FEW:]:
        lines.append(f"and {len(renewal.mixed) - _FEW} more rows that mix vintages")
    print(*lines, f"all of it: {page.as_posix()}", sep="\n")  # noqa: T201


def _changed(edition: str, before: Compute, cells: Sequence[Cell]) -> Iterator[CellChange]:
    sources = before.catalogue.sources
    old = {cell.place: cell for cell in before.cells()}
    new = {cell.place: cell for cell in cells}
    for place in dict.fromkeys([*old, *new]):
        one, other = old.get(place), new.get(place)
        shown = [(cell.number, cell.basis) if cell and cell.known else None for cell in (one, other)]
        if shown[0] != shown[1]:
            numbers = [known[0] if known else math.nan for known in shown]
            behind = [" ".join(sources_of([cell], sources)) if cell else "" for cell in (one, other)]
            decimals = max(cell.decimals for cell in (one, other) if cell)
            yield CellChange(edition, *place, numbers[0], numbers[1], decimals, behind[0], behind[1])


def _mixed(edition: str, catalogue: Catalogue, cells: Iterable[Cell], state: Mapping[str, str]) -> Iterator[MixedRow]:
    rows: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        rows.setdefault((cell.place.object, cell.place.row), []).append(cell)
    for (name, row), own in rows.items():
        used = sources_of(own, catalogue.sources)
        renewed = [key for key in used if state.get(key) == "fetched"]
        old = [key for key in used if state.get(key) == "failed"]
        if renewed and old:
            yield MixedRow(edition, name, row, " ".join(renewed), " ".join(old))


def write(paths: Paths, renewal: Renewal) -> Path:
    """Write ``report/fetch/``: the page, the same in short as changes.md, and all changes as CSV; return the page."""
    folder = paths.report("fetch")
    # Nothing of an earlier fetch may stand beside what is told of this one.
    shutil.rmtree(folder, ignore_errors=True)
    figures = [change.table.assign(source=name) for name, change in renewal.figures.items()]
    if figures:
        table = pd.concat(figures, ignore_index=True)
        table = table[["source", *(name for name in table.columns if name != "source")]]
        write_text(folder / "figures.csv", table.to_csv(index=False, lineterminator="\n"))
    for name, rows, columns in (
        ("cells.csv", renewal.changed, CellChange._fields),
        ("mixed.csv", renewal.mixed, MixedRow._fields),
    ):
        write_text(folder / name, pd.DataFrame(rows, columns=columns).to_csv(index=False, lineterminator="\n"))
    templates = page_templates(TEMPLATES)
    model = _model(renewal)
    write_text(folder / "changes.md", templates.get_template("fetch.md.j2").render(model))
    page = folder / "index.html"
    write_text(page, templates.get_template("fetch.html.j2").render(model))
    return page


def _model(renewal: Renewal) -> dict[str, Any]:
    """Return what the page and changes.md show: parts with an anchor, a title, a lead and tables."""
    words = Words(next(iter(renewal.catalogues.values())))
    other = [change for change in renewal.changed if change.before != change.after]
    outcomes = [
        [
            outcome.source,
            words(f"fetch_{outcome.state.replace(' ', '_')}"),
            *(str((outcome.change and outcome.change.count(change)) or "") for change in CHANGES),
            "" if outcome.state == "fetched" else outcome.said,
        ]
        for outcome in renewal.outcomes
    ]
    cells = [_cell(change, renewal.catalogues[change.edition]) for change in other[:_SHOWN]]
    mixed = [[*_where(row, renewal.catalogues[row.edition]), row.renewed, row.old] for row in renewal.mixed]
    same = words("fetch_same", number=f"{len(renewal.changed) - len(other)}")
    kinds = [change.replace(" ", "_") for change in CHANGES]
    of_sources = _table(words, "result", ("sources", "result", *(f"{kind}+" for kind in kinds), "said"), outcomes)
    of_cells = _table(
        words, "cells", ("edition", "where", "row", "column", "before+", "after+", "sources"), cells, len(other)
    )
    of_mixed = _table(words, "mixed", ("edition", "where", "row", "new", "old"), mixed)
    parts: dict[str, tuple[str, list[dict[str, Any]]]] = {
        "sources": ("", [of_sources]),
        "cells": (same if cells else f"{words('fetch_no_cells')} {same}", [of_cells] if cells else []),
        **({"mixed": (words("fetch_mixed_lead"), [of_mixed])} if mixed else {}),
        "figures": ("", [_figures(name, change, words) for name, change in renewal.figures.items()]),
    }
    return {
        "language": words.language,
        "words": words.every(),
        "parts": [
            {"id": key, "title": words(f"fetch_{key}"), "lead": lead, "tables": tables}
            for key, (lead, tables) in parts.items()
        ],
    }


def _table(
    words: Words, name: str, heads: Sequence[str], rows: Sequence[Sequence[str]], count: int = 0
) -> dict[str, Any]:
    """Return a table of texts with the words of its heads; a plus sign marks a column of numbers.

    Of more rows than are shown, ``count`` in all, the CSV file has the rest.
    """
    named = [(words(f"fetch_{head.rstrip('+')}"), head.endswith("+")) for head in heads]
    more = words("fetch_more", number=f"{count - _SHOWN}") if count > _SHOWN else ""
    return {"caption": words(f"fetch_{name}"), "heads": named, "rows": rows, "more": more, "file": f"{name}.csv"}


def _figures(name: str, change: Vintage, words: Words) -> dict[str, Any]:
    """Return what changed in one source: by series, region and period, the revisions first."""
    table, catalogue, language = change.table, words.catalogue, words.language
    order = table["change"].map({change: at for at, change in enumerate(CHANGES)})
    counts = (
        table.assign(order=order)
        .groupby(["order", "change", "series", "region", "period"], observed=True, sort=True)
        .agg(number=("change", "size"), before=("value_before", "sum"), after=("value_after", "sum"))
        .reset_index()
    )
    series = catalogue.indicators.series

    def figure(number: float) -> str:
        return display_number(number, 0 if float(number).is_integer() else 1, language)

    shown: Iterable[Any] = counts[:_SHOWN].itertuples(index=False)
    rows = [
        (
            words(f"fetch_{row.change.replace(' ', '_')}"),
            series[row.series].label[language] if row.series in series else row.series,
            catalogue.regions.name(row.region, language) if row.region else "",
            row.period,
            str(row.number),
            "" if row.change == "added" else figure(row.before),
            "" if row.change == "removed" else figure(row.after),
        )
        for row in shown
    ]
    heads = ("change", "series", "region", "period", "number+", "sum_before+", "sum_after+")
    return {**_table(words, "figures", heads, rows, len(counts)), "caption": name}


def _where(row: MixedRow | CellChange, catalogue: Catalogue) -> tuple[str, str, str]:
    """Return where a change is, in words: edition, object and row."""
    plan, spec = layout(row.object, catalogue), catalogue.appendix.objects[row.object]
    label = plan.labels(catalogue.run.language).get(row.row, row.row)
    return str(runs.year_of(row.edition) or row.edition), Words(catalogue)(spec.kind, number=spec.number), label


def _cell(change: CellChange, catalogue: Catalogue) -> tuple[str, ...]:
    language = catalogue.run.language
    label = layout(change.object, catalogue).labels(language).get(change.column, change.column)
    missing = catalogue.labels.words["missing"][language]
    numbers = [
        missing if pd.isna(number) else display_number(number, change.decimals, language)
        for number in (change.before, change.after)
    ]
    return (*_where(change, catalogue), label, *numbers, change.sources_after or change.sources_before)
