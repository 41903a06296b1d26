"""What a reader is told of one compared object; who is higher or lower is said only where a claim bears it out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from groruddalen_stats.config.models import Text
from groruddalen_stats.numbers import display_number, round_half_up
from groruddalen_stats.report.words import Words
from groruddalen_stats.runs import BY_YEAR

_MOVED = {Word.HIGHER: "compare_rose", Word.LOWER: "compare_fell", Word.LEVEL: "compare_stayed"}


class Teller:
    """Says in the language of the sides what was compared.

    Attributes:
        areas: whether the sides are of different areas.
        names: what each side is called.
        run: how the sides are named on the command line.
    """

    def __init__(self, sides: Sequence[Side]) -> None:
        self.sides, self.areas, self.catalogue = sides, of_areas(sides), sides[0][0]
        self.words = Words(self.catalogue)
        self.language = self.words.language
        both = [(of.area.name[self.language], of.run.edition.removeprefix(BY_YEAR)) for of, _ in sides]
        years = not self.areas or len({year for _, year in both}) > 1
        self.run = " ".join(f"{of.run.edition}{f'+{of.run.area}' if of.run.area else ''}" for of, _ in sides)
        names = [" ".join([area] * self.areas + [year] * years) for area, year in both]
        self.names = names if len(set(names)) == len(names) else self.run.split()
        self._true = partial(bears_out, self.catalogue.claims)

    def text(self, texts: Iterable[Text]) -> str:
        """Return what a text of each side says, once where it is the same; all areas are named where it names its own."""
        names = self.words.listed(list(dict.fromkeys(of.area.name[self.language] for of, _ in self.sides)))
        said = []
        for (of, _), text in zip(self.sides, texts, strict=True):
            filled = text[self.language].replace("{area}", names)
            filled = filled.replace("{districts}", names) if self.areas else filled
            said.append(of.text(Text(nb=filled, en=filled)))
        return " · ".join(dict.fromkeys(said))

    def place(self, line: Line) -> str:
        """Return what a line is about: a region, or the compared areas."""
        labels = dict.fromkeys(place.label[self.language] for place, _ in line.items)
        return self.words("compare_areas") if line.place == OWN else " / ".join(labels)

    def measure(self, line: Line) -> str:
        """Return the column of a line, with the years of its sides."""
        ends = {FIRST: self.words("compare_first_year"), LAST: self.words("compare_last_year")}
        label = " → ".join(dict.fromkeys(measure.label[self.language] for _, measure in line.items))
        return _dated(ends.get(line.measure, label) if label == _years_of(line) else label, line)

    def statistic(self, line: Line) -> str:
        """Return what a line counts: its column without its year, or else its indicator."""
        label, spec = line.items[0][1].label[self.language], next(cell.spec for cell in line.cells if cell)
        indicator = self.catalogue.indicators.indicators[spec.indicator].label[self.language]
        return label.removesuffix(f"{spec.year}").rstrip(", ") or indicator

    def value(self, cell: Cell) -> str:
        """Return a number with its unit."""
        unit = self.catalogue.indicators.units[cell.unit]
        return shown(cell, self.catalogue.labels.words, self.language) + unit.sign[self.language]

    def change(self, step: Step, form: str = "unit") -> str:
        """Return a change with its sign and its unit, as a sentence has it or, in ``short``, a table."""
        rounded = round_half_up(step.value, 1)
        signed = ("+" if rounded > 0 else "") + display_number(rounded, 1, self.language)
        return self.words(f"compare_{form}_{step.unit}", change=signed)

    def said(self, name: str, lines: Sequence[Line]) -> list[str]:
        """Return what is said of one object: of all areas together, else of each side and the next."""
        every, last = range(len(self.sides)), len(self.sides) - 1
        spans = [every] if self.areas else [every[at : at + 2] for at in range(last)]
        return [" ".join(self._told(lines, span)) if lines or self.areas else self._rows(name, span) for span in spans]

    def _told(self, lines: Sequence[Line], span: range) -> Iterator[str]:
        """Yield what is said of some sides: of the area as a whole, what it is part of, or else the first row.

        Told is what is no count, which says how large a place is and no more, of the latest year, and most different.
        """
        at, last, area = span[0], span[-1], self.sides[span[0]][0].area
        rows = [OWN] if self.areas else [own_region(area), area.whole, *(line.place for line in lines)]
        found = [line for line in lines if not any(step.why for step in line.steps[at:last])]
        own = next(filter(None, ([line for line in found if line.place == row] for row in rows)), [])
        if not own:
            yield self._cannot([line for line in lines if line.place in rows], span)
            return

        def weight(line: Line) -> tuple[bool, int, float]:
            cells = [cell for cell in line.cells[at : last + 1] if cell]
            numbers = [cell.number for cell in cells]
            return line.steps[at].unit != "percent", cells[-1].spec.year, max(numbers) - min(numbers)

        main = max(own, key=weight)
        told = {line.place: line for line in (lines if self.areas else found) if line.measure == main.measure}
        yield from self._areas(main, told.get(WHOLE)) if self.areas else self._years(main, told, at)

    def _years(self, main: Line, told: Mapping[str, Line], at: int) -> Iterator[str]:
        """Yield how a number moved from one side to the next, beside those of the parts and of the whole."""
        words, catalogue = self.words, self.sides[at][0]
        area, (before, after) = catalogue.area, (cell for cell in main.cells[at : at + 2] if cell)
        notes = series_breaks(before, after, catalogue)
        yield from (catalogue.text(catalogue.labels.notes[note]) for note in notes)
        if notes:
            yield words("compare_as_they_stand")
        decimals = min(before.decimals, after.decimals)
        key = next(key for word, key in _MOVED.items() if self._true(word, after.number, [before.number], decimals))
        numbers = {"before": self.value(before), "after": self.value(after), "change": self.change(main.steps[at])}
        years = {"first": f"{before.spec.year}", "last": f"{after.spec.year}"}
        yield words(key, label=self.statistic(main), region=self.place(main), **numbers, **years)
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

    def _areas(self, main: Line, whole: Line | None) -> Iterator[str]:
        """Yield how areas as a whole stand to each other and to what they are part of."""
        words, cells = self.words, {name: cell for name, cell in zip(self.names, main.cells, strict=True) if cell}
        values, decimals = {name: cell.number for name, cell in cells.items()}, min(c.decimals for c in cells.values())
        told = words.listed([f"{name} {self.value(cell)}" for name, cell in cells.items()])
        yield words("compare_each", label=_dated(self.statistic(main), main), values=told)
        for name in values:
            if self._beyond(Word.HIGHER, name, values, decimals):
                yield words("compare_highest", region=name)
        # Of counts it would say that a part is smaller.
        if whole is not None and main.steps[0].unit != "percent" and {step.why for step in whole.steps} == {"same"}:
            limit = next(cell for cell in whole.cells if cell)
            above = [name for name in values if self._true(Word.HIGHER, values[name], [limit.number], decimals)]
            key = "compare_above" if above else "compare_none_above"
            yield words(key, region=self.place(whole), value=self.value(limit), names=words.listed(above))

    def _beyond(self, word: Word, name: str, values: Mapping[str, float], decimals: int) -> bool:
        """Return whether the number of one is higher or lower than that of every other."""
        return self._true(word, values[name], [value for other, value in values.items() if other != name], decimals)

    def _cannot(self, lines: Sequence[Line], span: range) -> str:
        """Return why nothing can be compared between some sides."""
        whys = dict.fromkeys(step.why for line in lines for step in line.steps[span[0] : span[-1]] if step.why)
        empty = [self.names[at] for at in span if not any(_known(line.cells[at]) for line in lines)]
        missing = self.words(
            "compare_cannot_missing" if empty else "compare_cannot_part", names=self.words.listed(empty)
        )
        said = [self.words(f"compare_sign_{why}") for why in whys if why != "missing"] or [missing]
        return self.words("compare_cannot", why=self.words.listed(said))

    def _rows(self, name: str, span: range) -> str:
        """Return which rows of a map only one of two sides has."""
        (first, before), (last, after) = (
            (self.names[of], {item.id: item.label[self.language] for item in layout(name, self.sides[of][0]).rows})
            for of in (span[0], span[-1])
        )
        said = [self.words("compare_rows", before=len(before), after=len(after), first=first, last=last)]
        for side, own, other in ((first, before, after), (last, after, before)):
            names = self.words.listed([label for key, label in own.items() if key not in other])
            said += [self.words("compare_only", side=side, names=names)] if names else []
        return " ".join(said)


def _known(cell: Cell | None) -> bool:
    return cell is not None and cell.known


def _dated(label: str, line: Line) -> str:
    years = _years_of(line)
    return label if years[-4:] in label else f"{label}, {years}"


def _years_of(line: Line) -> str:
    return " → ".join(dict.fromkeys(f"{cell.spec.year}" for cell in line.cells if cell))
