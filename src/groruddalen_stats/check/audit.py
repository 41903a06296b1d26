"""The audit of a check: what was found in the print, the most important first, and what each error touches."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.terms import Term, terms_of
from groruddalen_stats.check.compare import place_of
from groruddalen_stats.check.figures import SearchOutcome
from groruddalen_stats.check.printed import PrintedCell, in_language
from groruddalen_stats.check.result import CheckResult
from groruddalen_stats.check.rules import Finding, Fit, columns_of_shares, fits
from groruddalen_stats.config.deviations import Strength, UnknownTruth
from groruddalen_stats.config.models import Place

_STRENGTHS = ("strong", "medium", "weak")


def audit(result: CheckResult) -> dict[str, Any]:
    """Return the audit as plain dictionaries, lists, strings and numbers, ready for JSON.

    ``items`` are the entries of the ledger by severity, ``cells`` their keys by cell, for marking cells on the spot.
    """
    items = list(_items(result))
    noted = {"differences_note": "different", "not_comparable_note": "not_comparable"}
    objects = result.catalogue.appendix.objects
    return {
        "edition": result.edition,
        "language": result.language,
        "headline": result.headline(),
        "notes": [
            result.text(key, **result.counts)
            for key, counted in noted.items()
            if result.counts[counted] and result.counts[counted] < result.counts["printed"]
        ],
        "counts": result.counts,
        "tables": [
            {
                "object": name,
                "number": objects[name].number,
                "title": result.catalogue.text(objects[name].title),
                **result.counts_of(name),
            }
            for name in result.tables.tables
        ],
        "items": items,
        "open_questions": [
            {**_found(result, finding), "cells": [_cell(result, p) for p in finding.cells]}
            for finding in result.open_questions
        ],
        "no_open_questions": result.text("no_open_questions", **result.counts),
        "searches": [_searched(result, outcome) for outcome in result.figures.outcomes.values()],
        "corroborations": list(_corroborations(result)),
        "unknown_values": [_unknown(result, name, entry) for name, entry in result.ledger.unknown_values.items()],
        "dating": list(_dating(result)),
        "cells": _marks(items),
    }


def _items(result: CheckResult) -> Iterator[dict[str, Any]]:
    order = {name: index for index, name in enumerate(result.catalogue.appendix.objects)}
    entries = sorted(
        result.ledger.entries.items(),
        key=lambda item: (item[1].severity, order[result.ledger.places(item[0])[0][0]], item[0]),
    )
    uses = _uses(result)
    found = defaultdict(list)
    for finding in result.answers:
        for name in finding.entries:
            found[name].append(_found(result, finding))
    for row in result.ledger.noted:
        found[row.entry].append(_said(result, row.rule, row.strength, getattr(row, result.language)))
    kinds = {
        place_of(check): str(check["explanation"]) for check in result.checks.to_dict("records") if check["explanation"]
    }
    rebuilt = {row.place: row.rebuilt for row in result.ledger.expected.values()}
    for number, (name, entry) in enumerate(entries, start=1):
        reason, evidence = result.figures.texts(name, result.language)
        differs = name in result.ledger.deviations
        yield {
            "id": name,
            "number": number,
            "class": entry.kind,
            "class_label": result.catalogue.labels.kinds[entry.kind][result.language],
            "severity": entry.severity,
            "numbers_hold": entry.numbers_hold,
            "known_wrong": entry.known_wrong,
            "reason": reason,
            "evidence": evidence,
            "cells": [
                {
                    **_cell(result, place, rebuilt=rebuilt.get(place) if differs else None),
                    "explanation": (kind := kinds.get(place, "") if differs else ""),
                    "explanation_label": result.text(kind) if kind else "",
                }
                for place in result.ledger.places(name)
            ],
            "found_by": sorted(found[name], key=lambda item: _STRENGTHS.index(item["strength"])),
            "touches": _touches(result, name, uses),
        }


def _searched(result: CheckResult, outcome: SearchOutcome) -> dict[str, Any]:
    name, giving = outcome.cells[0][0], [trial for trial in outcome.trials if trial.hits]
    counts = {"tried": len(outcome.trials), "cells": len(outcome.cells)}
    best, average = len(outcome.trials[0].hits), result.number(outcome.average, 1)
    return {
        "id": outcome.name,
        "object": name,
        "number": result.catalogue.appendix.objects[name].number,
        **counts,
        "average": outcome.average,
        "note": result.text("search_note", **counts, best=best, average=average, listed=len(giving)),
        "trials": [
            {"year": one.year, "age": one.age, "dates": list(one.dates), "hits": len(one.hits), "stated": one.stated}
            for one in giving
        ],
    }


def _found(result: CheckResult, finding: Finding) -> dict[str, Any]:
    candidates = [
        {**_cell(result, place), "needed": result.number(needed.value, needed.decimals)}
        for place, needed in finding.candidates.items()
    ]
    return _said(result, finding.rule, finding.strength, result.say(finding), candidates)


def _said(
    result: CheckResult, rule: str, strength: Strength, text: str, candidates: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    return {
        "rule": rule,
        "label": result.ledger.rules[rule]["label"][result.language],
        "text": text,
        "strength": strength,
        "strength_label": result.text(strength),
        "candidates": list(candidates),
    }


def _cell(result: CheckResult, place: Place, rebuilt: Decimal | None = None) -> dict[str, Any]:
    cell = result.tables.by_place.get(place)
    printed = "" if cell is None else in_language(cell.printed, result.language)
    return {
        **dict(zip(("object", "row", "column"), place, strict=True)),
        "names": result.names(place),
        "printed": printed,
        "rebuilt": "" if cell is None or rebuilt is None else result.number(rebuilt, cell.decimals),
    }


def _marks(items: list[dict[str, Any]]) -> dict[str, list[str]]:
    marks: dict[str, list[str]] = defaultdict(list)
    for item in items:
        for cell in item["cells"]:
            marks[f"{cell['object']}/{cell['row']}/{cell['column']}"].append(item["id"])
    return dict(sorted(marks.items()))


# ---- what an error goes on into ---------------------------------------------------------------------------------


def _touches(result: CheckResult, name: str, uses: Iterable[Use]) -> list[dict[str, Any]]:
    """Return the cells of other objects, and other cells of the same one, that are computed from an entry's counts."""
    if result.ledger.entries[name].numbers_hold:
        return []
    own = set(result.ledger.places(name))
    counts = {
        term._replace(detail="")
        for place in own
        if (cell := result.tables.by_place.get(place)) is not None and cell.is_count
        for term in cell.numerator
    }
    grouped: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place, _, used in uses:
        if place not in own and not counts.isdisjoint(used):
            grouped[place[0], place[1]].append(place)
    return [
        {
            "object": touched,
            "number": result.catalogue.appendix.objects[touched].number,
            "kind": result.catalogue.appendix.objects[touched].kind,
            "row": row,
            "row_label": result.names(found[0])["row"],
            "columns": [place[2] for place in found],
            "column_labels": [result.names(place)["column"] for place in found],
        }
        for (touched, row), found in grouped.items()
    ]


