"""What a reader is told of one compared object; who is higher or lower is said only where a claim bears it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.appendix.text import shown
from groruddalen_stats.check.claims import bears_out
from groruddalen_stats.compare.lines import (
    FIRST,
    LAST,
    OWN,
    WHOLE,
    Line,
    Side,
    Step,
    of_areas,
    own_region,
    series_breaks,
)
from groruddalen_stats.config.claims import Word
from groruddalen_stats.numbers import display_number, round_half_up
from groruddalen_stats.report.words import Words
from groruddalen_stats.runs import BY_YEAR

_MOVED = {Word.HIGHER: "compare_rose", Word.LOWER: "compare_fell", Word.LEVEL: "compare_stayed"}


class Teller:
    """Says in the language of the sides what was compared.

    Attributes:
        areas: whether the sides are of different areas.
        names: what each side is called.
    """

    def __init__(self, sides: Sequence[Side]) -> None:
        self.sides, self.areas, self.catalogue = sides, of_areas(sides), sides[0][0]
        self.words = Words(self.catalogue)
        self.language = self.words.language
        both = [(of.area.name[self.language], of.run.edition.removeprefix(BY_YEAR)) for of, _ in sides]
        years = not self.areas or len({year for _, year in both}) > 1
        self.names = [" ".join([area] * self.areas + [year] * years) for area, year in both]
        self._true = partial(bears_out, self.catalogue.claims)

    def place(self, line: Line) -> str:
        """Return what a line is about: a region, or the compared areas."""
        labels = dict.fromkeys(place.label[self.language] for place, _ in line.items)
        return self.words("compare_areas") if line.place == OWN else " / ".join(labels)

    def measure(self, line: Line) -> str:
        """Return the column of a line, with the years of its sides."""
        ends = {FIRST: self.words("compare_first_year"), LAST: self.words("compare_last_year")}
        years = _years_of(line)
        label = " → ".join(dict.fromkeys(measure.label[self.language] for _, measure in line.items))
        if label == years:
            return ", ".join(filter(None, [ends.get(line.measure), years]))
        return label if years[-4:] in label else f"{label}, {years}"

    def statistic(self, line: Line) -> str:
        """Return what a line counts: its column, or its indicator where the column is a year."""
        label, spec = line.items[0][1].label, next(cell.spec for cell in line.cells if cell)
        named = self.catalogue.indicators.indicators[spec.indicator].label if label.nb.isdecimal() else label
        return named[self.language]

    def value(self, cell: Cell | None) -> str:
        """Return a number with its unit."""
        assert cell is not None
        unit = self.catalogue.indicators.units[cell.unit]
        return shown(cell, self.catalogue.labels.words, self.language) + unit.sign[self.language]

    def change(self, step: Step, form: str = "unit") -> str:
        """Return a change with its sign and its unit, as a sentence has it or, in ``short``, a table."""
        rounded = round_half_up(step.value, 1)
        signed = ("+" if rounded > 0 else "") + display_number(rounded, 1, self.language)
        return self.words(f"compare_{form}_{step.unit}", change=signed)

    def said(self, name: str, lines: Sequence[Line]) -> list[str]:
        """Return what is said of one object: of all areas together, else of each side and the next."""
        if self.areas:
            return [" ".join(self._areas(lines))]
        return [" ".join(self._years(name, lines, at)) for at in range(len(self.sides) - 1)]

    def _years(self, name: str, lines: Sequence[Line], at: int) -> Iterator[str]:
        """Yield how numbers moved from one side to the next.

        A time series is told by its last year; of other measures the one that moved most, by the area as a whole, what
        it is part of, or else the first row.
        """
        words, catalogue = self.words, self.sides[at][0]
        area, main_rows = catalogue.area, (own_region(catalogue), catalogue.area.whole)
        found = [line for line in lines if not line.steps[at].why]
        found = [line for line in found if line.measure == LAST] or found
        if not found:
            yield self._cannot(lines, at, at + 1) if lines else self._rows(name, at)
            return
        row = next((row for row in main_rows if any(line.place == row for line in found)), found[0].place)
        of_row = [line for line in found if line.place == row]
        alike = [line for line in of_row if line.steps[at].unit == of_row[0].steps[at].unit]
        main = max(alike, key=lambda line: abs(line.steps[at].value))
        before, after = main.cells[at : at + 2]
        assert before is not None
        assert after is not None
        notes = series_breaks(before, after, catalogue)
        yield from (catalogue.text(catalogue.labels.notes[note]) for note in notes)
        if notes:
            yield words("compare_as_they_stand")
        decimals = min(before.decimals, after.decimals)
        key = next(key for word, key in _MOVED.items() if self._true(word, after.number, [before.number], decimals))
        numbers = {"before": self.value(before), "after": self.value(after), "change": self.change(main.steps[at])}
        years = {"first": f"{before.spec.year}", "last": f"{after.spec.year}"}
        yield words(key, label=self.statistic(main), region=self.place(main), **numbers, **years)
        told = {line.place: line for line in found if line.measure == main.measure}
        # A break moves places differently, so that whose number moved most is not said across one.
        if not notes and len(area.parts) > 1 and told.keys() >= set(area.parts):
            values = {part: told[part].steps[at].value for part in area.parts}
            ends = (
                (Word.HIGHER, max(values, key=values.__getitem__)),
                (Word.LOWER, min(values, key=values.__getitem__)),
            )
            if all(self._beyond(word, part, values, 1) for word, part in ends):
                most, least = (f"{self.place(told[part])} ({self.change(told[part].steps[at])})" for _, part in ends)
                yield words("compare_most", districts=area.called[self.language], most=most, least=least)
        whole = told.get(area.whole, main)
        if whole is not main:
            yield words("compare_other", region=self.place(whole), change=self.change(whole.steps[at]))

    def _areas(self, lines: Sequence[Line]) -> Iterator[str]:
        """Yield how areas as a whole stand to each other and to what they are part of.

        Told is what is no count, which says how large they are and no more, of the latest year, and most different.
        """
        words, known = self.words, [line for line in lines if not any(step.why for step in line.steps)]
        own = [line for line in known if line.place == OWN]
        if not own:
            yield self._cannot([line for line in lines if line.place == OWN], 0, len(self.sides) - 1)
            return

        def weight(line: Line) -> tuple[bool, int, float]:
            cells = [cell for cell in line.cells if cell]
            numbers = [cell.number for cell in cells]
            return line.steps[0].unit != "percent", cells[0].spec.year, max(numbers) - min(numbers)

        main = max(own, key=weight)
        cells = {name: cell for name, cell in zip(self.names, main.cells, strict=True) if cell}
        values, decimals = {name: cell.number for name, cell in cells.items()}, next(iter(cells.values())).decimals
        told = words.listed([f"{name} {self.value(cell)}" for name, cell in cells.items()])
        yield words("compare_each", label=self.statistic(main), years=_years_of(main), values=told)
        for name in values:
            if self._beyond(Word.HIGHER, name, values, decimals):
                yield words("compare_highest", region=name)
        whole = next((line for line in known if (line.place, line.measure) == (WHOLE, main.measure)), main)
        limit = whole.cells[0]
        if (
            limit
            and whole is not main
            and main.steps[0].unit != "percent"
            and not any(step.value for step in whole.steps)
        ):
            above = [name for name in values if self._true(Word.HIGHER, values[name], [limit.number], decimals)]
            key = "compare_above" if above else "compare_none_above"
            yield words(key, region=self.place(whole), value=self.value(limit), names=words.listed(above))

    def _beyond(self, word: Word, name: str, values: Mapping[str, float], decimals: int) -> bool:
        """Return whether the number of one is higher or lower than that of every other."""
        return self._true(word, values[name], [value for other, value in values.items() if other != name], decimals)

    def _cannot(self, lines: Sequence[Line], first: int, last: int) -> str:
        """Return why nothing can be compared between two sides."""
        reasons = dict.fromkeys(
            step.why for line in lines for step in line.steps[first:last] if step.why not in {"", "missing"}
        )
        sides = enumerate(self.names[first : last + 1], start=first)
        empty = [
            name for at, name in sides if not any(cell and cell.known for cell in (line.cells[at] for line in lines))
        ]
        why = [self.words(f"compare_sign_{reason}") for reason in reasons] or [
            self.words("compare_cannot_missing" if empty else "compare_cannot_part", names=self.words.listed(empty))
        ]
        return self.words("compare_cannot", why=self.words.listed(why))

    def _rows(self, name: str, at: int) -> str:
        """Return which rows of a map only one of two sides has."""
        first, last = (
            {item.id: item.label[self.language] for item in layout(name, of).rows} for of, _ in self.sides[at : at + 2]
        )
        sides = {"first": self.names[at], "last": self.names[at + 1]}
        said = [self.words("compare_rows", before=len(first), after=len(last), **sides)]
        for side, own, other in ((sides["first"], first, last), (sides["last"], last, first)):
            only = [label for key, label in own.items() if key not in other]
            said += [self.words("compare_only", side=side, names=self.words.listed(only))] if only else []
        return " ".join(said)


def _years_of(line: Line) -> str:
    return " → ".join(dict.fromkeys(f"{cell.spec.year}" for cell in line.cells if cell))
