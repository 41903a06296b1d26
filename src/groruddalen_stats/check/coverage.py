"""What each printed number is held against, and which table would be the first for a number that has nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from groruddalen_stats.appendix.availability import serves
from groruddalen_stats.appendix.terms import Term
from groruddalen_stats.check import corroborate
from groruddalen_stats.check.compare import CHECKABLE, place_of
from groruddalen_stats.check.result import CheckResult
from groruddalen_stats.check.rules import AGAINST
from groruddalen_stats.config.models import Place

KINDS = ("source", "identity", "sum", "share", "other_table", "years", "prose")
"""What a number may be held against, the strongest first."""
NONE_KNOWN = "none_known"


@dataclass(frozen=True)
class Coverage:
    """What the printed numbers of a check are held against."""

    result: CheckResult

    @cached_property
    def against(self) -> dict[Place, tuple[str, ...]]:
        """Return the kinds of what each printed number is held against, whether it agrees or not."""
        result = self.result
        found: dict[Place, set[str]] = {place_of(check): set() for check in result.checks.to_dict("records")}
        kinds = {**AGAINST, corroborate.RULE: "identity"}
        tested = [(one.rule, one.cells) for one in result.held]
        tested += [(one.rule, (*one.cells, *one.others)) for one in result.answers]
        told = [(kinds[rule], cells) for rule, cells in tested if rule in kinds]
        told += [("prose", cells) for cells in result.read.values()]
        for kind, cells in told:
            for place in cells:
                found[place].add(kind)
        for check in result.checks[result.checks["result"].isin(CHECKABLE)].to_dict("records"):
            place = place_of(check)
            found[place].add("source" if check["basis"] == "source" else "share")
            for other in result.behind.printed(place):
                # What stands behind a number that the print has is held against that number.
                found.get(other, set()).add("share")
        return {place: tuple(kind for kind in KINDS if kind in of_place) for place, of_place in found.items()}

    def closes(self, place: Place) -> tuple[str, ...]:
        """Return the sources to fetch for what a number lacks, one of each, or that for some of it none is known.

        Nothing for a number that a source has already.
        """
        if "source" in self.against[place]:
            return ()
        found = tuple(dict.fromkeys(self._closes(place)))
        return found if found and NONE_KNOWN not in found else (NONE_KNOWN,)

    def _closes(self, place: Place) -> Iterator[str]:
        cell, known = self.result.tables.by_place[place], self.result.known
        terms = (*cell.numerator, *cell.denominator)
        lacking = [term for term in terms if known.value(term) is None]
        # Where an independent figure is not the same statistic, the statistic itself is what lacks.
        for term in lacking or terms:
            yield next(self._serving(term), NONE_KNOWN)

    def _serving(self, term: Term) -> Iterator[str]:
        catalogue = self.result.catalogue
        places = {term.region, *catalogue.regions.members(term.region)}
        for name in catalogue.indicators.series[term.series].sources:
            if serves(catalogue.sources.sources[name], places, term.years):
                yield name


def shown(coverage: Coverage) -> dict[str, Any]:
    """Return what the page shows of it: how many numbers of each table are held against what, and what would close gaps."""
    result = coverage.result
    every = (*KINDS, "nothing")
    rows, closes = [], []
    for name in result.tables.tables:
        of_table = {place: kinds for place, kinds in coverage.against.items() if place.object == name}
        counted = Counter(kind for kinds in of_table.values() for kind in kinds or ("nothing",))
        number = result.catalogue.appendix.objects[name].number
        rows.append({"object": name, "number": number, "printed": len(of_table), "counts": [counted[k] for k in every]})
        lacking = Counter(coverage.closes(place) for place, kinds in of_table.items() if not kinds)
        if lacking:
            parts = [{"label": _named(names, result), "count": count} for names, count in lacking.items()]
            closes.append({"number": number, "parts": parts})
    nothing = sum(not kinds for kinds in coverage.against.values())
    note = result.text("held_note", nothing=nothing, printed=len(coverage.against))
    kinds = [result.text(f"held_{kind}") for kind in every]
    return {"note": note, "kinds": kinds, "rows": rows, "closes": closes}


def _named(sources: tuple[str, ...], result: CheckResult) -> str:
    return ", ".join(
        result.text("held_none_known") if name == NONE_KNOWN else result.source_name(name) for name in sources
    )
