"""What a run can show: what is nearest to a statistic that nobody publishes, and the newest year that has figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import isfinite

from groruddalen_stats import runs
from groruddalen_stats.appendix.compute import finder
from groruddalen_stats.appendix.find import Find, Observations
from groruddalen_stats.appendix.layout import Spec, layout, same_statistic
from groruddalen_stats.appendix.model import Basis, Value
from groruddalen_stats.appendix.terms import Term, terms_of
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Topic
from groruddalen_stats.regions import Policy

_FURTHEST = 15
"""Years back at most: an older figure says nothing of the year that was asked for."""


def settled(catalogue: Catalogue, observations: Observations) -> Catalogue:
    """Return the catalogue of a run with each object and topic at what there are figures for.

    An object whose statistic no source independent of the report has shows what is nearest to it, where it has such.
    Of a year, each topic is taken to the newest year, up to its own, that has figures: sources give at least three
    quarters of the cells of its last year that they give in the year that has most. One that has none at all stays where it is.
    Editions that are files stay at their years, and the report's own stays as it is.
    """
    if catalogue.is_print:
        return catalogue
    find = finder(catalogue, observations)
    of_year = runs.year_of(catalogue.run.edition) is not None
    catalogue = _with_nearest(catalogue, find, _FURTHEST if of_year else 0)
    if not of_year:
        return catalogue
    earlier = {}
    for topic in catalogue.edition.years:
        if topic in catalogue.run.years:
            continue
        # Beside places that have no figures, those of the whole say nothing.
        specs = catalogue.of_own(_last(topic, catalogue), lambda spec: spec.region)
        given: list[int] = []
        # No year before one that has all can have more.
        while len(given) <= _FURTHEST and (not given or given[-1] < len(specs)):
            given.append(sum(_has(spec, len(given), catalogue, find) for spec in specs))
        most = max(given)
        by = next(by for by, number in enumerate(given) if 4 * number >= 3 * most)
        if by:
            earlier[topic] = by
    return catalogue.taken_earlier(earlier) if earlier else catalogue


def _with_nearest(catalogue: Catalogue, find: Find, furthest: int) -> Catalogue:
    chosen = []
    for name, spec in catalogue.printed.objects.items():
        if spec.nearest and name not in catalogue.left_out:
            nearest = (
                replace(cell, ours=False) for cell in layout(name, catalogue.with_nearest([name])).cells.values()
            )
            own, printed = layout(name, catalogue).cells, layout(name, catalogue, catalogue.print_edition).cells
            if (
                not any(same_statistic(cell, printed.get(at)) for at, cell in own.items())
                and not _served(own.values(), catalogue, find, furthest)
                and _served(nearest, catalogue, find, furthest)
            ):
                chosen.append(name)
    return catalogue.with_nearest(chosen) if chosen else catalogue


def _served(specs: Iterable[Spec], catalogue: Catalogue, find: Find, furthest: int) -> bool:
    """Return whether sources have any number of some cells, or had one so many years earlier at most."""
    counted = [spec for spec in specs if spec.counted and not spec.ours]
    return any(_has(spec, by, catalogue, find) for by in range(furthest + 1) for spec in counted)


def _last(topic: Topic, catalogue: Catalogue) -> Iterator[Spec]:
    """Yield the cells of a topic's last year: those that move when it does, not others of the same year."""
    last, moved = catalogue.edition.year(topic), catalogue.taken_earlier({topic: 1})
    for name, spec in catalogue.appendix.objects.items():
        if topic in spec.every_topic:
            elsewhere = layout(name, moved).cells
            for place, cell in layout(name, catalogue).cells.items():
                stays = place in elsewhere and elsewhere[place].year == last
                if cell.year == last and cell.counted and not stays:
                    yield cell


def _has(spec: Spec, by: int, catalogue: Catalogue, find: Find) -> bool:
    base = None if spec.base is None else spec.base - by
    terms = terms_of(replace(spec, year=spec.year - by, base=base), catalogue.indicators)
    ways = (terms.all(), (terms.published,) if terms.published else ())
    return any(way and all(_given(term, catalogue.run.borders, find) for term in way) for way in ways)


def _given(term: Term, borders: Policy, find: Find) -> bool:
    """Return whether a source independent of the report has a number; asked of the same terms again and again."""
    known = find.among.given
    if (term, borders) not in known:
        # In most years nobody has any figure, and asking for each region takes long.
        found = None if not term.mean and find.among.has_none(term.series, term.year) else find(term)
        known[term, borders] = isinstance(found, Value) and found.basis is Basis.SOURCE and isfinite(found.number)
    return known[term, borders]