Use = tuple[Place, tuple[Term, ...], frozenset[Term]]


def _uses(result: CheckResult) -> list[Use]:
    """Return every cell of the appendix that is computed from counts, with these, and with those of regions' parts too."""
    catalogue, found = result.catalogue, []
    members = catalogue.regions.members
    for name in catalogue.appendix.objects:
        plan = layout(name, catalogue, catalogue.print_edition)
        for (row, column), spec in plan.cells.items():
            formula = catalogue.indicators.indicators[spec.indicator].formula
            if not spec.ours and spec.region is not None and formula != "value":
                terms = terms_of(spec, catalogue.indicators).all()
                regions = ((term, region) for term in terms for region in (term.region, *members(term.region)))
                counts = frozenset(term._replace(region=region, detail="") for term, region in regions)
                found.append((Place(name, row, column), terms, counts))
    return found


def _unknown(result: CheckResult, name: str, entry: UnknownTruth) -> dict[str, Any]:
    """Return between which numbers unknown true values lie, and how far numbers divided by them would move."""
    by_place = result.tables.by_place
    history = [by_place[Place(entry.object, entry.row, column)] for column in entry.history]
    growth = [(after.number / before.number) ** (1 / (after.year - before.year)) for before, after in pairwise(history)]
    last = history[-1]
    values: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    for column in entry.columns:
        cell = by_place[Place(entry.object, entry.row, column)]
        years = cell.year - last.year
        low, high = last.number * min(growth) ** years, last.number * max(growth) ** years
        shown = {"low": result.number(low, cell.decimals), "high": result.number(high, cell.decimals)}
        values.append({**_cell(result, cell.place), **shown, "low_value": low, "high_value": high})
        moved.extend(_moved(result, cell, low, high))
    slowest, fastest = (result.number((edge(growth) - 1) * 100, 1) for edge in (min, max))
    note = result.text("unknown_note", first=history[0].column, last=last.column, slowest=slowest, fastest=fastest)
    return {"id": name, "note": note, "inference": _inference(result, moved), "values": values, "moved": moved}


