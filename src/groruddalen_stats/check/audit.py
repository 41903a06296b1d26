"""The audit of a check: what was found in the print, the most important first, and what each error touches."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.terms import Term, terms_of
from groruddalen_stats.check.compare import place_of
from groruddalen_stats.check.printed import PrintedCell, in_language
from groruddalen_stats.check.result import CheckResult
from groruddalen_stats.check.rules import Finding, columns_of_shares, fits
from groruddalen_stats.check.search import SearchOutcome
from groruddalen_stats.config.deviations import Strength, UnknownTruth
from groruddalen_stats.config.models import Place
from groruddalen_stats.numbers import display_number

_STRENGTHS = ("strong", "medium", "weak")


def audit(result: CheckResult) -> dict[str, Any]:
    """Return the audit as plain dictionaries, lists, strings and numbers, ready for JSON.

    ``items`` are the entries of the ledger by severity, ``cells`` their keys by cell, for marking cells on the spot.
    """
    chosen = result.language
    texts = result.catalogue.labels.check
    items = list(_items(result))
    noted = {"differences_note": "different", "not_comparable_note": "not_comparable"}
    return {
        "edition": result.edition,
        "language": chosen,
        "headline": result.headline(),
        "notes": [
            texts[key][chosen].format(**result.counts)
            for key, counted in noted.items()
            if result.counts[counted] and result.counts[counted] < result.counts["printed"]
        ],
        "counts": result.counts,
        "tables": [
            {
                "object": name,
                "number": result.catalogue.appendix.objects[name].number,
                "title": result.catalogue.text(result.catalogue.appendix.objects[name].title),
                **result.counts_of(name),
            }
            for name in result.tables.tables
        ],
        "items": items,
        "open_questions": [
            {**_found(result, finding), "cells": [_cell(result, p) for p in finding.cells]}
            for finding in result.open_questions
        ],
        "no_open_questions": texts["no_open_questions"][chosen].format(**result.counts),
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
    for answer in result.answers:
        for name in answer.entries:
            found[name].append(_found(result, answer.finding))
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
                    "explanation_label": result.catalogue.labels.check[kind][result.language] if kind else "",
                }
                for place in result.ledger.places(name)
            ],
            "found_by": sorted(found[name], key=lambda item: _STRENGTHS.index(item["strength"])),
            "touches": _touches(result, name, uses),
        }


def _searched(result: CheckResult, outcome: SearchOutcome) -> dict[str, Any]:
    name = outcome.cells[0][0]
    best = len(outcome.trials[0].hits)
    shown = {
        "tried": len(outcome.trials),
        "cells": len(outcome.cells),
        "best": best,
        "average": display_number(outcome.average, 1, result.language),
        "listed": sum(bool(trial.hits) for trial in outcome.trials),
    }
    return {
        "id": outcome.name,
        "object": name,
        "number": result.catalogue.appendix.objects[name].number,
        "tried": len(outcome.trials),
        "cells": len(outcome.cells),
        "average": outcome.average,
        "note": result.catalogue.labels.check["search_note"][result.language].format(**shown),
        "trials": [
            {
                "year": trial.year,
                "age": trial.age,
                "dates": list(trial.dates),
                "hits": len(trial.hits),
                "stated": trial.stated,
            }
            for trial in outcome.trials
            if trial.hits
        ],
    }


def _found(result: CheckResult, finding: Finding) -> dict[str, Any]:
    candidates = [
        {**_cell(result, place), "needed": display_number(needed.value, needed.decimals, result.language)}
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
        "strength_label": result.catalogue.labels.check[strength][result.language],
        "candidates": list(candidates),
    }


def _cell(result: CheckResult, place: Place, rebuilt: Decimal | None = None) -> dict[str, Any]:
    cell = result.tables.by_place.get(place)
    printed = "" if cell is None else in_language(cell.printed, result.language)
    return {
        **dict(zip(("object", "row", "column"), place, strict=True)),
        "names": result.names(place),
        "printed": printed,
        "rebuilt": "" if cell is None or rebuilt is None else display_number(rebuilt, cell.decimals, result.language),
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
    places = [place for place, _, used in uses if place not in own and not counts.isdisjoint(used)]
    grouped: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place in places:
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
            if spec.ours or spec.region is None:
                continue
            if catalogue.indicators.indicators[spec.indicator].formula == "value":
                continue
            terms = terms_of(spec, catalogue.indicators).all()
            counts = frozenset(
                term._replace(region=region, detail="")
                for term in terms
                for region in (term.region, *members(term.region))
            )
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
        values.append(
            {
                **_cell(result, cell.place),
                "low": display_number(low, cell.decimals, result.language),
                "high": display_number(high, cell.decimals, result.language),
                "low_value": low,
                "high_value": high,
            }
        )
        moved.extend(_moved(result, cell, low, high))
    shown = {
        "first": history[0].column,
        "last": last.column,
        "slowest": display_number((min(growth) - 1) * 100, 1, result.language),
        "fastest": display_number((max(growth) - 1) * 100, 1, result.language),
    }
    return {
        "id": name,
        "note": result.catalogue.labels.check["unknown_note"][result.language].format(**shown),
        "inference": _inference(result, moved),
        "values": values,
        "moved": moved,
    }


def _inference(result: CheckResult, moved: list[dict[str, Any]]) -> str:
    """Return what the printed numbers tell of which count they were divided by: how many whole counts each allows.

    A rate with one decimal over tens of thousands of households leaves room for several whole counts whatever it was
    divided by; only a rate that leaves room for none would tell.
    """
    rooms = [(cell["counts"], cell["counts_low"], cell["counts_high"]) for cell in moved if cell["low"]]
    if not rooms:
        return ""
    shown = {
        "rates": len(rooms),
        "least": min(copied for copied, _, _ in rooms),
        "most": max(copied for copied, _, _ in rooms),
        "other_least": min(min(low, high) for _, low, high in rooms),
        "other_most": max(max(low, high) for _, low, high in rooms),
    }
    return result.catalogue.labels.check["inference"][result.language].format(**shown)


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
            "smallest_change": display_number((cell.number / low - 1) * 100, 1, result.language),
            "largest_change": display_number((cell.number / high - 1) * 100, 1, result.language),
            "low": "",
            "high": "",
        }
        if printed is not None and printed.value is not None:
            # The printed rate times the printed count is what was counted, whatever the true denominator is.
            counted = printed.number * cell.number
            found["low"] = display_number(counted / high, printed.decimals, result.language)
            found["high"] = display_number(counted / low, printed.decimals, result.language)
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
            "source": result.source_name(compared.source, result.language),
            "cells": [_cell(result, place) for place in compared.cells],
            "summed": entry.add_rows,
            "printed": display_number(compared.printed, compared.decimals, result.language),
            "other": display_number(compared.other, compared.decimals, result.language),
            "difference": display_number(compared.difference, compared.decimals, result.language),
            "within": display_number(entry.within, 1 if entry.within % 1 else 0, result.language),
            "supports": compared.supports,
        }


def _dating(result: CheckResult) -> Iterator[dict[str, Any]]:
    """Yield how many shares of a table each pair of years gives, for each stated series: the best three and the stated."""
    hits: dict[tuple[str, str], Counter[tuple[int, tuple[int, ...]]]] = defaultdict(Counter)
    tried: dict[tuple[str, str], Counter[tuple[int, tuple[int, ...]]]] = defaultdict(Counter)
    stated: dict[tuple[str, str], tuple[int, tuple[int, ...]]] = {}
    for cells in columns_of_shares(result.tables):
        if not cells[0].numerator:
            continue
        group = (cells[0].object, cells[0].numerator[0].series)
        for fit in fits(cells, result.tables, result.known, own_only=True):
            pair = (fit.numerator.year, fit.years)
            hits[group][pair] += len(fit.hits)
            tried[group][pair] += len(fit.tried)
            if fit.stated:
                stated[group] = pair
    for (name, series), pairs in hits.items():
        ranked = sorted(pairs, key=lambda pair: (-pairs[pair], pair))
        own = stated.get((name, series))
        for pair in dict.fromkeys([*ranked[:3], *([own] if own else [])]):
            label = result.catalogue.indicators.series[series].label[result.language]
            yield {
                "object": name,
                "number": result.catalogue.appendix.objects[name].number,
                "series": label,
                "year": pair[0],
                "base_years": list(pair[1]),
                "hits": pairs[pair],
                "tried": tried[name, series][pair],
                "stated": pair == own,
            }
