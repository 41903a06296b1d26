"""What the page of a report opens with: the place in a few numbers, what was found in the print, how much is filled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from groruddalen_stats.appendix.fill import cells_of_print, fill
from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.model import Basis, Cell
from groruddalen_stats.config.models import Area, KeyFigure
from groruddalen_stats.numbers import display_number, round_half_up
from groruddalen_stats.report.audit import WRITING_ONLY
from groruddalen_stats.report.words import Words

CheckModel = Mapping[str, Any]

_MOST_FINDINGS = 6
STATISTIC = attrgetter("indicator", "series", "sex", "age", "background", "detail")
"""What two cells have in common that show the same statistic of two years."""
_WIDTH, _HEIGHT, _EDGE = 120, 30, 4  # of the drawing of a trend, which the template frames


def opening(words: Words, cells: Mapping[str, Sequence[Cell]], check: CheckModel | None) -> dict[str, Any]:
    """Return what stands on the first screen, all of it computed from the cells and the check.

    ``check`` is report/<run>/check.json, for the run that rebuilds the print.
    """
    figures = [*_key_figures(words, cells)]
    return {
        "summary": _summary(words, figures),
        "key_figures": [figure for figure, *_ in figures],
        "key_heading": words("key_heading", area=words.catalogue.area.name[words.language]),
        "found": _found(words, check),
        "filled": _filled(words, cells),
    }


def _key_figures(
    words: Words, cells: Mapping[str, Sequence[Cell]]
) -> Iterator[tuple[dict[str, Any], KeyFigure, Cell | None, Cell | None]]:
    """Yield each key figure that has a number, with the cells of the place and of the whole it was made from."""
    catalogue = words.catalogue
    area, focus = catalogue.area, own_region(catalogue.area)
    for wanted in catalogue.appendix.key_figures:
        if wanted.object not in cells:
            continue
        columns = layout(wanted.object, catalogue).columns
        column = columns[-1].id if wanted.column == "last" else wanted.column
        at = {
            (cell.place.row, cell.place.column): cell
            for cell in cells[wanted.object]
            if wanted.series in {None, cell.spec.series}
        }
        own, whole = at.get((focus, column)), at.get((area.whole, column)) if focus != area.whole else None
        whole = whole if whole is not None and whole.known else None
        said: dict[str, Any] = {
            "href": f"#{wanted.object}",
            "trend": {},
            "unit": "" if wanted.unit is None else wanted.unit[words.language],
        }
        if own is not None and own.known:
            said["value"] = words.cell(own)
            year, beside = own.spec.year, [*_beside(words, own, whole, [*at.values()])]
            beside += [f"{words(f'legend_{flag.kind}').capitalize()}." for flag in own.doubts]
            said["trend"] = _trend(own, [*at.values()])
        else:
            parts = [at[part, column] for part in area.parts if (part, column) in at and at[part, column].known]
            if len(parts) < max(2, len(area.parts)):
                continue
            low, high = (pick(parts, key=lambda cell: cell.number) for pick in (min, max))
            said["value"] = words("range", low=words.cell(low), high=words.cell(high))
            names = (catalogue.regions.name(cell.place.row, words.language) for cell in (low, high))
            year, beside = low.spec.year, [words("key_ends", low=next(names), high=next(names))]
            beside += [_of_whole(words, words.cell(whole))] if whole else []
            own = None
        said["label"] = catalogue.text(wanted.label).replace("{year}", f"{year}")
        said["beside"] = beside
        yield said, wanted, own, whole


def own_region(area: Area) -> str:
    """Return the region that an area is as a whole: the sum of its parts, its only part, or what has these parts."""
    return area.together or (area.parts[0] if len(area.parts) == 1 else area.whole)


def _years(own: Cell, cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells of the same row that show the same statistic, by year: known, not vague and not in doubt."""
    same = [cell for cell in cells if cell.place.row == own.place.row and STATISTIC(cell.spec) == STATISTIC(own.spec)]
    sound = [cell for cell in same if cell.known and not cell.approximate and not cell.doubts and not cell.spec.base]
    return sorted(sound, key=lambda cell: cell.spec.year)


def _beside(words: Words, own: Cell, whole: Cell | None, cells: Sequence[Cell]) -> Iterator[str]:
    """Yield how a number has changed and what the whole has: a count beside its growth, a share beside the share."""
    known = _years(own, cells)
    first = known[0] if len(known) > 1 and known[-1] is own else None
    if own.unit in {"persons", "households"}:
        if first is None or not first.number:
            return
        yield words("key_change", change=_growth(words, first, own), year=f"{first.spec.year}")
        of_whole = _years(whole, cells) if whole is not None else []
        if whole is not None and of_whole and of_whole[0].spec.year == first.spec.year:
            yield _of_whole(words, words("percent_of", value=_growth(words, of_whole[0], whole)))
        return
    if first is not None:
        yield words("key_then", value=words.cell(first), year=f"{first.spec.year}")
    if whole is not None:
        yield _of_whole(words, words.cell(whole))


def _of_whole(words: Words, value: str) -> str:
    return words("key_whole", whole=_name(words), value=value)


def _name(words: Words) -> str:
    return words.catalogue.regions.name(words.catalogue.area.whole, words.language)