def _inference(result: CheckResult, moved: list[dict[str, Any]]) -> str:
    """Return what the printed numbers tell of which count they were divided by: how many whole counts each allows.

    A rate with one decimal over tens of thousands of households leaves room for several whole counts whatever it was
    divided by; only a rate that leaves room for none would tell.
    """
    rooms = [(cell["counts"], cell["counts_low"], cell["counts_high"]) for cell in moved if cell["low"]]
    if not rooms:
        return ""
    copied, others = [room for room, *_ in rooms], [room for _, *both in rooms for room in both]
    shown = {"least": min(copied), "most": max(copied), "other_least": min(others), "other_most": max(others)}
    return result.text("inference", rates=len(rooms), **shown)


def _room(cell: PrintedCell, households: float) -> int:
    """Return how many whole counts, divided by a number of households, would be printed as a cell's number."""
    low, high = (cell.number + half for half in (-cell.half, cell.half))
    return math.ceil(high / cell.scale * households) - math.ceil(low / cell.scale * households)


def _moved(result: CheckResult, cell: PrintedCell, low: float, high: float) -> Iterator[dict[str, Any]]:
    for place, terms, _ in _uses(result):
        if cell.numerator[0] not in terms:
            continue
        printed = result.tables.by_place.get(place)
        found = {
            **_cell(result, place),
            "smallest_change": result.number((cell.number / low - 1) * 100, 1),
            "largest_change": result.number((cell.number / high - 1) * 100, 1),
            "low": "",
            "high": "",
        }
        if printed is not None and printed.value is not None:
            # The printed rate times the printed count is what was counted, whatever the true denominator is.
            counted = printed.number * cell.number
            found["low"], found["high"] = (result.number(counted / edge, printed.decimals) for edge in (high, low))
            found["counts"] = _room(printed, cell.number)
            found["counts_low"], found["counts_high"] = _room(printed, low), _room(printed, high)
        yield found


# ---- what supports the print, and what dates it -----------------------------------------------------------------


def _corroborations(result: CheckResult) -> Iterator[dict[str, Any]]:
    for compared in result.comparisons:
        entry = result.ledger.corroborations[compared.entry]
        yield {
            "id": compared.entry,
            "label": entry.text("label")[result.language],
            "source": result.source_name(compared.source),
            "cells": [_cell(result, place) for place in compared.cells],
            "summed": entry.add_rows,
            "printed": result.number(compared.printed, compared.decimals),
            "other": result.number(compared.other, compared.decimals),
            "difference": result.number(compared.difference, compared.decimals),
            "within": result.number(entry.within, 1 if entry.within % 1 else 0),
            "supports": compared.supports,
        }


def _dating(result: CheckResult) -> Iterator[dict[str, Any]]:
    """Yield how many shares of a table each pair of years gives, for each stated series: the best three and the stated."""
    found: dict[tuple[str, str], list[Fit]] = defaultdict(list)
    for cells in columns_of_shares(result.tables):
        if cells[0].numerator:
            tried = fits(cells, result.tables, result.known, own_only=True)
            found[cells[0].object, cells[0].numerator[0].series] += tried
    for (name, series), every in found.items():
        by_years: dict[tuple[int, tuple[int, ...]], list[Fit]] = defaultdict(list)
        for fit in every:
            by_years[fit.numerator.year, fit.years].append(fit)
        hits = {years: sum(len(fit.hits) for fit in of_years) for years, of_years in by_years.items()}
        ranked = sorted(hits, key=lambda years: (-hits[years], years))
        stated = [years for years, of_years in by_years.items() if any(fit.stated for fit in of_years)][-1:]
        for years in dict.fromkeys([*ranked[:3], *stated]):
            yield {
                "object": name,
                "number": result.catalogue.appendix.objects[name].number,
                "series": result.catalogue.indicators.series[series].label[result.language],
                "year": years[0],
                "base_years": list(years[1]),
                "hits": hits[years],
                "tried": sum(len(fit.tried) for fit in by_years[years]),
                "stated": years in stated,
            }
