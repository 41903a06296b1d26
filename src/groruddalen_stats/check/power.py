"""How much the check sees: errors are planted one at a time, in the print and in the sources, and what it says is counted.

Everything goes through the functions of the check itself. What is left out is what would make it too easy: the
checksums of the raw files. Of the computed cells only those of objects that rest on what was changed are made anew,
which gives the same and takes a twentieth of the time.
"""

from __future__ import annotations

import math
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from groruddalen_stats.appendix.compute import Compute, Transcript
from groruddalen_stats.appendix.fill import of_print
from groruddalen_stats.appendix.model import Cell, Origin
from groruddalen_stats.appendix.text import origin_text
from groruddalen_stats.check import check_tables
from groruddalen_stats.check.claims import cells_read, evaluate, printed_lookup, unexpected
from groruddalen_stats.check.compare import named
from groruddalen_stats.check.identities import breaches, impossible
from groruddalen_stats.check.printed import KnownFigures, Print, PrintedCell, read_print
from groruddalen_stats.check.result import CheckResult
from groruddalen_stats.check.suspects import Behind, told
from groruddalen_stats.config.deviations import Ledger
from groruddalen_stats.config.identities import Identities, KeyColumn
from groruddalen_stats.config.models import Place
from groruddalen_stats.errors import Fault, StatsError
from groruddalen_stats.numbers import round_half_up

PRINT, SOURCES = "print", "sources"
SLIPS = ("digit", "swapped", "dropped", "doubled", "decimal")
"""Slips within one number."""
KINDS = (*SLIPS, "neighbours", "shifted_row", "other_year", "sign")
OF_EACH = 40
"""How many errors of each kind are planted in the sources; in the print it is one in every number."""

_CELL = re.compile(r"\b(?:tabell|figur)_\w+ \w+/\w+")
_RAW = re.compile(r"([\w/]+\.\w+)#([Lv\d,-]+)(:\w+)?")


@dataclass(frozen=True)
class Planted:
    """One error.

    Attributes:
        where: in the print or in the sources.
        kind: one of :data:`KINDS`.
        names: the numbers that it makes wrong, as messages name them.
        group: the object or the source that they are of.
        basis: what the printed number's rebuilt one rests on; empty for a source.
        print: the printed cells that change: number and decimals.
        figures: the raw figures that change.
    """

    where: str
    kind: str
    names: tuple[str, ...]
    group: str
    basis: str = ""
    print: Mapping[Place, tuple[float, int]] = field(default_factory=dict)
    figures: Mapping[Origin, float] = field(default_factory=dict)


class CheckAnswer(NamedTuple):
    """What the check says of one error.

    Attributes:
        seen: it fails.
        named: it names one of the numbers that are wrong.
        first: it names one of these before any other.
        innocent: how many printed cells it names that are not wrong.
    """

    planted: Planted
    seen: bool
    named: bool
    first: bool
    innocent: int


def slips(kind: str, number: str) -> list[str]:
    """Return every way to get a number wrong by one slip of a kind; each gives another value.

    Args:
        kind: one of :data:`SLIPS`.
        number: the number with a decimal point and without spaces.
    """
    spots = [at for at, sign in enumerate(number) if sign.isdigit()]
    if kind == "digit":
        found = [number[:at] + digit + number[at + 1 :] for at in spots for digit in "0123456789"]
    elif kind == "swapped":
        found = []
        for one, two in pairwise(spots):
            signs = list(number)
            signs[one], signs[two] = signs[two], signs[one]
            found.append("".join(signs))
    elif kind == "dropped":
        found = [(number[:at] + number[at + 1 :]).rstrip(".") for at in spots if len(spots) > 1]
    elif kind == "doubled":
        found = [number[:at] + number[at] + number[at:] for at in spots]
    else:
        digits, decimals = number.replace(".", ""), len(number.partition(".")[2])
        padded = digits.zfill(decimals + 2)
        found = [f"{padded[: -decimals - 1]}.{padded[-decimals - 1 :]}"]
        found.append(
            f"{digits[: -decimals + 1 or None]}.{digits[len(digits) - decimals + 1 :]}" if decimals else f"{number}0"
        )
    tidy = [text.rstrip(".") for text in found if text and text[0] != "."]
    # Nobody writes 05; but 0.5 is a number.
    written = [text for text in tidy if text == "0" or text[0] != "0" or text[1:2] == "."]
    return [text for text in dict.fromkeys(written) if float(text) != float(number)]


