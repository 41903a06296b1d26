"""How far behind a year the newest figures of each topic are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from groruddalen_stats import runs
from groruddalen_stats.appendix.compute import finder
from groruddalen_stats.appendix.find import Find, Observations
from groruddalen_stats.appendix.layout import Spec, layout
from groruddalen_stats.appendix.model import Basis, Value
from groruddalen_stats.appendix.terms import terms_of
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Topic

_FURTHEST = 15
"""Years back at most: an older figure says nothing of the year that was asked for."""


def settled(catalogue: Catalogue, observations: Observations) -> Catalogue:
    """Return the catalogue of a year with each topic at the newest year, up to its own, that has figures.

    A topic has figures in a year when sources that are independent of the report give at least half as many of its
    cells of the last year as in the year that has most. One that has none at all stays where it is. Editions that are
    files stay as they are.
    """
    if runs.year_of(catalogue.run.edition) is None:
        return catalogue
    find = finder(catalogue, observations)
    earlier = {}
    for topic in catalogue.edition.years:
        if topic in catalogue.run.years:
            continue
        specs = list(_last(topic, catalogue))
        given = [sum(_has(spec, by, catalogue, find) for spec in specs) for by in range(_FURTHEST + 1)]
        most = max(given)
        by = next(by for by, number in enumerate(given) if 2 * number >= most)
        if by:
            earlier[topic] = by
    return catalogue.taken_earlier(earlier) if earlier else catalogue


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
    terms = terms_of(replace(spec, year=spec.year - by), catalogue.indicators)
    found = [find(term) for term in (*terms.numerator, *terms.denominator)]
    return bool(found) and all(isinstance(part, Value) and part.basis is Basis.SOURCE for part in found)