def _growth(words: Words, first: Cell, last: Cell) -> str:
    """Return a change in per cent, with its sign."""
    change = round_half_up(100 * (last.number / first.number - 1), 1)
    return f"{'+' if change > 0 else ''}{display_number(change, 1, words.language)}"


def _trend(own: Cell, cells: Sequence[Cell]) -> dict[str, Any]:
    """Return a line through the years of a number, for a drawing without axes; nothing for fewer than three."""
    known = _years(own, cells)
    if len(known) < 3 or known[-1] is not own:
        return {}
    low, high = (pick(cell.number for cell in known) for pick in (min, max))
    first, last = known[0].spec.year, known[-1].spec.year

    def at(cell: Cell) -> tuple[float, float]:
        across = (cell.spec.year - first) / (last - first)
        up = (cell.number - low) / (high - low) if high > low else 0.5
        return _EDGE + across * (_WIDTH - 2 * _EDGE), _HEIGHT - _EDGE - up * (_HEIGHT - 2 * _EDGE)

    points = [[f"{round_half_up(part, 1)}" for part in at(cell)] for cell in known]
    ends = {"first": f"{first}", "last": f"{last}"}
    return {"points": " ".join(f"{x},{y}" for x, y in points), "end": points[-1], **ends}


def _summary(words: Words, figures: Sequence[tuple[dict[str, Any], KeyFigure, Cell | None, Cell | None]]) -> str:
    """Return in which key figures the place is above and below the whole, as they are shown."""
    sides: dict[str, list[str]] = {"higher": [], "lower": [], "equal": []}
    for _, wanted, own, whole in figures:
        if own is None or whole is None or own.unit in {"persons", "households"}:
            continue
        if any(cell.approximate or cell.doubts for cell in (own, whole)):
            continue
        mine, theirs = (round_half_up(cell.number, own.decimals) for cell in (own, whole))
        side = "higher" if mine > theirs else "lower" if mine < theirs else "equal"
        sides[side].append(words.catalogue.text(wanted.name))
    name = _name(words)
    said = [words(f"summary_{side}", whole=name, what=words.listed(what)) for side, what in sides.items() if what]
    return " ".join(said)


def _found(words: Words, check: CheckModel | None) -> dict[str, Any]:
    """Return the gravest findings in the print, each with its place in the report."""
    if not check or not words.catalogue.is_print:
        return {}
    items = [(n, item) for n, item in enumerate(check["items"], start=1) if item["severity"] < WRITING_ONLY]
    listed = [
        {
            "number": f"{number}",
            "title": f"{words.label(item['cells'][0]['object'])}: {item['class_label']}",
            "text": item["reason"],
            "cells": words("found_cells", count=len(item["cells"])),
        }
        for number, item in items[:_MOST_FINDINGS]
    ]
    return {
        "heading": words("found_heading", count=len(check["items"])),
        "lead": words("found_lead", grave=len(items), writing=len(check["items"]) - len(items), shown=len(listed)),
        "items": listed,
        "headline": check["headline"],
    }


def _filled(words: Words, cells: Mapping[str, Sequence[Cell]]) -> dict[str, Any]:
    """Return how many cells show a number, and on what they rest, as parts of a bar."""
    whole, _ = fill(chain.from_iterable(cells.values()), words.catalogue)
    counts = {**whole.by_basis, Basis.MISSING: whole.cells - whole.filled}
    return {
        "heading": words("filled_heading", share=display_number(whole.percent, 0, words.language)),
        "text": words.fill(whole.filled, whole.cells, whole.percent),
        "parts": [
            {
                "basis": basis.value,
                "count": words.count(counts[basis]),
                "share": f"{round_half_up(100 * counts[basis] / whole.cells, 2)}",
                "label": words.basis(basis),
            }
            for basis in Basis
            if counts.get(basis)
        ],
    }


def matrix(words: Words, cells: Mapping[str, Sequence[Cell]]) -> dict[str, Any]:
    """Return how many numbers of each object rest on what, in the order of the report."""
    catalogue = words.catalogue
    counted: dict[str, Counter[Basis]] = {name: Counter() for name in catalogue.appendix.objects}
    for cell in cells_of_print(chain.from_iterable(cells.values()), catalogue):
        counted[cell.place.object][cell.basis if cell.known else Basis.MISSING] += 1
    totals = sum(counted.values(), Counter[Basis]())
    occur = [basis for basis in Basis if totals[basis]]

    def row(name: str) -> dict[str, Any]:
        own = counted[name]
        return {
            "id": name,
            "label": words.label(name),
            "title": catalogue.text(catalogue.appendix.objects[name].title),
            "bar": [
                [basis.value, f"{round_half_up(100 * own[basis] / own.total(), 1)}"] for basis in occur if own[basis]
            ],
            "cells": [words.count(own[basis]) if own[basis] else "" for basis in occur],
        }

    return {
        "columns": [{"basis": basis.value, "label": words.basis(basis)} for basis in occur],
        "sections": [
            {"title": catalogue.text(section.title), "rows": [row(name) for name in section.objects if counted[name]]}
            for section in catalogue.appendix.sections
            if any(counted[name] for name in section.objects)
        ],
        "total": [words.count(totals[basis]) for basis in occur],
    }