@dataclass(frozen=True)
class Experiment:
    """The project as it is, into which errors are planted.

    Attributes:
        compute: computes the cells of the print's edition.
        observations: all observations.
        published: the printed cells.
        ledger: what is known of the print.
        identities: what the figures must agree on.
    """

    compute: Compute
    observations: pd.DataFrame
    published: pd.DataFrame
    ledger: Ledger
    identities: Identities

    @cached_property
    def cells(self) -> list[Cell]:
        """The cells as they are."""
        return self.compute.cells()

    @cached_property
    def known(self) -> KnownFigures:
        """The figures as they are."""
        return KnownFigures(self.compute.catalogue, self.observations, self.compute.find)

    @cached_property
    def tables(self) -> Print:
        """The print as it is."""
        return read_print(self.published, self.compute.catalogue)

    @cached_property
    def _behind(self) -> Behind:
        return Behind({cell.place: cell for cell in self.cells}, self.published)

    @cached_property
    def _resting(self) -> Mapping[str, set[str]]:
        """The objects whose cells rest on each number."""
        found: dict[str, set[str]] = defaultdict(set)
        for cell in self.cells:
            for name in (named(cell.place), *self._behind(cell.place)):
                found[name].add(cell.place.object)
        return found

    @cached_property
    def _claims(self) -> Mapping[Place, set[str]]:
        """The claims that are weighed against each printed cell."""
        found: dict[Place, set[str]] = defaultdict(set)
        for name, places in cells_read(self.compute.catalogue.claims, printed_lookup(self.published)).items():
            for place in places:
                found[place].add(name)
        return found

    @cached_property
    def _lines(self) -> Mapping[Place, list[Origin]]:
        """The observations that each printed cell is, where it is one."""
        found: dict[Place, list[Origin]] = defaultdict(list)
        rows = self.observations[self.observations["snapshot"].str.startswith("published/tabell")]
        for origin in _origins(rows):
            found[self._behind.lines[origin.snapshot, origin.first]].append(origin)
        return found

    # ---- planting -----------------------------------------------------------------------------------------------

    def planted(self, seed: int, where: str, kind: str) -> Iterator[Planted]:
        """Yield the errors of a seed: one of a kind in every printed number, or some of it in the sources."""
        chosen = random.Random(f"{seed} {where} {kind}")  # noqa: S311 - nothing secret
        return self._in_print(kind, chosen) if where == PRINT else self._in_sources(kind, chosen)

    def _in_print(self, kind: str, chosen: random.Random) -> Iterator[Planted]:
        bases = {cell.place: f"{cell.basis}" for cell in self.cells}
        if kind == "shifted_row":
            rows = [cells for name in self.tables.tables for _, cells in self.tables.lines(name)]
            ways = [[self._moved(cells)] for cells in rows]
        elif kind == "sign":
            ways = [[{cell.place: (0.0, 0)}] for cell in self.tables.cells if cell.value is None]
        else:
            ways = [list(self._ways(kind, cell)) for cell in self.tables.numbers]
        for way in ways:
            different = [changes for changes in way if changes]
            if different:
                changes = chosen.choice(different)
                first = next(iter(changes))
                names = tuple(map(named, changes))
                yield Planted(PRINT, kind, names, first.object, bases.get(first, ""), print=changes)

    def _ways(self, kind: str, cell: PrintedCell) -> Iterator[dict[Place, tuple[float, int]]]:
        if kind in SLIPS:
            for text in slips(kind, f"{cell.number:.{cell.decimals}f}"):
                yield {cell.place: (float(text), len(text.partition(".")[2]))}
        elif kind == "neighbours":
            for other in self._beside(cell):
                if other.number != cell.number:
                    yield {
                        cell.place: (other.number, other.decimals),
                        other.place: (cell.number, cell.decimals),
                    }
        else:
            for years in (-1, 1):
                value = self._of_year(cell, years)
                if value is not None and not cell.gives(value):
                    yield {cell.place: (float(round_half_up(value, cell.decimals)), cell.decimals)}

    def _beside(self, cell: PrintedCell) -> Iterator[PrintedCell]:
        of_table = [other for other in self.tables.numbers if other.object == cell.object]
        row = [other for other in of_table if other.row == cell.row]
        for line in (row, [other for other in of_table if other.column == cell.column]):
            at = line.index(cell)
            yield from (line[near] for near in (at - 1, at + 1) if 0 <= near < len(line))

    def _moved(self, cells: Sequence[PrintedCell]) -> dict[Place, tuple[float, int]]:
        """Return a row with every number one column further, the last one first; nothing where that changes nothing."""
        pairs = zip(cells, [cells[-1], *cells[:-1]], strict=True)
        return {cell.place: (from_.number, from_.decimals) for cell, from_ in pairs if from_.number != cell.number}

    def _of_year(self, cell: PrintedCell, years: int) -> float | None:
        """Return the number that a cell would have in a year near its own: of its row, or of the sources."""
        row = self.tables.by_place.get(Place(cell.object, cell.row, f"{cell.year + years}"))
        if row is not None and cell.column == f"{cell.year}":
            return row.value
        top = self.known.total(term.of_year(term.year + years)._replace(mean=term.mean) for term in cell.numerator)
        if top is None or not cell.denominator:
            return top
        below = self.known.total(term.of_year(term.year + years)._replace(mean=term.mean) for term in cell.denominator)
        return top / below * cell.scale if below else None

    def _in_sources(self, kind: str, chosen: random.Random) -> Iterator[Planted]:
        rows = self.observations[self.observations["source"].isin(self.known.independent)]
        rows = rows[rows["value"].isna() == (kind == "sign")]
        resting = {origin for cell in self.cells if of_print(cell) for part in cell.parts for origin in part.origins}
        # A source with many figures must not be all that is tried.
        by_source: dict[str, list[int]] = defaultdict(list)
        for at, source, origin in zip(rows.index.tolist(), rows["source"], _origins(rows), strict=True):
            # A sign stands for no number, so that nothing rests on it.
            if kind == "sign" or origin in resting:
                by_source[source].append(at)
        sources = sorted(by_source)
        tried: set[int] = set()
        for turn in range(OF_EACH * 4):
            if len(tried) == OF_EACH or not sources:
                break
            at = chosen.choice(by_source[sources[turn % len(sources)]])
            ways = [way for way in self._source_ways(kind, at) if way]
            if at in tried or not ways:
                continue
            tried.add(at)
            figures = chosen.choice(ways)
            names = tuple(map(origin_text, figures))
            yield Planted(SOURCES, kind, names, str(self.observations["source"][at]), figures=figures)

    def _source_ways(self, kind: str, at: int) -> Iterator[dict[Origin, float]]:
        row: dict[Any, Any] = self.observations.loc[at].to_dict()
        (origin,) = _origins(self.observations.loc[[at]])
        if kind == "sign":
            yield {origin: 0.0}
        elif kind in SLIPS:
            yield from ({origin: float(text)} for text in slips(kind, f"{row['value']:.10g}"))
        elif kind == "neighbours":
            same = (self.observations["snapshot"] == row["snapshot"]) & (self.observations["column"] == row["column"])
            for near in (-1, 1):
                found = self.observations[same & (self.observations["first"] == row["first"] + near)]
                for other, value in zip(_origins(found), found["value"].tolist(), strict=True):
                    if not math.isnan(value) and value != row["value"]:
                        yield {origin: value, other: row["value"]}
        else:
            alike = ["snapshot", "column", "region", "series", "sex", "age", "background", "detail"]
            rows = self.observations[self.observations[alike].eq([row[key] for key in alike]).all(axis=1)]
            rows = rows.sort_values("period")
            values, origins = rows["value"].tolist(), list(_origins(rows))
            own = origins.index(origin)
            if kind == "other_year":
                for value in (values[beside] for beside in (own - 1, own + 1) if 0 <= beside < len(values)):
                    if value != values[own] and not math.isnan(value):
                        yield {origin: value}
            else:
                moved = zip(origins, values, [values[-1], *values[:-1]], strict=True)
                yield {one: new for one, old, new in moved if new != old and not math.isnan(new)}

    # ---- what the check says ------------------------------------------------------------------------------------

    def faults(self, planted: Planted) -> list[Fault]:
        """Return what the check says of the project with one error in it, in the order in which it is said."""
        printed, figures = planted.print, dict(planted.figures)
        published, tables, known, compute = self.published, self.tables, self.known, copy(self.compute)
        for place, (value, _) in printed.items():
            figures |= dict.fromkeys(self._lines.get(place, ()), value)
        compute.find = compute.find.asking(compute.find.among.changed(figures))
        if printed:
            published, tables, new = self._reprinted(printed)
            compute.published = {**compute.published, **new}
        if planted.figures:
            observations = self.observations.assign(value=self._values(planted.figures))
            touched = observations.loc[[at for origin in planted.figures for at in self._at[origin]]]
            known = known.changed(touched["series"], observations, compute.find)
        resting = (self._resting.get(name, set()) for name in (*map(named, printed), *map(origin_text, figures)))
        objects = set().union(*resting) if planted.kind != "sign" else set(compute.catalogue.appendix.objects)
        kept = [cell for cell in self.cells if cell.place.object not in objects]
        cells = [*kept, *(compute.cells(*objects) if objects else ())]
        try:
            result = check_tables(self.ledger, tables, known, published, cells)
            found = [*result.faults, *impossible(cells, compute.catalogue.run.edition)]
            if planted.figures:
                found += self._breaches(touched, known)
            claims, numbers = compute.catalogue.claims, printed_lookup(published)
            only = {name for place in printed for name in self._claims.get(place, ())}
            found += unexpected(claims, evaluate(claims, numbers, {}, only=only), numbers)
        except StatsError as error:
            return list(error.faults)
        return told(found, result)

    def _breaches(self, touched: pd.DataFrame, known: KnownFigures) -> Iterator[Fault]:
        """Yield what no longer agrees; only what the changed figures have a part in is asked again."""

        def has_part(side: Mapping[KeyColumn, str | list[str]]) -> bool:
            listed = ((key, words if isinstance(words, list) else [words]) for key, words in side.items())
            return bool(np.logical_and.reduce([touched[key].isin(words) for key, words in listed]).any())

        rules = {
            name: rule
            for name, rule in self.identities.identities.items()
            if has_part(rule.left) or has_part(rule.right)
        }
        observations = known.observations
        yield from breaches(Identities(identities=rules), observations, known.independent)
        same = np.logical_and.reduce([observations[key].isin(touched[key]) for key in ("source", "series", "region")])
        yield from breaches(Identities(jumps=self.identities.jumps), observations[same], known.independent)

    def _reprinted(
        self, printed: Mapping[Place, tuple[float, int]]
    ) -> tuple[pd.DataFrame, Print, dict[Place, Transcript]]:
        texts = {place: _written(self.tables.by_place[place].printed, *number) for place, number in printed.items()}
        tables = Print(
            tuple(
                replace(cell, printed=texts[cell.place], value=printed[cell.place][0], decimals=printed[cell.place][1])
                if cell.place in printed
                else cell
                for cell in self.tables.cells
            )
        )
        published = self.published.assign(
            printed=[cell.printed for cell in tables.cells],
            value=[math.nan if cell.value is None else cell.value for cell in tables.cells],
            decimals=[math.nan if cell.value is None else cell.decimals for cell in tables.cells],
        )
        return published, tables, {place: Transcript(texts[place], *number) for place, number in printed.items()}

    def _values(self, figures: Mapping[Origin, float]) -> list[float]:
        values = self.observations["value"].tolist()
        for origin, value in figures.items():
            for at in self._at[origin]:
                values[at] = value
        return values

    @cached_property
    def _at(self) -> Mapping[Origin, list[int]]:
        found: dict[Origin, list[int]] = defaultdict(list)
        for at, origin in enumerate(_origins(self.observations)):
            found[origin].append(at)
        return found

    def outcome(self, planted: Planted) -> CheckAnswer:
        """Return what the check says of one error, counted."""
        faults = self.faults(planted)
        text = "\n".join(map(str, faults))
        wrong, cells = set(planted.names), list(dict.fromkeys(_CELL.findall(text)))
        ordered = cells if planted.where == PRINT else list(_raw(text))
        named_first = bool(ordered) and ordered[0] in wrong
        return CheckAnswer(planted, bool(faults), not wrong.isdisjoint(ordered), named_first, len(set(cells) - wrong))


