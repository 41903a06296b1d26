"""The formulas of an object as sentences: what is counted, over what, on which dates and from which tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from groruddalen_stats.ages import ages
from groruddalen_stats.appendix.layout import Layout, Spec, layout
from groruddalen_stats.appendix.terms import Term, Terms, terms_of
from groruddalen_stats.config.models import text_in
from groruddalen_stats.report.words import Words

_NARROWING = attrgetter("sex", "age", "background", "detail")


@dataclass(frozen=True, slots=True)
class _Open:
    """What a sentence that holds for many columns leaves to their headings: the year, and how they are narrowed."""

    year: int | None = None
    narrowed: frozenset[str] = frozenset()


def formula_in_words(spec: Spec, words: Words, left: _Open = _Open()) -> str:
    """Return how one cell is computed, as a sentence without its region."""
    indicators = words.catalogue.indicators
    indicator = indicators.indicators[spec.indicator]
    if spec.remainder_of:
        return words("formula_remainder")
    if indicator.formula in {"sum_displayed", "model"}:
        return words(f"formula_{indicator.formula}")
    terms = terms_of(spec, indicators)

    def side(found: Iterable[Term]) -> str:
        return words.listed([_term(term, words, left) for term in found])

    parts = {"top": side(terms.numerator), "bottom": side(terms.denominator)}
    scale = f"{indicator.scale:g}"
    if terms.base[0]:
        base = words.listed([_term(term, words, _Open()) for term in terms.base[0]])
        key = "formula_index_real" if terms.denominator else "formula_index"
        said = words(key, **parts, base=base, scale=scale, year=f"{terms.base[0][0].year}")
    elif terms.denominator:
        said = words("formula_share" if indicator.scale == 100 else "formula_rate", **parts, scale=scale)
    else:
        said = parts["top"]
    if terms.published is not None:
        said = words("formula_published", published=_term(terms.published, words, left), formula=said)
    return f"{said[:1].upper()}{said[1:]}."


def sides_in_words(spec: Spec, words: Words) -> tuple[str, str]:
    """Return what is counted and what it is divided by, or the year it is compared with, each with its date."""
    terms = terms_of(spec, words.catalogue.indicators)
    below = terms.base[0] or terms.denominator
    above, under = (words.listed([_term(term, words, _Open()) for term in side]) for side in (terms.numerator, below))
    return above, under


def _term(term: Term, words: Words, left: _Open) -> str:
    catalogue = words.catalogue
    series, groups = catalogue.indicators.series[term.series], catalogue.indicators.groups
    label = series.label[words.language]
    what = [label if label[1:2].isupper() else f"{label[:1].lower()}{label[1:]}"]
    if term.sex != "both":
        what.append(words("of_the_group" if term.sex in left.narrowed else f"sex_{term.sex}"))
    if term.age != "all":
        band = ages(term.age)
        key = "of_the_age_group" if term.age in left.narrowed else "age_from" if band.open else "age_span"
        what.append(words(key, first=f"{band.first}", last=f"{band.last}"))
    what += [
        words("of_the_group") if key in left.narrowed else groups[key][words.language]
        for key in (term.background, term.detail)
        if key in groups
    ]
    dates = [words(f"date_{series.reference}", year=f"{year}") for year in term.years]
    if left.year is not None:
        dates = [words(f"reference_{series.reference}")]
        dates += [words("date_next")] if term.years[-1] > left.year else []
        return f"{' '.join(what)}, {' '.join(dates)}"
    date = words("date_mean", first=dates[0], second=dates[1]) if term.mean else dates[0]
    return f"{' '.join(what)}, {date}"


def formulas_of(plan: Layout, words: Words) -> list[dict[str, Any]]:
    """Return the formulas of an object, each once with the columns or rows it holds for, then what has no known source.

    Returns:
        ``of`` (empty when the formula holds for the whole object) and ``text``, in the order of the columns.
    """
    years = {column.id for column in plan.columns if column.id == str(column.year)}
    found: dict[str, list[tuple[str, str]]] = {}
    alone = {place: formula_in_words(spec, words) for place, spec in plan.cells.items() if spec.counted}
    shared: dict[str, set[str]] = {}
    together = {}
    ways = [_NARROWING(plan.cells[place]) for place in alone]
    # What all cells have in common is part of the sentence.
    common = {index for index, values in enumerate(zip(*ways, strict=True)) if len(set(values)) == 1}
    for (place, text), way in zip(alone.items(), ways, strict=True):
        spec = plan.cells[place]
        narrowed = frozenset(value for index, value in enumerate(way) if value and index not in common)
        left = _Open(spec.year if place[1] in years else None, narrowed)
        together[place] = formula_in_words(spec, words, left)
        shared.setdefault(together[place], set()).add(text)
    for place, text in alone.items():
        # One narrowed column is named; of many alike it is said once.
        said = together[place] if len(shared[together[place]]) > 1 else text
        found.setdefault(said, []).append(place)
    listed = [
        {"of": "" if len(found) == 1 else _names(places, plan, words), "text": text} for text, places in found.items()
    ]
    series = words.catalogue.indicators.series
    unknown = [
        words("series_none_known", series=series[key].label[words.language], why=why[words.language])
        for key in _series(plan, words)
        if (why := series[key].none_known) is not None
    ]
    return [*listed, *({"of": "", "text": text} for text in dict.fromkeys(unknown))]


def _names(places: list[tuple[str, str]], plan: Layout, words: Words) -> str:
    labels = plan.labels(words.language)
    of_rows, of_columns = (dict.fromkeys(keys) for keys in zip(*places, strict=True))
    rows, columns = (", ".join(labels[key] for key in keys) for keys in (of_rows, of_columns))
    everywhere = {place for place in plan.cells if place[1] in of_columns}
    if len(places) * 2 > len(everywhere) or (len(of_rows) > 1 and len(of_columns) == 1):
        return columns
    return rows if len(of_columns) == len(plan.columns) else f"{rows}: {columns}"


def _series(plan: Layout, words: Words) -> list[str]:
    """Return the series that the cells of an object ask for."""
    specs = [spec for spec in plan.cells.values() if spec.counted]
    found: list[Terms] = [terms_of(spec, words.catalogue.indicators) for spec in specs]
    named = [term for terms in found for term in (terms.published, *terms.all()) if term is not None]
    return list(dict.fromkeys(term.series for term in named))


def series_of(words: Words) -> list[tuple[str, str, str]]:
    """Return every series that some object asks for: its name, its date and its sources, best first, or why none."""
    catalogue = words.catalogue
    asked = [key for name in catalogue.appendix.objects for key in _series(layout(name, catalogue), words)]
    rows = []
    for key in dict.fromkeys(asked):
        series = catalogue.indicators.series[key]
        tables: dict[str, list[str]] = {}
        for name in series.sources:
            source = catalogue.sources.sources[name]
            by = catalogue.sources.publishers[source.publisher]
            # What the report or the city says is of their own places.
            strange = source.kind != "independent" and not catalogue.is_print_area
            if strange or (by.of_oslo and not catalogue.is_of_oslo):
                continue
            publisher = by.name[words.language]
            where = publisher if source.kind == "independent" else words("print_title")
            tables.setdefault(where, []).append(text_in(source.table, words.language))
        known = "; ".join(f"{publisher}: {', '.join(names)}" for publisher, names in tables.items())
        why = "" if series.none_known is None else series.none_known[words.language]
        date = words(f"reference_{series.reference}")
        rows.append((series.label[words.language], date, ". ".join(filter(None, [known, why])) or words("source_none")))
    return rows