def _origins(rows: pd.DataFrame) -> Iterator[Origin]:
    return map(Origin, *(rows[name].tolist() for name in ("snapshot", "first", "last", "cells", "column")))


def _written(printed: str, value: float, decimals: int) -> str:
    """Return a printed text with another number in it; what stands around it is kept."""
    text = f"{round_half_up(value, decimals)}".replace(".", ",")
    return re.sub(r"^\d[\d ]*(?:, ?\d+)?", text, printed) if printed[:1].isdigit() else text


def _raw(text: str) -> Iterator[str]:
    """Yield the raw figures that a text names, ranges of lines one by one."""
    for path, listed, column in _RAW.findall(text):
        for run in listed.strip(",").split(","):
            first, *last = (int(number) for number in re.findall(r"\d+", run))
            for line in range(first, (last or [first])[0] + 1):
                yield f"{path}#{run[0]}{line}{column}"


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the interval that a share lies in with 95 per cent confidence (Wilson 1927); it is never outside 0 and 1."""
    if not of:
        return 0.0, 1.0
    z = 1.96
    middle = (hits + z * z / 2) / (of + z * z)
    half = z / (of + z * z) * math.sqrt(hits * (of - hits) / of + z * z / 4)
    return max(0.0, middle - half), min(1.0, middle + half)


def summary(outcomes: Sequence[CheckAnswer]) -> dict[str, Any]:
    """Return what came of all errors, ready for JSON: by kind, by object or source, by basis."""
    made: dict[str, Any] = {}
    for where in (PRINT, SOURCES):
        of_where = [one for one in outcomes if one.planted.where == where]
        made[where] = {
            "all": _counted(of_where),
            "kinds": _by(of_where, lambda one: one.planted.kind),
            "groups": _by(of_where, lambda one: one.planted.group),
        }
    in_print = [one for one in outcomes if one.planted.where == PRINT]
    made[PRINT]["bases"] = _by(in_print, lambda one: one.planted.basis)
    made[PRINT]["numbers"] = len({name for one in in_print for name in one.planted.names})
    return made


def _by(outcomes: Iterable[CheckAnswer], key: Callable[[CheckAnswer], str]) -> dict[str, Any]:
    groups: dict[str, list[CheckAnswer]] = defaultdict(list)
    for one in outcomes:
        groups[key(one)].append(one)
    return {name: _counted(of_group) for name, of_group in groups.items()}


def _counted(outcomes: Sequence[CheckAnswer]) -> dict[str, Any]:
    planted = len(outcomes)
    counted: dict[str, Any] = {"planted": planted}
    for name in ("seen", "named", "first"):
        hits = sum(getattr(one, name) for one in outcomes)
        counted[name] = hits
        counted[f"{name}_interval"] = [float(round_half_up(edge, 3)) for edge in wilson(hits, planted)]
    seen = [one for one in outcomes if one.seen]
    counted["innocent"] = float(round_half_up(sum(one.innocent for one in seen) / len(seen), 2)) if seen else 0.0
    return counted


def shown(recorded: Mapping[str, Any], result: CheckResult, *, stale: bool) -> dict[str, Any]:
    """Return what the page shows of a recorded result, in the language of a run.

    Args:
        recorded: the result with its ``seed``.
        result: the check that the page is of.
        stale: something that decides the result has changed since.
    """

    def row(label: str, counted: Mapping[str, Any]) -> dict[str, Any]:
        shares = []
        for name in ("seen", "named", "first"):
            low, high = (f"{edge * 100:.0f}" for edge in counted[f"{name}_interval"])
            shares.append({"percent": f"{counted[name] / counted['planted'] * 100:.0f}", "low": low, "high": high})
        innocent = result.number(counted["innocent"], 1)
        return {"label": label, "planted": counted["planted"], "shares": shares, "innocent": innocent}

    groups = []
    for where in (PRINT, SOURCES):
        kinds = [row(result.text(f"slip_{kind}"), counted) for kind, counted in recorded[where]["kinds"].items()]
        kinds.append(row(result.text("total"), recorded[where]["all"]))
        groups.append({"label": result.text(f"in_{where}"), "rows": kinds})

    def table(name: str) -> str:
        return f"{result.text('table')} {result.catalogue.appendix.objects[name].number}"

    for key, counts, called in (
        ("power_tables", recorded[PRINT]["groups"], table),
        ("power_bases", recorded[PRINT]["bases"], result.text),
        ("power_sources", recorded[SOURCES]["groups"], result.source_name),
    ):
        rows = [row(called(name), counted) for name, counted in counts.items()]
        groups.append({"label": result.text(key), "rows": rows})
    told = {where: recorded[where]["all"]["planted"] for where in (PRINT, SOURCES)}
    note = result.text("power_note", seed=recorded["seed"], inputs=recorded["inputs"][:12], **told)
    return {"note": note, "stale": stale, "groups": groups}
